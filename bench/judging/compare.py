"""Compares what was recomputed with what results/ says."""

import json
import math
import re
from pathlib import Path

import numpy as np
from scipy import stats

from . import multiply_adds, tests
from .studies import READINGS, Cell, Studies, Study
from .values import Value

# Figures in files are rounded to six decimals, p-values to six digits.
ABSOLUTE, RELATIVE = 2e-6, 2e-5


class Check:
    """Collects differences."""

    def __init__(self, root: Path):
        self.results = root / "results"
        self.said = json.loads((self.results / "judgements.json").read_text(encoding="utf-8"))
        self.differences: list[str] = []
        self.made = 0
        self.pytorch_sentence: str | None = None

    def same(self, what: str, said, found) -> None:
        self.made += 1
        if isinstance(found, float) and isinstance(said, (int, float)):
            equal = math.isclose(said, found, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
        else:
            equal = said == found
        if not equal:
            self.differences.append(f"{what}: the results say {said}, the journals {found}")

    def test(self, what: str, said: dict, test: tests.Test) -> None:
        self.same(f"{what}, difference", said["difference"], test.difference)
        self.same(f"{what}, standard error", said["standard_error"], test.standard_error)
        self.same(f"{what}, degrees of freedom", said["freedom"], float(test.freedom))
        self.same(f"{what}, p", said["p"], float(test.p))
        self.same(f"{what}, n", said["n"], list(test.n))
        self.same(f"{what}, paired", said["paired"], test.paired)
        for name, end, found in zip(("lower", "upper"), said["interval"], test.interval):
            self.same(f"{what}, {name} end of the interval", end, float(found))

    def aligned(self, what: str, said: list, found: list) -> list:
        self.same(f"number of {what}", len(said), len(found))
        return list(zip(said, found))

    def values(self, judged: dict[str, list[Value]]) -> None:
        for protocol, values in judged.items():
            said = [row for row in self.said["values"] if row["protocol"] == protocol]
            for row, value in self.aligned(f"values, {protocol}", said, values):
                self.value(protocol, row, value)

    def value(self, protocol: str, row: dict, value: Value) -> None:
        study, cell, figure = value.places[0]
        what = f"{study.name}/{cell.name} ({figure}, {value.published['mean']}), {protocol}"
        places = [{"study": of.name, "cell": at.name, "figure": where} for of, at, where in value.places]
        self.same(f"{what}, places", row["places"], places)
        self.same(f"{what}, published mean", row["published"]["mean"], value.published["mean"])
        self.same(f"{what}, n", row["n"], len(value.rounds))
        found = value.value if value.test else tests.mean(value.rounds)
        self.same(f"{what}, value", row["value"], found)
        self.same(f"{what}, standard deviation", row["deviation"], tests.standard_deviation(value.rounds))
        self.same(f"{what}, verdict", row["verdict"], value.verdict)
        self.same(f"{what}, corrected p", row["corrected_p"], float(value.corrected_p))
        self.same(f"{what}, is compared", row["test"] is not None, value.test is not None)
        if row["test"] and value.test:
            self.test(what, row["test"], value.test)
            self.same(f"{what}, p of equivalence", row["equivalence_p"], float(value.test.equivalence_p()))
        self.same(f"{what}, deviations are compared", row["deviations"] is not None, value.deviations is not None)
        if row["deviations"] and value.deviations:
            for key, found in value.deviations.items():
                self.same(f"{what}, deviations, {key}", row["deviations"][key], found)

    def pytorch(self, values: list[Value]) -> None:
        """The third column, and the sentence about it."""
        said = [row for row in self.said["values"] if row["protocol"] == "fixed"]
        for row, value in zip(said, values):
            study, cell, _ = value.places[0]
            what = f"{study.name}/{cell.name} ({value.published['mean']}), in PyTorch"
            self.same(f"{what}, is trained", "pytorch" in row, value.pytorch is not None)
            if "pytorch" in row and value.pytorch:
                self.same(f"{what}, n", row["pytorch"]["n"], len(value.pytorch.rounds))
                self.same(f"{what}, mean", row["pytorch"]["mean"], tests.mean(value.pytorch.rounds))
                self.same(f"{what}, deviation", row["pytorch"]["deviation"], tests.standard_deviation(value.pytorch.rounds))
                self.test(f"{what}, against ours", row["pytorch"]["ours"], value.pytorch.ours)
                self.test(f"{what}, against published", row["pytorch"]["published"], value.pytorch.published)
        recipes = {}
        for value in values:
            if value.pytorch:
                recipes.setdefault(value.pytorch.of, value.pytorch.ours)
        both = list(recipes.values())
        if both:
            differing = sum(p < tests.LEVEL for p in tests.holm([test.p for test in both]))
            largest = max(abs(test.difference) for test in both)
            self.pytorch_sentence = (
                f"of {len(both)} trained in both, {differing or 'none'} differ after Holm's correction; the means lie at most "
                f"{largest:.2f} points apart."
            )

    def explanations(self, found: list) -> None:
        for row, explanation in self.aligned("explanations", self.said["explanations"], found):
            study, cell, _ = explanation.of.places[0]
            what = f"{study.name}/{cell.name} by {'/'.join(explanation.by)}, {explanation.protocol}"
            self.same(f"{what}, of", [row["of"]["study"], row["of"]["cell"]], [study.name, cell.name])
            self.same(f"{what}, by", row["by"], list(explanation.by))
            self.same(f"{what}, protocol", row["protocol"], explanation.protocol)
            self.same(f"{what}, difference", row["difference"], explanation.test.difference)
            self.same(f"{what}, standard error", row["standard_error"], explanation.test.standard_error)
            self.same(f"{what}, p", row["p"], float(explanation.test.p))
            self.same(f"{what}, times better", row["log_times_better"], explanation.log_times_better)
            self.same(f"{what}, explains", row["explains"], explanation.explains)

    def claims(self, found: list) -> None:
        for row, claim in self.aligned("claims", self.said["claims"], found):
            what = f"{claim.declared['id']}, {claim.protocol}"
            self.same(f"{what}, id", row["id"], claim.declared["id"])
            self.same(f"{what}, protocol", row["protocol"], claim.protocol)
            self.same(f"{what}, kind", row["kind"], claim.kind)
            self.same(f"{what}, repeats", row["repeats"], claim.declared.get("repeats"))
            self.same(f"{what}, verdict", row["verdict"], claim.verdict)
            for said, comparison in self.aligned(f"comparisons of {what}", row["comparisons"], claim.comparisons):
                self.test(what, said, comparison.test)
                self.same(f"{what}, corrected p", said["corrected_p"], float(comparison.corrected_p))
                self.same(f"{what}, family", said["family"], comparison.family)
                for mean, recomputed in zip(said["means"], comparison.means):
                    self.same(f"{what}, mean", mean, recomputed)

    def counts(self, values: list[Value], claims: list) -> None:
        verdicts = [value.verdict for value in values]
        spreads = [value.deviations for value in values if value.deviations]
        distinct = [c for c in claims if c.kind == "claim" and "repeats" not in c.declared and c.protocol != "redrawn"]
        counts = {
            "values": len(values),
            **{word.replace(" ", "_"): verdicts.count(word)
               for word in ("equivalent", "different", "inconclusive", "not judged")},
            "claims": len(distinct),
            "deviations": len(spreads),
            "deviations_that_differ": sum(spread["p"] < tests.LEVEL for spread in spreads),
            "deviations_that_differ_corrected": sum(spread["corrected_p"] < tests.LEVEL for spread in spreads),
        }
        for name, count in counts.items():
            self.same(f"count of {name}", self.said["counts"][name], count)
        self.sentences = [
            f"Of {counts['values']} distinct published values, ours is equivalent to {counts['equivalent']}, ",
            f"It differs from {counts['different'] or 'none'}",
            f"For {counts['inconclusive']} the rounds show neither; {counts['not_judged']} cannot be judged.",
            claims_sentence(distinct),
            *first_lines(counts, distinct),
            *digits_sentences(claims),
            f"Of {counts['deviations']} published standard deviations, {counts['deviations_that_differ']} differ from ours by "
            f"an F-test, {counts['deviations_that_differ_corrected']} after Holm's correction",
        ]
        published = [value.published["standard_deviation"] for value in values if value.published.get("standard_deviation")]
        if published:
            spread = float(np.median(published))
            reach = (stats.t.ppf(0.975, 18) + stats.t.ppf(0.8, 18)) * spread * math.sqrt(0.2)
            self.same("power, difference", self.said["power"]["difference"], float(reach))

    def summaries(self, studies: Studies, judged: dict[str, list[Value]]) -> None:
        """The rows of every summary.json that are of the study's own journal."""
        verdicts = {}
        for protocol, values in judged.items():
            for value in values:
                for study, cell, _ in value.places:
                    if cell.published and cell.published["mean"] == value.published["mean"]:
                        verdicts[study.name, cell.name, protocol] = value.verdict
        for study in studies.trained():
            said = json.loads((self.results / study.name / "summary.json").read_text(encoding="utf-8"))
            rows = {(row["cell"], row["protocol"], row["what"]): row for row in said if row.get("study") == study.name}
            found = 0
            for cell in study.cells:
                for protocol in cell.protocols:
                    for reading in READINGS:
                        values = list(cell.sample(protocol, reading).values())
                        if values:
                            found += 1
                            self.summary_row(rows, study, cell, protocol, reading, values, verdicts)
                    if study.declared["kind"] == "front" and cell.trials.get(protocol):
                        found += self.costs(rows, cell, protocol)
            quoted = {entry["what"] for entry in study.declared.get("quoted", [])}
            own = [row for row in said if row.get("what") not in quoted]
            self.same(f"rows of {study.name}/summary.json", len(own), found)

    def costs(self, rows, cell: Cell, protocol: str) -> int:
        """The rows of what a front's network costs; the bytes of its file are only looked for. Gives their number."""
        seconds = [trial["seconds"] for trial in cell.trials[protocol].values()]
        found = {
            "multiply-adds for an image": multiply_adds.of_an_image(cell.configs[protocol]) / 1e6,
            "training and judging on one core": tests.mean(seconds),
            "model file, weights in 8 bits": None,
        }
        for what, value in found.items():
            row = rows.get((cell.name, protocol, what))
            what = f"{cell.study}/{cell.name}, {protocol}, {what}"
            self.same(f"{what} is in summary.json", row is not None, True)
            if row is not None and value is not None:
                self.same(what, row["value"], value)
        return len(found)

    def summary_row(self, rows, study: Study, cell: Cell, protocol, reading, values, verdicts) -> None:
        title = study.title(reading)
        what = f"{cell.study}/{cell.name}, {protocol}, {title}"
        row = rows.get((cell.name, protocol, title))
        self.same(f"{what} is in summary.json", row is not None, True)
        if row is None:
            return
        self.same(f"{what}, mean", row["value"], tests.mean(values))
        self.same(f"{what}, standard deviation", row["deviation"], tests.standard_deviation(values))
        self.same(f"{what}, n", row["n"], len(values))
        for end, found in zip(row["interval"], tests.interval(values)):
            self.same(f"{what}, interval", end, float(found))
        if reading != cell.reading or not cell.published:
            return
        against = tests.against_published(cell.published, "mean", values, protocol)
        if against:
            self.same(f"{what}, difference", row["difference"], against[0].difference)
            self.same(f"{what}, standard error", row["standard_error"], against[0].standard_error)
        self.same(f"{what}, verdict", row["verdict"], verdicts.get((cell.study, cell.name, protocol)))

    def pages(self, studies: Studies, values: list[Value]) -> None:
        """The sentences that count, and the row of every value and cell, on the pages themselves."""
        overview = (self.results / "README.md").read_text(encoding="utf-8")
        html = (self.results / "index.html").read_text(encoding="utf-8")
        pytorch = [self.pytorch_sentence] if self.pytorch_sentence else []
        for sentence in self.sentences + pytorch + architecture_sentences(values):
            self.same(f"results/README.md says \"{sentence}\"", sentence in overview, True)
            self.same(f"results/index.html says \"{sentence}\"", sentence in html, True)
        for value in values:
            if value.test:
                figures = (
                    value.value,
                    tests.standard_deviation(value.rounds),
                    value.test.difference,
                    value.test.standard_error,
                )
                ours, spread, difference, error = map(printed, figures)
                row = rf"{ours} \({spread}\) \| {len(value.rounds)} \| \+?{difference} ± {error} \| . {value.verdict} \|"
                self.same(f"results/README.md shows {row}", re.search(row, overview) is not None, True)
        for study in studies.trained():
            page = (self.results / study.name / "README.md").read_text(encoding="utf-8")
            for cell in study.cells:
                for protocol in cell.protocols:
                    values = list(cell.sample(protocol).values())
                    if not values or f"## Protocol {protocol}" not in page:
                        continue
                    if study.declared["kind"] == "front":
                        mean = printed(tests.mean(values), 3)
                        row = rf"\| `{re.escape(cell.name)}` \| .* \| {mean} \|"
                        self.same(f"{study.name}/README.md shows {row}", re.search(row, page) is not None, True)
                    else:
                        figures = (tests.mean(values), tests.standard_deviation(values), *tests.interval(values))
                        ours, spread, low, high = map(printed, figures)
                        row = rf"{ours} \({spread}\) \| {len(values)} \| {low} to {high} \|"
                        self.same(f"{study.name}/README.md shows {row}", re.search(row, page) is not None, True)


def architecture_sentences(values: list[Value]) -> list[str]:
    """How published and our means of the architectures go together."""
    series: dict[str, list] = {}
    for value in values:
        study, cell, _ = value.places[0]
        if study.name == "a1-search" and value.test:
            series.setdefault(cell.series, []).append((value.published["mean"], value.value, cell.label))
    found = []
    for name, points in series.items():
        published, ours, _ = zip(*points)
        correlation = np.corrcoef(published, ours)[0, 1]
        _, of_best, best = max(points, key=lambda point: point[0])
        rank = 1 + sum(mean > of_best for mean in ours)
        found.append(
            f"{name}: {len(points)} networks, correlation {correlation:.2f}; the report's best, {best}, is number {rank} by our "
            "means."
        )
    return found


def claims_sentence(distinct: list) -> str:
    words = [claim.verdict for claim in distinct]
    reproduced, noise, not_reproduced, untestable = (
        words.count(word) for word in ("reproduced", "within noise", "not reproduced", "untestable")
    )
    return (
        f"Of {len(words)} distinct claims of both reports, {reproduced} are reproduced, {noise} lie within noise, "
        f"{not_reproduced} are not reproduced, {untestable} cannot be tested."
    )


def first_lines(counts: dict[str, int], distinct: list) -> list[str]:
    """What the page opens with, of values and of claims."""
    differ = {0: "none differs beyond chance", 1: "1 differs"}.get(counts["different"], f"{counts['different']} differ")
    reproduced, refuted = ([claim.verdict for claim in distinct].count(word) for word in ("reproduced", "not reproduced"))
    return [
        f" of {counts['values']} published, {counts['equivalent']} are equivalent to ours within 1 point, {differ}; ",
        f" of {len(distinct)}, {reproduced} are reproduced and {refuted} are not; ",
    ]


def digits_sentences(claims: list) -> list[str]:
    """How much better report A's best network reads digits than it compares them."""
    answers = [claim for claim in claims if claim.declared["id"] == "headline-digits" and claim.protocol == "fixed"]
    found = []
    for comparison in (comparison for claim in answers for comparison in claim.comparisons[:1]):
        digits, learned = comparison.means
        low, high = comparison.test.interval
        found += [
            f"right on {digits:.1f} % of pairs, its learned comparison on {learned:.1f} %.",
            f"right on {digits:.2f} %, its learned comparison on {learned:.2f} %: {digits - learned:.2f} points fewer (95 % interval "
            f"{low:.2f} to {high:.2f}).",
        ]
    return found


def printed(value: float, decimals: int = 2) -> str:
    """A pattern of the figure with so many decimals: of either, where it lies between two up to the last bits."""
    ways = {f"{value + shift:.{decimals}f}".replace("-0.00", "0.00") for shift in (-1e-9, 1e-9)}
    return "(" + "|".join(sorted(re.escape(way) for way in ways)) + ")"

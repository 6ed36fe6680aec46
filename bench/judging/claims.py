"""Claims and questions, judged."""

import math
from dataclasses import dataclass, field

from . import parameters, selection, tests
from .studies import Cell, Studies, Study

WORDS = {
    "claim": {1: "reproduced", -1: "not reproduced", 0: "within noise"},
    "question": {1: "yes", -1: "no, the opposite", 0: "within noise"},
}
WORDS["variant"] = WORDS["claim"]


@dataclass
class Sample:
    """Accuracies of a cell by one reading under one protocol."""

    study: Study
    cell: Cell
    reading: str
    protocol: str
    by_seed: dict[int, float]

    @property
    def values(self) -> list[float]:
        return list(self.by_seed.values())

    def minus(self, other: "Sample") -> tests.Test:
        """Paired where rounds share their data (redrawn) or their network (two readings of one cell)."""
        if self.cell is other.cell or self.protocol == "redrawn":
            shared = [seed for seed in self.by_seed if seed in other.by_seed]
            if len(shared) >= 2:
                pairs = [[sample.by_seed[seed] for seed in shared] for sample in (self, other)]
                return tests.paired(*pairs)
        return tests.welch(self.values, other.values)


@dataclass
class Comparison:
    """One comparison of a claim."""

    means: tuple[float, float]
    test: tests.Test
    corrected_p: float = math.nan
    family: int = 1


@dataclass
class Claim:
    """A claim under one protocol."""

    study: Study
    declared: dict
    protocol: str | None
    comparisons: list[Comparison] = field(default_factory=list)
    verdict: str = ""

    @property
    def kind(self) -> str:
        return self.declared.get("kind", "claim")


def judged(studies: Studies, study: Study) -> list[Claim]:
    found = []
    for declared in study.declared.get("claims", []):
        for protocol in protocols(studies, study, declared):
            claim = Claim(study, declared, protocol)
            claim.comparisons = comparisons(studies, claim)
            found.append(claim)
    correct(found)
    for claim in found:
        claim.verdict = word(claim, verdict(studies, claim))
    return found


def word(claim: Claim, sign: int | None) -> str:
    """A goal has no opposite: what is surely below it is less."""
    if sign is None:
        return "untestable"
    if (claim.kind, sign) == ("question", -1) and only(claim.declared["test"])[0] == "reaches":
        return "no, less"
    return WORDS[claim.kind][sign]


def only(test: dict) -> tuple[str, object]:
    """A test has one key."""
    [(kind, body)] = test.items()
    return kind, body


def cells(test: dict) -> list[str]:
    kind, body = only(test)
    if kind == "best":
        return [body["cell"], *body.get("among", [])]
    if kind in ("better", "not_better"):
        return [body["cell"], body["than"]]
    return [body["cell"]] if kind == "reaches" else []


def series(test: dict) -> list[str]:
    kind, body = only(test)
    if kind in ("first_over_second", "chosen_by_validation"):
        return [body]
    if kind == "winners_curse":
        return [name for name in (body["series"], body.get("fresh")) if name]
    return []


def protocols(studies: Studies, study: Study, declared: dict) -> list[str | None]:
    test = declared["test"]
    if "untestable" in test or "fewer_parameters" in test:
        return [None]
    if "protocol" in declared:
        return [declared["protocol"]]
    named = [studies.resolve(study, reference)[1] for reference in cells(test)]
    named += [cell for name in series(test) for cell in study.series(name)]
    return [protocol for protocol in ("fixed", "redrawn") if all(protocol in cell.protocols for cell in named)]


def sample(studies: Studies, claim: Claim, reference: str) -> Sample:
    study, cell, reading = studies.resolve(claim.study, reference)
    return Sample(study, cell, reading, claim.protocol, cell.sample(claim.protocol, reading))


def series_samples(claim: Claim, name: str) -> list[Sample]:
    """Best mean first; of means that agree in six decimals, the one declared first."""
    found = [
        Sample(claim.study, cell, cell.reading, claim.protocol, cell.sample(claim.protocol))
        for cell in claim.study.series(name)
        if claim.protocol in cell.protocols
    ]
    return sorted(found, key=lambda sample: -round(1e6 * tests.mean(sample.values)))


def comparisons(studies: Studies, claim: Claim) -> list[Comparison]:
    kind, body = only(claim.declared["test"])
    if kind == "best":
        best = sample(studies, claim, body["cell"])
        if body.get("among"):
            others = [sample(studies, claim, reference) for reference in body["among"]]
        else:
            others = [other for other in series_samples(claim, best.cell.series) if other.cell is not best.cell]
        return [compared(best, other) for other in others]
    if kind in ("better", "not_better"):
        return [compared(sample(studies, claim, body["cell"]), sample(studies, claim, body["than"]))]
    if kind == "first_over_second":
        first, second, *_ = series_samples(claim, body)
        return [compared(first, second)]
    return []


def compared(first: Sample, second: Sample) -> Comparison:
    test = first.minus(second)
    return Comparison((tests.mean(first.values), tests.mean(second.values)), test, test.p)


def correct(claims: list[Claim]) -> None:
    """Holm's correction inside a family under one protocol."""
    families: dict[tuple, list[Comparison]] = {}
    for claim in claims:
        family = claim.declared.get("family", claim.declared["id"])
        families.setdefault((family, claim.protocol), []).extend(claim.comparisons)
    for family in families.values():
        together(family)


def together(family: list[Comparison]) -> None:
    for comparison, p in zip(family, tests.holm([comparison.test.p for comparison in family])):
        comparison.corrected_p, comparison.family = p, len(family)


def sign(comparison: Comparison) -> int:
    if comparison.corrected_p >= tests.LEVEL:
        return 0
    return 1 if comparison.test.difference > 0 else -1


def verdict(studies: Studies, claim: Claim) -> int | None:
    """1 if the claim holds, -1 if its opposite does, 0 if neither is shown, None if it cannot be tested."""
    kind, body = only(claim.declared["test"])
    if kind == "untestable":
        return None
    if kind == "fewer_parameters":
        cells = (studies.resolve(claim.study, body[name])[1] for name in ("cell", "than"))
        ours, theirs = (parameters.count(cell.training(cell.protocols[0])) for cell in cells)
        return 1 if ours < theirs else -1
    if kind == "reaches":
        low, high = tests.interval(sample(studies, claim, body["cell"]).values)
        return 1 if low >= body["percent"] else -1 if high < body["percent"] else 0
    if kind in ("winners_curse", "chosen_by_validation"):
        claim.comparisons = selected(claim, kind, body)
        together(claim.comparisons)
        shown = {sign(comparison) for comparison in claim.comparisons} - {0}
        return shown.pop() if len(shown) == 1 else 0
    signs = [sign(comparison) for comparison in claim.comparisons]
    if kind == "best":
        return 1 if all(sign == 1 for sign in signs) else -1 if -1 in signs else 0
    if kind == "not_better":
        within = claim.comparisons[0].test.interval[1] < body.get("margin", 1.0)
        return -signs[0] if signs[0] else 1 if within else 0
    if kind == "better" and "by" in body:
        return sized(studies, claim, body)
    return signs[0]


def sized(studies: Studies, claim: Claim, body: dict) -> int:
    """A published size of a difference: ours must lie within two standard errors of it, and be a difference."""
    test = claim.comparisons[0].test
    theirs = test.standard_error * math.sqrt(test.n[0])
    if claim.protocol == "fixed":
        theirs = published_error(studies, claim, body) or test.standard_error
    if abs(test.difference - body["by"]) > 2 * math.hypot(test.standard_error, theirs):
        return -1
    return 1 if sign(claim.comparisons[0]) == math.copysign(1, body["by"]) else 0


def published_error(studies: Studies, claim: Claim, body: dict) -> float | None:
    variance = 0.0
    for reference in (body["cell"], body["than"]):
        published = studies.resolve(claim.study, reference)[1].published
        if not published or published.get("standard_deviation") is None:
            return None
        variance += published["standard_deviation"] ** 2 / (published.get("rounds") or 10)
    return math.sqrt(variance)


def selected(claim: Claim, kind: str, body) -> list[Comparison]:
    """What choosing the best of a series does to it."""
    if kind == "chosen_by_validation":
        samples = series_samples(claim, body)
        outcome = [sample.by_seed for sample in samples]
        criterion = [sample.cell.validation(claim.protocol) for sample in samples]
        by_test, by_validation = selection.halves(outcome, outcome), selection.halves(criterion, outcome)
        test = tests.paired(by_test.by_round, by_validation.by_round)
        return [Comparison((by_test.honest, by_validation.honest), test, test.p)]
    samples = series_samples(claim, body["series"])
    outcome = [sample.by_seed for sample in samples]
    halves = selection.halves(outcome, outcome)
    found = [Comparison((halves.apparent, halves.honest), halves.optimism, halves.optimism.p)]
    if "fresh" in body:
        again = next(s for s in series_samples(claim, body["fresh"]) if s.cell.label == samples[0].cell.label)
        found.insert(0, compared(samples[0], again))
    return found

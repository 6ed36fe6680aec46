"""Every distinct published value, judged."""

from dataclasses import dataclass, field

from . import tests
from .studies import Cell, Studies, Study


@dataclass
class Value:
    """A published value with all our rounds of its training."""

    report: str
    published: dict
    statistic: str
    reading: str
    training: str
    places: list[tuple[Study, Cell, str]]
    rounds: list[float]
    test: tests.Test | None = None
    value: float | None = None
    corrected_p: float = 1.0
    verdict: str = "not judged"
    deviations: dict | None = field(default=None)
    pytorch: object | None = None


def judged(studies: Studies, protocol: str) -> list[Value]:
    """In page order, with verdicts."""
    values: dict[tuple, Value] = {}
    for study, cell, reading, published, statistic, figure in printed(studies):
        if protocol not in cell.configs:
            continue
        report = study.declared["report"]
        key = (report, published["mean"], statistic, reading, cell.training(protocol))
        if key not in values:
            rounds = studies.rounds(key[-1], protocol, reading)
            values[key] = Value(report, published, statistic, reading, key[-1], [], rounds)
        values[key].places.append((study, cell, figure))
    values = list(values.values())
    for value in values:
        compare(value, protocol)
    correct(values)
    return values


def printed(studies: Studies):
    """Every published value of every trained study. Other readings of a value are no values of their own."""
    for study in studies.trained():
        figure = study.declared.get("figure", "")
        for cell in study.cells:
            if cell.published and not study.is_other_reading(cell):
                yield study, cell, cell.reading, cell.published, "mean", figure
        for further in study.declared.get("also_published", []):
            of, cell, reading = studies.resolve(study, further["cell"])
            published = {"mean": further["value"], **further}
            yield of, cell, reading, published, further.get("statistic", "mean"), further["place"]


def compare(value: Value, protocol: str) -> None:
    found = tests.against_published(value.published, value.statistic, value.rounds, protocol)
    if found is None:
        return
    value.test, value.value = found
    published = value.published.get("standard_deviation")
    if protocol == "fixed" and published is not None:
        ours, n, rounds = tests.standard_deviation(value.rounds), len(value.rounds), value.published.get("rounds") or 10
        p = tests.same_variance_p(ours, n, published, rounds)
        value.deviations = {"ours": ours, "published": published, "n": [n, rounds], "p": p}


def correct(values: list[Value]) -> None:
    """Holm's correction over all values, and over all standard deviations; then verdicts."""
    compared = [value for value in values if value.test]
    for value, p in zip(compared, tests.holm([value.test.p for value in compared])):
        value.corrected_p = p
        if p < tests.LEVEL:
            value.verdict = "different"
        elif value.test.equivalence_p() < tests.LEVEL:
            value.verdict = "equivalent"
        else:
            value.verdict = "inconclusive"
    spreads = [value.deviations for value in values if value.deviations]
    for spread, p in zip(spreads, tests.holm([spread["p"] for spread in spreads])):
        spread["corrected_p"] = p

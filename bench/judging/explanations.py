"""Other readings of published values that ours are not equivalent to."""

import math
from dataclasses import dataclass

from . import tests
from .studies import Studies
from .values import Value

# An explanation must predict the published value so many times better than the first reading.
TIMES_BETTER = 3.0


@dataclass
class Explanation:
    """Another reading of a value."""

    of: Value
    by: tuple[str, str]
    protocol: str
    test: tests.Test
    log_times_better: float
    explains: bool


def tested(studies: Studies, values: list[Value]) -> list[Explanation]:
    found = []
    for value in values:
        if value.test is None or value.verdict == "equivalent":
            continue
        known = set()
        for study, cell, _ in value.places:
            for explanation in study.declared.get("explanations", []):
                of, by, _ = studies.resolve(study, explanation["by"])
                if explanation["of"] == cell.name and "fixed" in by.configs and by.training("fixed") not in known:
                    known.add(by.training("fixed"))
                    found.append(compared(studies, value, of.name, by, "fixed"))
        study, cell, _ = value.places[0]
        if "redrawn" in cell.protocols:
            found.append(compared(studies, value, study.name, cell, "redrawn"))
    return [explanation for explanation in found if explanation]


def compared(studies: Studies, value: Value, study: str, cell, protocol: str) -> Explanation | None:
    if protocol not in cell.configs:
        return None
    rounds = studies.rounds(cell.training(protocol), protocol, cell.reading)
    against = tests.against_published(value.published, value.statistic, rounds, protocol)
    if against is None:
        return None
    test, _ = against
    ratio = log_density(test) - log_density(value.test)
    explains = ratio >= math.log(TIMES_BETTER) and test.p >= tests.LEVEL
    return Explanation(value, (study, cell.name), protocol, test, ratio, explains)


def log_density(test: tests.Test) -> float:
    """Of the published value, up to a constant, as normal with the error of the difference."""
    return -0.5 * (test.difference / test.standard_error) ** 2 - math.log(test.standard_error)

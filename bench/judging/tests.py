"""Student's and Fisher's tests on samples and on published summaries."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.05
MARGIN = 1.0


@dataclass
class Test:
    """A difference of two means and its t-test."""

    difference: float
    standard_error: float
    freedom: float
    n: tuple[int, int]
    paired: bool

    @property
    def p(self) -> float:
        if self.standard_error == 0.0:
            return 1.0 if self.difference == 0.0 else 0.0
        return 2.0 * stats.t.sf(abs(self.difference) / self.standard_error, self.freedom)

    @property
    def interval(self) -> tuple[float, float]:
        if self.standard_error == 0.0:
            return self.difference, self.difference
        return stats.t.interval(0.95, self.freedom, self.difference, self.standard_error)

    def equivalence_p(self, margin: float = MARGIN) -> float:
        """Two one-sided tests: the larger p-value."""
        below = stats.t.cdf((self.difference - margin) / self.standard_error, self.freedom)
        above = stats.t.sf((self.difference + margin) / self.standard_error, self.freedom)
        return max(below, above)


def mean(values) -> float:
    return float(np.mean(values))


def standard_deviation(values) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def interval(values) -> tuple[float, float]:
    """95 % interval of the mean."""
    if len(values) < 2 or standard_deviation(values) == 0.0:
        return mean(values), mean(values)
    return stats.t.interval(0.95, len(values) - 1, mean(values), stats.sem(values))


def welch(first, second) -> Test:
    u, v = np.var(first, ddof=1) / len(first), np.var(second, ddof=1) / len(second)
    bottom = u**2 / (len(first) - 1) + v**2 / (len(second) - 1)
    freedom = (u + v) ** 2 / bottom if bottom > 0 else math.inf
    return Test(mean(first) - mean(second), math.sqrt(u + v), freedom, (len(first), len(second)), False)


def paired(first, second) -> Test:
    differences = np.asarray(first) - np.asarray(second)
    n = len(differences)
    return Test(mean(differences), standard_deviation(differences) / math.sqrt(n), n - 1, (n, n), True)


def against_published(published: dict, statistic: str, ours: list[float], protocol: str) -> tuple[Test, float] | None:
    """Our rounds against a published value, and our mean or median; None if either side's error is unknown."""
    if len(ours) < 2 or published.get("rounds_unknown"):
        return None
    n, rounds = len(ours), published.get("rounds") or 10
    s, theirs = standard_deviation(ours), published.get("standard_deviation")
    value, widening = (float(np.median(ours)), math.pi / 2) if statistic == "median" else (mean(ours), 1.0)
    # Variances of both means, with their degrees of freedom. A variance of ours that stands in for theirs has ours.
    if protocol == "redrawn":
        parts = [(widening * s**2 * (1 / n + 1), n - 1)]
    elif theirs is None:
        parts = [(widening * s**2 * (1 / n + 1 / rounds), n - 1)]
    else:
        parts = [(widening * s**2 / n, n - 1), (widening * theirs**2 / rounds, rounds - 1)]
    total = sum(variance for variance, _ in parts)
    reading = (published.get("reading_error") or 0.0) ** 2
    freedom = satterthwaite(parts, reading)
    return Test(value - published["mean"], math.sqrt(total + reading), freedom, (n, rounds), False), value


def satterthwaite(parts, exact: float) -> float:
    """Degrees of freedom of a sum of variances, the exact one having infinitely many; the published ones are combined first."""
    if len(parts) == 2:
        (own, own_freedom), (theirs, their_freedom) = parts
        combined = theirs + exact
        their_freedom = combined**2 / (theirs**2 / their_freedom)
        return (own + combined) ** 2 / (own**2 / own_freedom + combined**2 / their_freedom)
    [(own, own_freedom)] = parts
    return (own + exact) ** 2 / (own**2 / own_freedom)


def same_variance_p(first: float, n: int, second: float, m: int) -> float:
    ratio = (first / second) ** 2
    return min(1.0, 2.0 * min(stats.f.cdf(ratio, n - 1, m - 1), stats.f.sf(ratio, n - 1, m - 1)))


def holm(p_values: list[float]) -> list[float]:
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, position in enumerate(np.argsort(p_values, kind="stable")):
        largest = min(1.0, max(largest, (len(p_values) - rank) * p_values[position]))
        corrected[position] = largest
    return corrected

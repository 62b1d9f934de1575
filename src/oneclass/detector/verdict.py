"""How good a detector is, in words, and the intervals that go with its numbers."""

from scipy import stats

GOOD, USABLE = (90.0, 5.0), (60.0, 20.0)
"""Percent of the anomalies that are found at least, and of normal pictures that are flagged at most."""


def word(found: float, flagged: float) -> str:
    """Good, usable or weak, from the percentages of anomalous pictures found and of normal ones flagged."""
    for name, (at_least, at_most) in (("Good", GOOD), ("Usable", USABLE)):
        if found >= at_least and flagged <= at_most:
            return name
    return "Weak"


def share_interval(count: int, total: int) -> tuple[float, float]:
    """The exact 95 % interval (Clopper and Pearson) of a share of which ``count`` in ``total`` were seen."""
    low, high = stats.binomtest(count, total).proportion_ci(0.95, "exact")
    return float(low), float(high)


def percent(low: float, high: float) -> str:
    """An interval of shares as text."""
    return f"95 % interval: {100 * low:.2g} to {100 * high:.3g} %"

"""The threshold of a detector, from the scores of normal pictures that it was not fitted to, and what it promises."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LEVEL, GAP = 0.01, 1.15
"""When a score is ``outlying``: the chance of it, were log scores normally distributed, is below ``LEVEL``, and it is
``GAP`` times the next one. docs/detector.md says how often that is so of pictures that are in order."""

Floats = NDArray[np.float32]


class FalseAlarms(NamedTuple):
    """The share of new normal pictures above a threshold: what to expect, and the 95 % interval around it."""

    expected: float
    low: float
    high: float


def rank(count: int, quantile: float) -> int:
    """Which of ``count`` rising normal scores is the threshold: the k-th, k = ceil((N + 1) quantile) or N."""
    return min(math.ceil((count + 1) * quantile), count)


def choose_threshold(scores: Floats, quantile: float) -> float:
    """The threshold from N held-out normal scores; ``false_alarms`` says what it promises.

    It is the k-th smallest score, since a new normal picture exceeds that with probability (N + 1 - k) / (N + 1): few
    pictures cannot promise few false alarms. A ten-thousandth is added, so that no rounding error elsewhere puts that
    very picture above it.
    """
    value = float(np.sort(scores)[rank(len(scores), quantile) - 1])
    return float(f"{value + 1e-4 * abs(value):.6g}")


def false_alarms(count: int, quantile: float) -> FalseAlarms:
    """What the threshold from ``count`` normal scores promises, however scores are distributed.

    The share of normal pictures above the k-th smallest of N independent scores is distributed as
    Beta(N + 1 - k, k): for that its distribution need only be continuous.
    """
    k = rank(count, quantile)
    share = stats.beta(count + 1 - k, k)
    return FalseAlarms((count + 1 - k) / (count + 1), *(float(bound) for bound in share.interval(0.95)))


def outlying(scores: Floats) -> list[int]:
    """Positions of the normal pictures whose scores are much too high for the others, the highest first.

    One of them alone would set the threshold. Grubbs' test on log scores, of the highest score or, where it is to
    explain several at once, of up to a tenth of them: the lowest of the suspects against all that are not suspected.
    """
    order = np.argsort(-scores, kind="stable")
    values = np.log(np.maximum(scores[order].astype(np.float64), 1e-9))
    for suspects in range(max(1, len(values) // 10), 0, -1):
        others = values[suspects:]
        if len(others) < 3 or not others.std():
            continue
        deviation = (values[suspects - 1] - others.mean()) / (others.std(ddof=1) * math.sqrt(1 + 1 / len(others)))
        chance = (len(others) + 1) * stats.t.sf(deviation, len(others) - 1)
        if chance < LEVEL and values[suspects - 1] - others[0] > math.log(GAP):
            return [int(position) for position in order[:suspects]]
    return []

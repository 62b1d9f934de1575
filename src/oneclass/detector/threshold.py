"""The threshold of a detector, from the scores of normal pictures that it was not fitted to."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def choose_threshold(scores: Floats, quantile: float) -> tuple[float, float]:
    """The threshold from N held-out normal scores, and the share of new normal pictures expected above it.

    It is the k-th smallest score, k = ceil((N + 1) quantile) or N, since a new normal picture exceeds that with
    probability (N + 1 - k) / (N + 1): few pictures cannot promise few false alarms. A ten-thousandth is added, so that
    no rounding error elsewhere puts that very picture above it.
    """
    count = len(scores)
    k = min(math.ceil((count + 1) * quantile), count)
    value = float(np.sort(scores)[k - 1])
    return float(f"{value + 1e-4 * abs(value):.6g}"), (count + 1 - k) / (count + 1)

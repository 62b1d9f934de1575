"""The number of a claim with its interval, over test images and trainings at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from oneclass.claims.compare import Measured, Run
from oneclass.claims.rows import Floats

COVERED = 0.975  # up to the upper end: an interval of 95 percent


@dataclass(frozen=True)
class Estimate:
    """A number, its interval (NaN where one training alone is there), how many ``trainings`` it is of, and the same of
    each run, by label."""

    here: float
    low: float
    high: float
    trainings: int
    by_run: Sequence[tuple[str, "Estimate"]] = ()

    @property
    def is_computed(self) -> bool:
        """Whether the number is one, and of several trainings its interval: values that it is made of may be NaN."""
        return not math.isnan(self.here) and (self.trainings < 2 or not math.isnan(self.low))


def estimate(measured: Measured, seed: int, limits: tuple[float, float]) -> Estimate:
    """The number of ``measured``, with an interval of 95 percent, within the ``limits`` of what it can be.

    Its square is a sum of two: that of 1.96 standard deviations over resamples of the test images within each class,
    the same for all that is compared; and that of Student's interval over the n trainings (a class in one repetition),
    whose standard deviation over resamples is taken times sqrt(n / (n - 1)), since resampling n values understates it
    by that much. Trainings of several classes also differ by their images, which so count twice: where it is not exact,
    the interval is too wide.
    """
    runs = [(name, _estimate(Measured([group]), seed, limits)) for name, group in _by_label(measured).items()]
    return replace(_estimate(measured, seed, limits), by_run=runs)


def _estimate(measured: Measured, seed: int, limits: tuple[float, float]) -> Estimate:
    ones = [np.ones((_count(group), 1)) for group in measured.groups]
    by_images = [_over(group, one) for group, one in zip(measured.groups, ones, strict=True)]
    whole = by_images[0] - sum(by_images[1:])
    here, n = float(whole[0]), measured.trainings
    if n < 2:
        return Estimate(here, np.nan, np.nan, n)
    parts = [_over_trainings(group, np.random.default_rng([seed, k])) for k, group in enumerate(measured.groups)]
    half = np.linalg.norm([ndtri(COVERED) * whole[1:].std(ddof=1), *parts])
    low, high = np.clip([here - half, here + half], *limits)
    return Estimate(here, float(low), float(high), n)


def _over_trainings(runs: Sequence[Run], stream: np.random.Generator) -> float:
    """Half the width of the interval of the number of ``runs`` over their trainings, on the images as they are."""
    n, resamples = _count(runs), runs[0].levels.shape[2] - 1
    drawn = stream.multinomial(n, np.full(n, 1 / n), size=resamples).T
    deviation = _over(_on_all_images(runs), drawn).std(ddof=1) * np.sqrt(n / (n - 1))
    return float(stdtrit(n - 1, COVERED) * deviation)


def _count(runs: Sequence[Run]) -> int:
    return sum(run.levels.shape[1] for run in runs)


def _on_all_images(runs: Sequence[Run]) -> list[Run]:
    return [replace(run, levels=run.levels[..., :1]) for run in runs]


def _over(runs: Sequence[Run], weights: NDArray) -> Floats:
    """The mean over ``runs`` [1 + R], each counted by the ``weights`` [trainings, 1 + R or 1] of its trainings."""
    ends = np.cumsum([run.levels.shape[1] for run in runs])
    total = 0
    for run, own in zip(runs, np.split(weights, ends[:-1]), strict=True):
        shape = np.broadcast_shapes(run.levels.shape[1:], own.shape)
        levels = np.broadcast_to(run.levels, (len(run.levels), *shape))
        total = total + run.reduce(levels, np.broadcast_to(own, shape)) * own.sum(0)
    return np.asarray(total / ends[-1])


def _by_label(measured: Measured) -> dict[str, list[Run]]:
    """The runs of each label; those without one are not told apart."""
    by_label: dict[str, list[Run]] = {}
    for run in (run for group in measured.groups for run in group if run.label):
        by_label.setdefault(run.label, []).append(run)
    return by_label

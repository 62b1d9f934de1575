"""The number of a claim with its interval, over test images and trainings at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtrit

from oneclass.claims.compare import Measured, Run
from oneclass.claims.rows import Floats

COVERED = 0.975  # up to the upper end: an interval of 95 percent


@dataclass(frozen=True)
class Estimate:
    """A number, its interval (NaN where one training alone is there), how many ``trainings`` it is of, and the same
    number of each run, by label."""

    here: float
    low: float
    high: float
    trainings: int
    by_run: Sequence[tuple[str, float]]


def estimate(measured: Measured, seed: int, limits: tuple[float, float]) -> Estimate:
    """The number of ``measured``, with an interval of 95 percent, within the ``limits`` of what it can be.

    Each resample draws test images within each class, the same for all that is compared, and trainings (a class in one
    repetition), both with replacement. With n trainings the interval is Student's: t(n - 1) times the standard
    deviation over resamples, times sqrt(n / (n - 1)), since resampling n values understates their variance by that
    much. Trainings are of several classes, so the interval also holds what differs between classes: it errs on the wide
    side.
    """
    streams = [np.random.default_rng([seed, number]) for number in range(len(measured.groups))]
    pairs = zip(measured.groups, streams, strict=True)
    values = [_over(group, _resampled(group, stream)) for group, stream in pairs]
    whole, n = values[0] - sum(values[1:]), measured.trainings
    if n < 2:
        return Estimate(float(whole[0]), np.nan, np.nan, n, _by_label(measured))
    half = stdtrit(n - 1, COVERED) * whole[1:].std(ddof=1) * np.sqrt(n / (n - 1))
    low, high = np.clip([whole[0] - half, whole[0] + half], *limits)
    return Estimate(float(whole[0]), float(low), float(high), n, _by_label(measured))


def _resampled(runs: Sequence[Run], stream: np.random.Generator) -> Floats:
    """How often each training of all ``runs`` counts [trainings, 1 + R]: once, then as often as it is drawn."""
    n, resamples = sum(run.levels.shape[1] for run in runs), runs[0].levels.shape[2] - 1
    return np.column_stack([np.ones(n), stream.multinomial(n, np.full(n, 1 / n), size=resamples).T])


def _over(runs: Sequence[Run], weights: Floats) -> Floats:
    """The mean over ``runs`` [1 + R], each counted by the ``weights`` of its trainings."""
    ends = np.cumsum([run.levels.shape[1] for run in runs])
    parts = zip(runs, np.split(weights, ends[:-1]), strict=True)
    total: Floats = np.sum([run.reduce(run.levels, own) * own.sum(0) for run, own in parts], axis=0) / ends[-1]
    return total


def _by_label(measured: Measured) -> list[tuple[str, float]]:
    """The number of the runs of each label, over all of their images and trainings."""
    by_label: dict[str, list[Run]] = {}
    for run in (run for group in measured.groups for run in group):
        by_label.setdefault(run.label, []).append(replace(run, levels=run.levels[..., :1]))
    found = ((name, runs, sum(run.levels.shape[1] for run in runs)) for name, runs in by_label.items() if name)
    return [(name, float(_over(runs, np.ones((n, 1)))[0])) for name, runs, n in found]

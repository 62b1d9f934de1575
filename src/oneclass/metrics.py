"""How well scores separate anomalous from normal: exact AUROC, its bootstrap, and the mean cosine between two sets."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CHUNK = 2**18  # samples x resamples that the bootstrap holds at once: arrays of 2 MiB


def auroc(labels: npt.ArrayLike, scores: npt.ArrayLike) -> Any:
    """Area under the ROC curve, in [0, 1]: the probability that an anomalous score exceeds a normal one, ties half.

    ``labels`` [N] are 0 (normal) or 1 (anomalous), ``scores`` [..., N] rise with anomaly; the result has the leading
    shape of ``scores`` (a float for [N]). The count of ordered pairs (Mann-Whitney U) is exact, in integers.
    Raises ``ValueError`` for a score that is not finite, labels other than 0 and 1, or only one of them.
    """
    labels, scores = _checked(labels, scores)
    rows = scores.reshape(-1, labels.size)
    pairs = 2 * int(np.sum(labels == 0)) * int(np.sum(labels == 1))
    sides = (_below(np.sort(row[labels == 0]), np.sort(row[labels == 1])) for row in rows)
    values = np.array([(int(below.sum()) + int(or_equal.sum())) / pairs for below, or_equal in sides], np.float64)
    return float(values[0]) if scores.ndim == 1 else values.reshape(scores.shape[:-1])


def bootstrap_auroc(labels: npt.ArrayLike, scores: npt.ArrayLike, resamples: int, seed: int) -> Floats:
    """AUROC [..., resamples] of ``scores`` [..., N] under stratified resampling with replacement.

    Normals and anomalous are resampled separately, so that every resample has both. All leading rows of ``scores``
    see the same resamples, which depend on ``seed`` and ``labels`` alone. Raises as ``auroc`` does.

    Each row is sorted once. With C the cumulative sum of how often each sorted normal was drawn, an anomalous score
    with l normals below it and h below or equal wins (C_l + C_h) / 2 pairs each time that it is drawn itself.
    """
    labels, scores = _checked(labels, scores)
    rows = [_ranked(labels, row) for row in scores.reshape(-1, labels.size)]
    pairs = 2 * int(np.sum(labels == 0)) * int(np.sum(labels == 1))
    result = np.empty((len(rows), resamples))
    for where, normal, anomalous in _draws(labels, resamples, seed):
        below = np.zeros((len(normal) + 1, normal.shape[1]))
        for k, (order, left, right) in enumerate(rows):
            np.cumsum(normal[order], axis=0, out=below[1:])
            wins = np.einsum("ij,ij->j", anomalous, below[left])
            wins_or_ties = wins if np.array_equal(left, right) else np.einsum("ij,ij->j", anomalous, below[right])
            result[k, where] = (wins + wins_or_ties) / pairs
    return result.reshape(*scores.shape[:-1], resamples)


def cosine_between(normal: npt.ArrayLike, anomalous: npt.ArrayLike) -> float:
    """Mean cosine similarity over all pairs of a row of ``normal`` [N, D] and a row of ``anomalous`` [M, D] (Figure 4).

    The mean over pairs of dot products of unit vectors is the dot product of the mean unit vectors: O((N + M) D).
    Raises ``ValueError`` if a set is empty or a row is zero or not finite: it has no direction.
    """
    return float(_mean_direction(normal) @ _mean_direction(anomalous))


def _checked(labels: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    labels, scores = np.asarray(labels), np.asarray(scores)
    if labels.ndim != 1 or scores.shape[-1:] != labels.shape:
        raise ValueError(f"labels {labels.shape} and scores {scores.shape} do not have the same number of samples")
    if not np.isin(labels, (0, 1)).all():
        raise ValueError("labels must be 0 (normal) or 1 (anomalous)")
    if labels.min(initial=1) >= labels.max(initial=0):
        raise ValueError("AUROC needs both normal and anomalous samples; there is only one kind")
    if not np.isfinite(scores).all():
        raise ValueError(f"{np.sum(~np.isfinite(scores))} of {scores.size} scores are not finite")
    return labels, scores


def _below(normal: npt.NDArray[Any], anomalous: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """For each anomalous score, how many of the sorted ``normal`` lie below it, and how many below or equal."""
    return np.searchsorted(normal, anomalous, "left"), np.searchsorted(normal, anomalous, "right")


def _ranked(labels: npt.NDArray[Any], scores: npt.NDArray[Any]) -> tuple[Ints, Ints, Ints]:
    """Order that sorts the normal scores, and ``_below`` of the anomalous ones."""
    normal = scores[labels == 0]
    order = np.argsort(normal, kind="stable")
    return order, *_below(normal[order], scores[labels == 1])


def _draws(labels: npt.NDArray[Any], resamples: int, seed: int) -> Iterator[tuple[slice, Floats, Floats]]:
    """Chunks of resamples: which they are, and how often each normal [n, chunk] and anomalous [m, chunk] is drawn."""
    sizes = [int(np.sum(labels == value)) for value in (0, 1)]
    streams = [np.random.default_rng([seed, value]) for value in (0, 1)]
    step = max(1, CHUNK // labels.size)
    for start in range(0, resamples, step):
        chunk = min(step, resamples - start)
        counts = [_counts(size, chunk, stream) for size, stream in zip(sizes, streams, strict=True)]
        yield slice(start, start + chunk), counts[0], counts[1]


def _counts(size: int, resamples: int, stream: np.random.Generator) -> Floats:
    """Counts [size, resamples] of ``size`` draws with replacement out of ``size``, once for each resample."""
    drawn = stream.integers(size, size=(resamples, size)) * resamples + np.arange(resamples)[:, None]
    return np.bincount(drawn.ravel(), minlength=size * resamples).reshape(size, resamples).astype(np.float64)


def _mean_direction(vectors: npt.ArrayLike) -> Floats:
    rows = np.asarray(vectors, np.float64)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if rows.shape[0] == 0 or not (np.isfinite(norms).all() and (norms > 0).all()):
        raise ValueError("the cosine needs at least one vector on each side, all of them finite and not zero")
    mean: Floats = (rows / norms).mean(axis=0)
    return mean

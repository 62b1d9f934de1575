"""How well maps of scores find the anomalous pixels: AUROC, average precision and per-region overlap, all exact."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Masks = npt.NDArray[np.bool_]

FPR_LIMIT = 0.3  # as far as per-region overlap is integrated (Bergmann et al. 2021)
EIGHT = np.ones((3, 3), bool)  # pixels that touch at a corner belong to one region, as in the MVTec AD evaluation


def pixel_metrics(masks: Masks, scores: npt.NDArray[np.floating]) -> dict[str, float]:
    """``pixel_auroc``, ``pixel_ap`` and ``pixel_aupro``, in [0, 1], of all pixels of all images together.

    ``masks`` [N, H, W] are true where a pixel is anomalous, ``scores`` [N, H, W] rise with anomaly. Every pixel is
    sorted once, normals and anomalous apart; an anomalous pixel then needs nothing but the normals below it, and below
    or equal, for its part of each area. Ties are exact: a score that several pixels share is one threshold.
    Besides its arguments this holds at most 5 bytes a pixel (float32) and 70 more an anomalous pixel: for 10 million
    pixels, a tenth of them anomalous, 120 MB.

    Raises ``ValueError`` if the shapes differ, if all pixels are of one kind, or for a score that is not finite.
    """
    if masks.shape != scores.shape or masks.ndim != 3 or masks.dtype != bool:
        raise ValueError(
            f"masks {masks.shape} of {masks.dtype} and scores {scores.shape}: not bool masks and their maps"
        )
    normal, anomalous = np.sort(scores[~masks]), scores[masks]
    if not normal.size or not anomalous.size:
        raise ValueError("pixel metrics need both normal and anomalous pixels; there is only one kind")
    order = np.argsort(anomalous, kind="stable")
    anomalous = anomalous[order]
    if not np.isfinite([normal[0], normal[-1], anomalous[0], anomalous[-1]]).all():  # NaN sorts to the end
        raise ValueError("a pixel has a score that is not finite")
    below, or_equal = (np.searchsorted(normal, anomalous, side) for side in ("left", "right"))
    pairs = 2 * normal.size * anomalous.size
    return {
        "pixel_auroc": (int(below.sum()) + int(or_equal.sum())) / pairs,
        "pixel_ap": _precision(anomalous, normal.size - below),
        "pixel_aupro": _overlap(_region_weights(masks)[order], 1 - or_equal / normal.size, 1 - below / normal.size),
    }


def average_precision(labels: npt.ArrayLike, scores: npt.ArrayLike) -> Any:
    """Average precision in [0, 1]: precision times gain in recall, summed over distinct thresholds.

    ``labels`` [N] are 0 (normal) or 1 (anomalous), ``scores`` [..., N] rise with anomaly; the result has the leading
    shape of ``scores`` (a float for [N]). Raises ``ValueError`` for a score that is not finite, or if no label is 1.
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    if not labels.any():
        raise ValueError("average precision needs at least one anomalous sample; there is none")
    if not np.isfinite(scores).all():
        raise ValueError("a sample has a score that is not finite")

    def one(row: npt.NDArray[np.floating]) -> float:
        normal, anomalous = np.sort(row[labels == 0]), np.sort(row[labels == 1])
        return _precision(anomalous, normal.size - np.searchsorted(normal, anomalous, "left"))

    values = np.apply_along_axis(one, -1, scores)
    return float(values) if scores.ndim == 1 else values


def _precision(anomalous: npt.NDArray[np.floating], false: Ints) -> float:
    """Mean over the sorted ``anomalous`` scores of the precision at each, given the normals ``false`` [M] not below."""
    true = anomalous.size - np.searchsorted(anomalous, anomalous, "left")
    return float((true / (true + false)).mean())


def _overlap(weights: Floats, low: Floats, high: Floats) -> float:
    """Area under the curve of mean region overlap over false-positive rate up to ``FPR_LIMIT``, divided by that limit.

    Mean overlap is the true-positive rate of pixels that count ``weights`` [M] (they add up to 1), so this is the area
    under a weighted ROC curve with straight lines between thresholds. As the false-positive rate goes from ``low`` to
    ``high`` [M], those of thresholds just above and at a pixel's score, the overlap rises by the pixel's weight;
    integrated over overlap instead of rate, the area is the weighted mean of max(limit - rate, 0).
    """
    start, end = np.minimum(low, FPR_LIMIT), np.minimum(high, FPR_LIMIT)
    inside = np.divide(end - start, high - low, out=np.ones_like(low), where=high > low)
    return float(weights @ (inside * (FPR_LIMIT - (start + end) / 2))) / FPR_LIMIT


def _region_weights(masks: Masks) -> Floats:
    """What each anomalous pixel counts for, in the masks' order: 1 / (pixels of its region x number of regions)."""
    weights, regions = [], 0
    for mask in masks[masks.any(axis=(1, 2))]:
        names, count = ndimage.label(mask, EIGHT)
        weights.append(1 / np.bincount(names[mask])[names[mask]])
        regions += count
    return np.concatenate(weights) / regions

"""From scores and distance maps to metrics: AUROC and average precision of images, AUROC, AUPRO and AP of pixels."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oneclass.data import masks
from oneclass.data.tasks import split
from oneclass.evaluate import evaluate as evaluate_images
from oneclass.evaluate import summarise
from oneclass.localisation.distances import KEYS, classes_in, read_maps
from oneclass.localisation.smoothing import smooth
from oneclass.pixel_metrics import average_precision, pixel_metrics


def category_masks(
    index: pd.DataFrame, task: str, name: str, resize: int, crop: int | None
) -> NDArray[np.bool_] | None:
    """Masks [T, S, S] of a category's test images, in their order; None where its data set has none."""
    rows = index.iloc[split(index, task, name).test]
    return masks.load_rows(rows, resize, crop) if masks.has_masks(rows) else None


def evaluate(
    scores: pd.DataFrame,
    maps: list[Path],
    index: pd.DataFrame,
    task: str,
    *,
    resize: int,
    crop: int | None,
    sigma: float,
    resamples: int,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every metric of a method on a data set, as ``evaluate.evaluate``: (summary, per seed). Intervals are of image
    AUROC alone: pixels of one image are not independent."""
    summary, per_seed = image_metrics(scores, resamples, seed)
    pixels = pd.concat([pixel_rows(path, index, task, resize, crop, sigma) for path in maps], ignore_index=True)
    if len(pixels):
        pixels = pixels.assign(dataset=scores["dataset"].iloc[0], backbone=scores["backbone"].iloc[0])
        summary = pd.concat([summary, summarise(pixels)], ignore_index=True)
        per_seed = pd.concat([per_seed, pixels], ignore_index=True)
    return summary, per_seed


def image_metrics(scores: pd.DataFrame, resamples: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``evaluate.evaluate`` and average precision: (summary, per seed)."""
    summary, per_seed = evaluate_images(scores, resamples, seed)
    keys = [column for column in scores.columns if column not in ("id", "label", "score")]
    groups = scores.groupby(keys, sort=False, dropna=False)
    values = [100 * average_precision(part["label"], part["score"]) for _, part in groups]
    precision = groups.size().reset_index()[keys].assign(metric="image_ap", value=values)
    return (
        pd.concat([summary, summarise(precision)], ignore_index=True),
        pd.concat([per_seed, precision], ignore_index=True),
    )


def pixel_rows(path: Path, index: pd.DataFrame, task: str, resize: int, crop: int | None, sigma: float) -> pd.DataFrame:
    """Pixel metrics in percent of every category, variant and seed in a file of maps; no row where there are no masks.

    One variant's maps are smoothed at a time, so memory is bounded by the test pixels of a category.
    """
    rows: list[dict[str, object]] = []
    for name in classes_in(path):
        truth = category_masks(index, task, name, resize, crop)
        if truth is None:
            continue
        variants, _, distance = read_maps(path, name)
        for variant, maps in zip(variants, distance, strict=True):
            found = pixel_metrics(truth, smooth(maps, truth.shape[-1], sigma))
            described = {"class": name} | {key: variant[key] for key in KEYS}
            rows += [described | {"metric": metric, "value": 100 * value} for metric, value in found.items()]
    return pd.DataFrame(rows)

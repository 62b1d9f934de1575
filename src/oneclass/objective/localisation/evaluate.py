"""From scores and distance maps to metrics: AUROC and average precision of images, AUROC, AUPRO and AP of pixels."""

from pathlib import Path

import pandas as pd

from oneclass.data import masks
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.evaluate import evaluate as evaluate_images
from oneclass.evaluate import summarise, variant_keys
from oneclass.objective.localisation.distances import classes_in, read_maps
from oneclass.objective.localisation.smoothing import smooth
from oneclass.pixel_metrics import average_precision, pixel_metrics


def evaluate(
    scores: pd.DataFrame,
    maps: list[Path],
    index: Index,
    task: str,
    geometry: Geometry,
    *,
    sigma: float,
    resamples: int,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every metric of a method on a data set, as ``evaluate.evaluate``: (summary, metrics). Intervals are of image
    AUROC alone: pixels of one image are not independent."""
    summary, metrics = image_metrics(scores, resamples, seed)
    pixels = pd.concat([pixel_rows(path, index, task, geometry, sigma) for path in maps], ignore_index=True)
    if len(pixels):
        pixels = pixels.assign(dataset=scores["dataset"].iloc[0], backbone=scores["backbone"].iloc[0])
        summary = pd.concat([summary, summarise(pixels)], ignore_index=True)
        metrics = pd.concat([metrics, pixels], ignore_index=True)
    return summary, metrics


def image_metrics(scores: pd.DataFrame, resamples: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``evaluate.evaluate`` and average precision: (summary, metrics)."""
    summary, metrics = evaluate_images(scores, resamples, seed)
    keys = [*variant_keys(scores), "repetition"]
    groups = scores.groupby(keys, sort=False, dropna=False, observed=True)
    values = [100 * average_precision(part["label"], part["score"]) for _, part in groups]
    precision = groups.size().reset_index()[keys].assign(metric="image_ap", value=values)
    return (
        pd.concat([summary, summarise(precision)], ignore_index=True),
        pd.concat([metrics, precision], ignore_index=True),
    )


def pixel_rows(path: Path, index: Index, task: str, geometry: Geometry, sigma: float) -> pd.DataFrame:
    """Pixel metrics in percent of every category, variant and repetition in a file of maps; none without masks.

    One variant's maps are smoothed at a time, so memory is bounded by the test pixels of a category.
    """
    rows: list[dict[str, object]] = []
    for name in classes_in(path):
        tested = index.take(split(index, task, name).test)
        if not masks.has_masks(tested):
            continue
        truth = masks.load_all(tested, geometry)
        variants, _, distance = read_maps(path, name)
        for columns, maps in zip(variants, distance, strict=True):
            found = pixel_metrics(truth, smooth(maps, geometry.image_size, sigma))
            described = {"class": name} | columns
            rows += [described | {"metric": metric, "value": 100 * value} for metric, value in found.items()]
    return pd.DataFrame(rows)

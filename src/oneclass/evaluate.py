"""From scores to AUROC: per seed, averaged over seeds, averaged over classes, with bootstrap intervals.

A variant is everything that tells one row of scores from another besides the run's seed: the method and whatever
other columns the table brings (backbone, projector, center, norm, ...), empty or NaN where they do not apply.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oneclass.errors import UserError
from oneclass.metrics import auroc, bootstrap_auroc
from oneclass.seeds import derive

IMAGE_AUROC = "image_auroc"
MEAN = "mean"  # the class of an average over classes
PERCENTILES = (2.5, 97.5)
_NOT_VARIANT = ("dataset", "class", "seed", "id", "label", "score")


def evaluate(scores: pd.DataFrame, resamples: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Image AUROC in percent of a scores table: (``summary``, ``per_seed``).

    ``scores`` has a row per test image, class, variant and seed: ``dataset, class, method, <variant columns>, seed,
    id, label, score``. ``per_seed`` has ``dataset, class, method, ..., seed, metric, value``; ``summary`` is its
    ``summarise`` with 95 percent intervals of the mean, ``ci_low, ci_high``, from stratified ``resamples`` of images.

    The images of a class are resampled alike for every variant and seed, by a seed derived from the data set's and the
    class's name; an average over classes takes the classes' resamples as independent.
    Raises ``ValueError`` if the runs of a class do not score the same images, and as ``summarise`` does.
    """
    variant = [column for column in scores.columns if column not in _NOT_VARIANT]
    keys = ["dataset", "class", *variant]
    values, draws = [], []
    for (dataset, name), part in scores.groupby(["dataset", "class"], sort=False, observed=True):
        try:
            runs, labels, matrix = _matrix(part, [*keys, "seed"])
            value = auroc(labels, matrix)
        except ValueError as error:
            raise ValueError(f"scores of {dataset}, class {name}: {error}") from error
        resampled = bootstrap_auroc(labels, matrix, resamples, derive(seed, "bootstrap", dataset, name))
        values.append(runs.assign(metric=IMAGE_AUROC, value=100 * value))
        draws.append(pd.concat([runs[keys], pd.DataFrame(100 * resampled)], axis=1))
    per_seed = pd.concat(values, ignore_index=True)
    intervals = _intervals(pd.concat(draws, ignore_index=True), keys)
    return summarise(per_seed).merge(intervals, on=keys, how="left", validate="1:1"), per_seed


def summarise(metrics: pd.DataFrame) -> pd.DataFrame:
    """Average tidy ``metrics`` (``..., seed, metric, value``) over seeds: columns ``mean``, ``std`` and ``seeds``.

    After a data set's classes come rows of class ``mean``: the average over classes, seed by seed, so that ``std``
    (n - 1; NaN for a single seed) is that of the average. Raises ``ValueError`` if a value is there twice or if a
    variant lacks a class of its data set, and ``UserError`` for a class that is called ``mean``.
    """
    keys = [column for column in metrics.columns if column not in ("seed", "value")]
    if (metrics["class"] == MEAN).any():
        raise UserError(f"a class must not be called '{MEAN}': that names the average over classes; rename the class")
    if metrics.duplicated([*keys, "seed"]).any():
        raise ValueError("a metric is given twice for the same variant and seed")
    parts = []
    for dataset, part in metrics.groupby("dataset", sort=False, observed=True):
        averaged = part.assign(**{"class": MEAN}).groupby([*keys, "seed"], sort=False, observed=True, dropna=False)
        if (averaged.size() != part["class"].nunique()).any():
            raise ValueError(f"{dataset}: some variant or seed lacks a class, so its average would not compare")
        parts += [_over_seeds(part, keys), _over_seeds(averaged["value"].mean().reset_index(), keys)]
    return pd.concat(parts, ignore_index=True)


def _over_seeds(metrics: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    groups = metrics.groupby(keys, sort=False, observed=True, dropna=False)["value"]
    return groups.agg(mean="mean", std="std", seeds="count").reset_index()


def _intervals(draws: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Percentiles of the resampled AUROC (a column a resample, a row a run), averaged over seeds, then over classes."""
    classes = draws.groupby(keys, sort=False, observed=True, dropna=False).mean().reset_index()
    grouped = classes.assign(**{"class": MEAN}).groupby(keys, sort=False, observed=True, dropna=False)
    both = pd.concat([classes, grouped.mean().reset_index()], ignore_index=True)
    low, high = np.percentile(both.drop(columns=keys).to_numpy(), PERCENTILES, axis=1)
    return both[keys].assign(ci_low=low, ci_high=high)


def _matrix(part: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, npt.NDArray[np.int8], npt.NDArray[np.floating]]:
    """Scores of one class as runs [V], labels [N] and scores [V, N], the images in the order of their ids."""
    run = part.groupby(keys, sort=False, observed=True, dropna=False).ngroup().to_numpy()
    image, ids = pd.factorize(part["id"], sort=True)
    runs = part[keys].drop_duplicates().reset_index(drop=True)
    labels = np.zeros(len(ids), np.int8)
    labels[image] = part["label"]
    seen = np.zeros((len(runs), len(ids)), bool)
    seen[run, image] = True
    if not seen.all() or len(part) != seen.size:
        raise ValueError("every method, variant and seed must score the same images, each once")
    if (labels[image] != part["label"]).any():
        raise ValueError("an image is labelled normal by one method and anomalous by another")
    matrix = np.zeros(seen.shape, part["score"].to_numpy().dtype)
    matrix[run, image] = part["score"]
    return runs, labels, matrix

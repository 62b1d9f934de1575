"""From scores to AUROC: by repetition, averaged over repetitions, averaged over classes, with bootstrap intervals.

A variant is everything that tells one row of scores from another besides the repetition: the method and whatever other
columns apply to some row (``tidy.VARIANT``, options).
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
_NOT_VARIANT = ("dataset", "class", "repetition", "id", "label", "score", "z_norm", "z_cosine")


def evaluate(scores: pd.DataFrame, resamples: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Image AUROC in percent of a table of ``scores`` (``tidy``): (``summary``, ``metrics``).

    ``metrics`` has a value for each class, variant and repetition; ``summary`` is its ``summarise`` with 95 percent
    intervals of the mean, ``ci_low, ci_high``, from stratified ``resamples`` of images.

    The images of a class are resampled alike for every variant and repetition, by a seed derived from the data set's
    and the class's name; an average over classes takes the classes' resamples as independent.
    Raises ``ValueError`` if the runs of a class do not score the same images, and as ``summarise`` does.
    """
    keys = variant_keys(scores)
    metrics, draws = resampled(scores, resamples, seed)
    intervals = _intervals(pd.concat([metrics[keys], pd.DataFrame(draws)], axis=1), keys)
    return summarise(metrics).merge(intervals, on=keys, how="left", validate="1:1"), metrics


def resampled(scores: pd.DataFrame, resamples: int, seed: int) -> tuple[pd.DataFrame, npt.NDArray[np.float64]]:
    """``metrics`` as ``evaluate`` gives them, and the value of each of these rows in every one of ``resamples``
    [rows, resamples].

    Whatever file scores are in, column k of a class's rows has the same images: they may be compared in pairs. Raises
    ``ValueError`` if the runs of a class do not score the same images.
    """
    keys = variant_keys(scores)
    values, draws = [], []
    for (dataset, name), part in scores.groupby(["dataset", "class"], sort=False, observed=True):
        try:
            runs, labels, matrix = _matrix(part, [*keys, "repetition"])
            value = auroc(labels, matrix)
        except ValueError as error:
            raise ValueError(f"scores of {dataset}, class {name}: {error}") from error
        values.append(runs.assign(metric=IMAGE_AUROC, value=100 * value))
        draws.append(100 * bootstrap_auroc(labels, matrix, resamples, derive(seed, "bootstrap", dataset, name)))
    return pd.concat(values, ignore_index=True), np.concatenate(draws)


def variant_keys(scores: pd.DataFrame) -> list[str]:
    """The columns that tell classes and variants apart: those that are not null in all rows."""
    applies = scores.columns[scores.notna().any()]
    return ["dataset", "class", *(name for name in applies if name not in _NOT_VARIANT)]


def summarise(metrics: pd.DataFrame) -> pd.DataFrame:
    """Average ``metrics`` (``tidy``) over repetitions: columns ``mean``, ``std`` and ``repetitions``.

    After a data set's classes come rows of class ``mean``: the average over classes, repetition by repetition, so that
    ``std`` (n - 1; NaN for a single one) is that of the average. Raises ``ValueError`` if a value occurs twice or a
    variant lacks a class of its data set, and ``UserError`` for a class that is called ``mean``.
    """
    keys = [column for column in metrics.columns if column not in ("repetition", "value")]
    if (metrics["class"] == MEAN).any():
        raise UserError(f"a class must not be called '{MEAN}': that names the average over classes; rename the class")
    if metrics.duplicated([*keys, "repetition"]).any():
        raise ValueError("a metric is given twice for the same variant and repetition")
    parts = []
    for dataset, part in metrics.groupby("dataset", sort=False, observed=True):
        averaged = part.assign(**{"class": MEAN}).groupby(
            [*keys, "repetition"], sort=False, observed=True, dropna=False
        )
        if (averaged.size() != part["class"].nunique()).any():
            raise ValueError(f"{dataset}: some variant or repetition lacks a class, so its average would not compare")
        parts += [_over_repetitions(part, keys), _over_repetitions(averaged["value"].mean().reset_index(), keys)]
    return pd.concat(parts, ignore_index=True)


def _over_repetitions(metrics: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    groups = metrics.groupby(keys, sort=False, observed=True, dropna=False)["value"]
    return groups.agg(mean="mean", std="std", repetitions="count").reset_index()


def _intervals(draws: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Percentiles of AUROC (a column per resample, a row per run), averaged over repetitions, then classes."""
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
    runs = runs.astype(dict.fromkeys(runs.select_dtypes("category").columns, object))  # few rows: as plain words
    labels = np.zeros(len(ids), np.int8)
    labels[image] = part["label"]
    seen = np.zeros((len(runs), len(ids)), bool)
    seen[run, image] = True
    if not seen.all() or len(part) != seen.size:
        raise ValueError("every method, variant and repetition must score the same images, each once")
    if (labels[image] != part["label"]).any():
        raise ValueError("an image is labelled normal by one method and anomalous by another")
    matrix = np.zeros(seen.shape, part["score"].to_numpy().dtype)
    matrix[run, image] = part["score"]
    return runs, labels, matrix

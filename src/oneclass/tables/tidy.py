"""The tidy form of every table: one row per data set, class, method, variant and metric (AUROC in percent)."""

import pandas as pd

from oneclass.tables.labels import number

COLUMNS = [
    *("dataset", "class", "method", "metric"),
    *("mean", "std", "seeds", "ci_low", "ci_high", "published", "difference"),
]
VARIANTS = [
    *("task", "network", "backbone", "projector", "center", "norm", "centring", "protocol"),
    *("pool", "outliers", "outlier_classes", "outlier", "filter", "magnitude", "radial", "gamma", "augmented"),
]
PUBLISHED_STD = "published_std"  # beside ``published``, where a table prints the paper's deviation over seeds
NUMBERS = ["norm", "outliers", "outlier_classes", "magnitude", "gamma"]  # variants
# A paper's name for a method -> ours, where it is trained as it was there. Paper 1's DSVDD is another protocol's.
SAME = {"Ours": "ours", "PaDiM": "padim", "DSAD": "dsad", "HSC": "hsc", "BCE": "bce", "Focal": "focal"}


def with_published(ours: pd.DataFrame, published: pd.DataFrame, on: list[str]) -> pd.DataFrame:
    """Add ``published`` and ``difference`` (ours - published) to a summary, and the rows that only the paper has.

    ``ours`` has the columns of ``evaluate.summarise`` (intervals where known), ``published`` those of
    ``published.load`` (and ``published_std`` where it is to be shown); rows belong together where the columns ``on``
    are equal. A row that only the paper has keeps the paper's variant columns (without those that are
    empty in all rows) and has no mean. Raises ``ValueError`` if the paper's rows are not unique in ``on``.
    """
    paper = published.replace({"method": SAME}).drop(columns="std").rename(columns={"value": "published"})
    empty = [name for name in VARIANTS if name in paper and name not in on and blank(paper[name]).all()]
    paper = paper.drop(columns=empty)  # what other tables of the paper vary
    values = [name for name in ("published", PUBLISHED_STD) if name in paper]
    merged = ours.merge(paper[[*on, *values]], on=on, how="left", validate="m:1")
    merged = merged.assign(difference=merged["mean"] - merged["published"])
    known = pd.MultiIndex.from_frame(ours[on])
    only = paper[~pd.MultiIndex.from_frame(paper[on]).isin(known)]
    return ordered(pd.concat([merged, only], ignore_index=True) if len(only) else merged)


def blank(values: pd.Series) -> pd.Series:
    """Where a variant column does not apply: empty or missing."""
    return values.isna() | (values == "")


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with the columns of a table's CSV in their order: all of ``COLUMNS``, then the others it has."""
    columns = [*COLUMNS, *(name for name in (PUBLISHED_STD, *VARIANTS) if name in frame.columns)]
    return frame.reindex(columns=columns).astype({"seeds": "Int64"})


def to_csv(frame: pd.DataFrame) -> str:
    """``ordered(frame)`` as CSV text with four decimals, byte for byte the same for equal numbers."""
    frame = ordered(frame)
    texts = {name: frame[name].map(number, na_action="ignore") for name in NUMBERS if name in frame}
    return frame.assign(**texts).to_csv(index=False, float_format="%.4f", lineterminator="\n")

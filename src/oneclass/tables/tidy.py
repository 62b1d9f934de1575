"""The tidy form of every table: one row per data set, class, method, variant and metric (AUROC in percent)."""

import pandas as pd

COLUMNS = [
    *("dataset", "class", "method", "metric"),
    *("mean", "std", "seeds", "ci_low", "ci_high", "published", "difference"),
]
VARIANTS = [
    *("backbone", "projector", "center", "norm", "centring", "protocol"),
    *("outliers", "outlier_classes", "filter", "magnitude", "radial", "gamma"),
]
SAME = {"Ours": "ours", "PaDiM": "padim"}  # a paper's name for a method -> ours, where it is trained as it was there


def with_published(ours: pd.DataFrame, published: pd.DataFrame, on: list[str]) -> pd.DataFrame:
    """Add ``published`` and ``difference`` (ours - published) to a summary, and the rows that only the paper has.

    ``ours`` has the columns of ``evaluate.summarise`` (intervals where known), ``published`` those of
    ``published.load``; rows belong together where the columns ``on`` are equal. A row that only the paper has keeps
    the paper's variant columns and has no mean. Raises ``ValueError`` if the paper's rows are not unique in ``on``.
    """
    paper = published.replace({"method": SAME}).drop(columns="std").rename(columns={"value": "published"})
    merged = ours.merge(paper[[*on, "published"]], on=on, how="left", validate="m:1")
    merged = merged.assign(difference=merged["mean"] - merged["published"])
    known = pd.MultiIndex.from_frame(ours[on])
    only = paper[~pd.MultiIndex.from_frame(paper[on]).isin(known)]
    return ordered(pd.concat([merged, only], ignore_index=True) if len(only) else merged)


def blank(values: pd.Series) -> pd.Series:
    """Where a variant column does not apply: empty or missing."""
    return values.isna() | (values == "")


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with the columns of a table's CSV in their order: all of ``COLUMNS``, then the variants it has."""
    columns = [*COLUMNS, *(name for name in VARIANTS if name in frame.columns)]
    return frame.reindex(columns=columns).astype({"seeds": "Int64"})


def to_csv(frame: pd.DataFrame) -> str:
    """``ordered(frame)`` as CSV text with four decimals, byte for byte the same for equal numbers."""
    frame = ordered(frame)
    if "norm" in frame:
        text = frame["norm"].map("{:g}".format, na_action="ignore")
        frame = frame.assign(norm=text)
    return frame.to_csv(index=False, float_format="%.4f", lineterminator="\n")

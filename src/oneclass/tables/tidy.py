"""The tidy form of every table: one row per data set, class, method, variant and metric (AUROC in percent)."""

import pandas as pd

from oneclass.catalogue.methods import options, published_names
from oneclass.evaluate import MEAN
from oneclass.labels import number
from oneclass.published import class_counts

SUBJECT = ["dataset", "class", "method", "metric"]
COLUMNS = [*SUBJECT, "mean", "std", "repetitions", "ci_low", "ci_high", "published", "difference"]
PUBLISHED_STD = "published_std"  # beside ``published``, where a table prints the paper's deviation over seeds
# In a table's CSV; ``outlier`` is best or worst, of a search.
VARIANTS = [
    *("task", "network", "backbone", "projector", "center", "center_norm", "centering", "protocol", "pool"),
    *("outlier_count", "outlier_class_count", "outlier", "filter", "magnitude", *options(), "augmented"),
]


def join_published(ours: pd.DataFrame, published: pd.DataFrame, on: list[str]) -> pd.DataFrame:
    """Add ``published`` and ``difference`` (ours - published) to a summary, and the rows that only the paper has.

    ``ours`` has the columns of a summary (``tidy``), ``published`` those of ``published.load`` for one paper (and
    ``published_std`` where it is to be shown), with methods by our names; rows belong together where the columns ``on``
    are equal. A row that only the paper has keeps the paper's variant columns and has no mean; an average over fewer
    classes than the paper's has no difference. Raises ``ValueError`` if the paper's rows are not unique in ``on``.
    """
    paper = published.drop(columns="std").rename(columns={"value": "published"})
    empty = [name for name in VARIANTS if name in paper and name not in on and paper[name].isna().all()]
    paper = paper.drop(columns=empty)  # what other tables of the paper vary
    values = [name for name in ("published", PUBLISHED_STD) if name in paper]
    merged = ours.merge(paper[[*on, *values]], on=on, how="left", validate="m:1")
    unlike = (merged["class"] == MEAN) & merged["dataset"].isin(fewer_classes(ours))
    merged = merged.assign(difference=(merged["mean"] - merged["published"]).mask(unlike))
    known = pd.MultiIndex.from_frame(ours[on])
    only = paper[~pd.MultiIndex.from_frame(paper[on]).isin(known)]
    return ordered(pd.concat([merged, only], ignore_index=True) if len(only) else merged)


def fewer_classes(rows: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """The data sets of which ``rows`` measure fewer classes than the papers' averages have: how many of how many."""
    measured = rows[(rows["class"] != MEAN) & rows["mean"].notna()].groupby("dataset")["class"].nunique()
    counts: dict[str, int] = {str(name): int(count) for name, count in measured.items() if count}
    whole = class_counts()
    return {name: (count, whole[name]) for name, count in counts.items() if count < whole.get(name, 0)}


def of_table(published: pd.DataFrame, paper: str, table: str) -> pd.DataFrame:
    """The rows of one of the paper's tables, with our names for methods that are run here."""
    return published[published["table"] == table].replace({"method": published_names(paper)})


def means(tidy: pd.DataFrame) -> pd.DataFrame:
    """The rows of averages over classes."""
    return tidy[tidy["class"] == MEAN]


def class_order(rows: pd.DataFrame) -> list[str]:
    """The classes in their order, then their average."""
    return [*(name for name in dict.fromkeys(rows["class"]) if name != MEAN), MEAN]


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with the columns of a table's CSV in their order: all of ``COLUMNS``, then the variants that apply to
    some row."""
    variants = [name for name in (PUBLISHED_STD, *VARIANTS) if name in frame and frame[name].notna().any()]
    return frame.reindex(columns=[*COLUMNS, *variants]).astype({"repetitions": "Int64"})


def to_csv(frame: pd.DataFrame) -> str:
    """``ordered(frame)`` as CSV text with four decimals, byte for byte the same for equal numbers."""
    frame = ordered(frame)
    settings = [name for name in VARIANTS if name in frame and pd.api.types.is_numeric_dtype(frame[name])]
    texts = {name: frame[name].map(number, na_action="ignore") for name in settings}
    return frame.assign(**texts).to_csv(index=False, float_format="%.4f", lineterminator="\n")

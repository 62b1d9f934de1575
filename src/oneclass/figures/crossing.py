"""Figure 2 of paper 2, with the number of outliers from which a classifier is no longer behind the one-class method."""

import pandas as pd
from matplotlib.figure import Figure

from oneclass import published
from oneclass.figures.outliers import averages, count, runs
from oneclass.figures.style import methods_in

CLASSIFIER, ONE_CLASS = "bce", "hsc"  # those that the paper compares


def draw(summary: pd.DataFrame, number: str) -> tuple[Figure, pd.DataFrame]:
    """``averages`` with the crossing of BCE and HSC under each panel, and in the columns ``crossing`` and
    ``crossing_published`` (NaN: none).

    The paper's, of its Section 5.2, is beside networks trained from scratch on its data sets: a head on frozen features
    is another method.
    """
    figure, data = averages(summary, number)
    paper, shown = _published(), []
    for axis, (_, rows) in zip(figure.axes, runs(data), strict=False):
        lines = {name: rows[rows["method"] == name].set_index(number)["mean"] for name in (CLASSIFIER, ONE_CLASS)}
        here = crossing(lines[CLASSIFIER], lines[ONE_CLASS])
        dataset, backbone = rows[["dataset", "backbone"]].iloc[0]
        printed = None if backbone else paper.get(dataset)
        labels = {name: method.label for name, method in methods_in(rows).items()}
        if {CLASSIFIER, ONE_CLASS} <= set(labels):
            said = f"crossing ({labels[CLASSIFIER]} ≥ {labels[ONE_CLASS]}): {_said(here)} (here)"
            said += "" if printed is None else f", {_said(printed)} (published)"
            said += "" if here else f"\n{labels[CLASSIFIER]} {_behind(lines[CLASSIFIER], lines[ONE_CLASS])}"
            axis.set_xlabel(f"{axis.get_xlabel()}\n{said}")
        columns = rows.assign(crossing=here, crossing_published=printed)
        shown.append(columns.astype({"crossing": float, "crossing_published": float}))
    return figure, pd.concat(shown)


def crossing(one: pd.Series, other: pd.Series) -> float | None:
    """The smallest number from which on ``one`` is at least ``other``, there and at every larger number; None if it is
    below at the largest, or if they share no number.

    Both are means by number, in any order; a number that only one of them has is not compared.
    """
    reached = (one - other).dropna().sort_index(ascending=False) >= 0
    kept = reached[reached.cummin()]  # until it is below for the first time, from the largest number down
    return float(kept.index.min()) if len(kept) else None


def _behind(one: pd.Series, other: pd.Series) -> str:
    """By how much ``one`` is behind at the largest number that both have: lines that touch differ from others."""
    gaps = (other - one).dropna().sort_index()
    if gaps.empty:
        return "not compared"
    gap = f"{gaps.iloc[-1]:.1f}"
    return f"is {'under 0.1' if gap == '0.0' else gap} behind at {count(gaps.index[-1])}"


def _said(number: float | None) -> str:
    return "none" if number is None else count(number)


def _published() -> dict[str, float]:
    """The paper's crossing by data set."""
    paper = published.load("exposure")
    rows = paper[(paper["table"] == "fig2") & (paper["metric"] == "hsc_crossing")]
    return dict(zip(rows["dataset"], rows["value"], strict=True))

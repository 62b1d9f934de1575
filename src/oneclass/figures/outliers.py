"""Figures 2 to 4, 6 and 13 to 17 of paper 2: AUROC against a number, of outliers, of their classes, or Focal's γ."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from oneclass.errors import UserError
from oneclass.evaluate import IMAGE_AUROC, MEAN
from oneclass.figures.style import METHODS, deviation
from oneclass.tables.labels import label

RUN = ["dataset", "pool", "network", "backbone"]
COLUMNS = [*RUN, "task", "class", "method"]
VALUES = ["mean", "std", "seeds", "ci_low", "ci_high"]
NUMBERS = {"outliers": "number of outliers", "outlier_classes": "number of outlier classes", "gamma": "γ of focal loss"}
SMALL = "lenet"  # the network of 32-pixel images
ACROSS, CLASSES_ACROSS = 3, 5  # panels beside one another
LETTERS = 17  # of tick labels in an inch


def figure2(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """One-vs-rest: AUROC against the number of outliers, averaged over classes."""
    return _averages(_counts(summary, "2", "one_vs_rest"), "outliers")


def figure3(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Leave-one-class-out: AUROC against the number of outliers, averaged over classes."""
    return _averages(_counts(summary, "3", "leave_one_out"), "outliers")


def figure4(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Defects: AUROC against the number of outliers, averaged over categories."""
    return _averages(_counts(summary, "4", "defect"), "outliers")


def figure6(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """AUROC against the number of classes that the outliers come from, averaged over classes."""
    return _averages(_diversity(summary, "6"), "outlier_classes")


def figure13(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """AUROC of focal loss against its γ, averaged over classes."""
    return _averages(select(summary, ["gamma"], "figure 13 needs the sweep 'gamma'"), "gamma")


def figure14(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Figure 2 class by class, of the networks for larger images: the first half of the classes."""
    return _classes(_half(summary, "14", 0), "outliers")


def figure15(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Figure 2 class by class, of the networks for larger images: the second half of the classes."""
    return _classes(_half(summary, "15", 1), "outliers")


def figure16(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Figure 2 class by class, of the network for 32-pixel images."""
    small = summary[summary["network"] == SMALL]
    return _classes(_counts(small, "16", "one_vs_rest", f" and network {SMALL}"), "outliers")


def figure17(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Figure 6 class by class."""
    return _classes(_diversity(summary, "17"), "outlier_classes")


def select(summary: pd.DataFrame, variants: Sequence[str], needed: str) -> pd.DataFrame:
    """Rows of image AUROC of the methods drawn that have all ``variants``; without any, ``needed`` is the error."""
    data = summary[(summary["metric"] == IMAGE_AUROC) & summary["method"].isin(list(METHODS))].dropna(subset=variants)
    if data.empty:
        raise UserError(f"{needed}, of which there are no results; add it to the config or leave the figure out")
    return data.fillna({"backbone": ""})[[*COLUMNS, *variants, *VALUES]]


def runs(data: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """What is drawn apart, in the order of ``data``: the title and the rows of each data set, pool and network."""
    found = []
    for (dataset, pool, network, backbone), rows in data.groupby(RUN, sort=False, observed=True):
        trained = label("network", network) + (f", {label('backbone', backbone)}" if backbone else "")
        found.append((f"{label('dataset', dataset)}, outliers: {label('pool', pool)}\n{trained}", rows))
    return found


def count(number: float) -> str:
    """How a number of outliers is written: infinity is the whole pool."""
    return "all" if math.isinf(number) else f"{number:,.0f}"


def _counts(summary: pd.DataFrame, figure: str, task: str, network: str = "") -> pd.DataFrame:
    part = summary[summary["task"] == task]
    return select(part, ["outliers"], f"figure {figure} needs the sweep 'counts' with task {task}{network}")


def _diversity(summary: pd.DataFrame, figure: str) -> pd.DataFrame:
    whole = summary.assign(outlier_classes=summary["outlier_classes"].fillna(math.inf))
    return select(whole, ["outlier_classes"], f"figure {figure} needs the sweep 'diversity'")


def _half(summary: pd.DataFrame, figure: str, half: int) -> pd.DataFrame:
    """Half of the classes of each run, in their order; of an odd number the first half has one more."""
    large = summary[summary["network"] != SMALL]
    data = _counts(large, figure, "one_vs_rest", f" and a network other than {SMALL}")
    parts = []
    for _, rows in runs(data[data["class"] != MEAN]):
        classes = rows["class"].unique()
        middle = (len(classes) + 1) // 2
        parts.append(rows[rows["class"].isin(classes[middle:] if half else classes[:middle])])
    chosen = pd.concat(parts)
    if chosen.empty:
        raise UserError(f"figure {figure} shows the second half of the classes, but each data set has a single one")
    return chosen


def _averages(data: pd.DataFrame, number: str) -> tuple[Figure, pd.DataFrame]:
    """A panel for each run."""
    data = data[data["class"] == MEAN]
    panels = runs(data)
    columns = min(len(panels), ACROSS)
    lines = -(-len(panels) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(4.2 * columns, 3.2 * lines + 0.3), squeeze=False)
    for axis, (title, rows) in zip(axes.flat, panels, strict=False):
        _draw(axis, rows, number, width=3.5)
        axis.set_xlabel(NUMBERS[number])
        axis.set_title(title)
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel("mean image AUROC (%)")
    _legend(figure, data)
    return figure, data


def _classes(data: pd.DataFrame, number: str) -> tuple[Figure, pd.DataFrame]:
    """A block for each run, with a small panel for each class; the panels of a block share their axes."""
    data = data[data["class"] != MEAN]
    blocks = runs(data)
    most = [rows["class"].nunique() for _, rows in blocks]
    columns = min(CLASSES_ACROSS, max(most))
    lines = [-(-classes // columns) for classes in most]
    heights = [1.6 * many + 0.9 for many in lines]
    figure = plt.figure(figsize=(max(4.2, 2 * columns + 0.5), sum(heights) + 0.3))
    parts = figure.subfigures(len(blocks), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, many, (title, rows) in zip(parts, lines, blocks, strict=True):
        axes = part.subplots(many, columns, sharex=True, sharey=True, squeeze=False)
        classes = rows["class"].unique()
        for axis, name in zip(axes.flat, classes, strict=False):
            _draw(axis, rows[rows["class"] == name], number, width=1.6)
            axis.set_title(name, fontsize=8, pad=3)
        for axis in axes.flat[len(classes) :]:
            axis.set_visible(False)
        for axis in axes.flat[max(len(classes) - columns, 0) : len(classes)]:  # the lowest of their columns
            axis.tick_params(labelbottom=True)
        part.suptitle(title, fontsize=9)
        part.supxlabel(NUMBERS[number], fontsize=9)
        part.supylabel("image AUROC (%)", fontsize=9)
    _legend(figure, data)
    return figure, data


def _draw(axis: Axes, rows: pd.DataFrame, number: str, width: float) -> None:
    """A line for each method with a band of one standard deviation, in a panel about ``width`` inches wide.

    Numbers lie on an axis of doublings, from which 0 and the whole pool are broken off; γ lies on a plain one.
    """
    numbers = sorted(rows[number].unique())
    apart = set() if number == "gamma" else {0.0, math.inf}
    places = {value: value for value in numbers} if number == "gamma" else _places(numbers)
    thick, size = (1.5, 4) if width > 2 else (1.0, 2.5)
    for method, (colour, marker) in _looks(rows).items():
        line = rows[rows["method"] == method].sort_values(number)
        x, joined = line[number].map(places), ~line[number].isin(apart)
        axis.fill_between(x, *deviation(line), color=colour, alpha=0.15, lw=0)
        axis.plot(x, line["mean"], ":", color=colour, lw=thick, marker=marker, ms=size, label=label("method", method))
        axis.plot(x[joined], line["mean"][joined], "-", color=colour, lw=thick)
    for one, other in pairwise(numbers):
        if {one, other} & apart:
            _break(axis, (places[one] + places[other]) / 2, 0.012 * (places[numbers[-1]] - places[numbers[0]]))
    names = [f"{value:g}" if number == "gamma" else count(value) for value in numbers]
    axis.set_xticks(list(places.values()), names, fontsize=7 if width > 2 else 6)
    steps = np.diff(list(places.values()))
    if len(steps) and steps.min() / steps.sum() * width * LETTERS < 1 + max(map(len, names)):
        axis.tick_params(axis="x", rotation=90)


def _places(numbers: Sequence[float]) -> dict[float, float]:
    """Where each of the sorted ``numbers`` lies: at its binary logarithm, 0 and infinity a step outside the others."""
    inside = [math.log2(value) for value in numbers if 0 < value < math.inf] or [0.0]
    step = max(1.0, (inside[-1] - inside[0]) / 12, *np.diff(inside))
    outside = {0.0: inside[0] - step, math.inf: inside[-1] + step}
    return {value: outside[value] if value in outside else math.log2(value) for value in numbers}


def _break(axis: Axes, middle: float, half: float) -> None:
    """Two strokes across the axis, and none of it between them."""
    ends, floor = [middle - half, middle + half], axis.get_xaxis_transform()
    axis.plot(ends, [0, 0], "-", color="white", lw=2, transform=floor, clip_on=False, zorder=2.6)
    axis.plot(ends, [0, 0], ls="", marker=[(-1, -2), (1, 2)], ms=7, color="black", transform=floor, clip_on=False)


def _legend(figure: Figure, data: pd.DataFrame) -> None:
    handles = [
        Line2D([], [], color=colour, marker=marker, ms=4, label=label("method", method))
        for method, (colour, marker) in _looks(data).items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))


def _looks(data: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Colour and marker of the methods of ``data``."""
    return {method: look for method, look in METHODS.items() if method in set(data["method"])}

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
from oneclass.figures.style import changed_options, deviation, legend_below, methods_in
from oneclass.labels import label

RUN = ["dataset", "pool", "network", "backbone"]
COLUMNS = [*RUN, "task", "class", "method"]
VALUES = ["mean", "std", "repetitions", "ci_low", "ci_high"]
NUMBERS = {
    "outlier_count": "number of outliers",
    "outlier_class_count": "number of outlier classes",
    "gamma": "γ of focal loss",
}
ACROSS, CLASSES_ACROSS = 3, 5  # panels beside one another
LETTERS = 17  # of tick labels in an inch


def averages(summary: pd.DataFrame, number: str) -> tuple[Figure, pd.DataFrame]:
    """Figures 2 to 4, 6 and 13: AUROC against ``number``, averaged over classes; a panel for each run."""
    data = select(summary, [number])
    return _averages(data[data["class"] == MEAN], number)


def classes(summary: pd.DataFrame, number: str, half: str = "") -> tuple[Figure, pd.DataFrame]:
    """Figures 14 to 17: AUROC against ``number`` class by class; of the ``first`` or ``second`` half of the classes,
    if given. Raises ``UserError`` if no data set has a second half."""
    data = select(summary, [number])
    data = data[data["class"] != MEAN]
    return _classes(_half(data, half == "second") if half else data, number)


def select(summary: pd.DataFrame, variants: Sequence[str]) -> pd.DataFrame:
    """Rows of image AUROC that have all ``variants``; the whole pool is infinitely many of its classes. An option that
    is not the default is a column, too."""
    data = summary[summary["metric"] == IMAGE_AUROC]
    if "outlier_class_count" in variants:
        data = data.assign(outlier_class_count=data["outlier_class_count"].fillna(math.inf))
    columns = dict.fromkeys([*COLUMNS, *variants, *changed_options(data), *VALUES])
    return data.dropna(subset=list(variants)).fillna({"backbone": ""})[list(columns)]


def runs(data: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """What is drawn apart, in the order of ``data``: the title and the rows of each data set, pool and network."""
    found = []
    for (dataset, pool, network, backbone), rows in data.groupby(RUN, sort=False):
        trained = label("network", network) + (f", {label('backbone', backbone)}" if backbone else "")
        found.append((f"{label('dataset', dataset)}, outliers: {label('pool', pool)}\n{trained}", rows))
    return found


def count(number: float) -> str:
    """How a number of outliers is written: infinity is the whole pool."""
    return "all" if math.isinf(number) else f"{number:,.0f}"


def _half(data: pd.DataFrame, second: bool) -> pd.DataFrame:
    """Half of the classes of each run, in their order; of an odd number the first half has one more."""
    parts = []
    for _, rows in runs(data):
        names = rows["class"].unique()
        middle = (len(names) + 1) // 2
        parts.append(rows[rows["class"].isin(names[middle:] if second else names[:middle])])
    chosen = pd.concat(parts)
    if chosen.empty:
        raise UserError("the second half of the classes is empty: each data set has a single one")
    return chosen


def _averages(data: pd.DataFrame, number: str) -> tuple[Figure, pd.DataFrame]:
    """A panel for each run."""
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
    blocks = runs(data)
    most = [rows["class"].nunique() for _, rows in blocks]
    columns = min(CLASSES_ACROSS, max(most))
    lines = [-(-count // columns) for count in most]
    heights = [1.6 * many + 0.9 for many in lines]
    figure = plt.figure(figsize=(max(4.2, 2 * columns + 0.5), sum(heights) + 0.3))
    parts = figure.subfigures(len(blocks), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, many, (title, rows) in zip(parts, lines, blocks, strict=True):
        axes = part.subplots(many, columns, sharex=True, sharey=True, squeeze=False)
        names = rows["class"].unique()
        for axis, name in zip(axes.flat, names, strict=False):
            _draw(axis, rows[rows["class"] == name], number, width=1.6)
            axis.set_title(name, fontsize=8, pad=3)
        for axis in axes.flat[len(names) :]:
            axis.set_visible(False)
        for axis in axes.flat[max(len(names) - columns, 0) : len(names)]:  # the lowest of their columns
            axis.tick_params(labelbottom=True)
        part.suptitle(title, fontsize=9)
        part.supxlabel(NUMBERS[number], fontsize=9)
        part.supylabel("image AUROC (%)", fontsize=9)
    _legend(figure, data)
    return figure, data


def _draw(axis: Axes, rows: pd.DataFrame, number: str, width: float) -> None:
    """A line for each method with a band of one standard deviation, in a panel about ``width`` inches wide.

    Numbers are on an axis of doublings, from which 0 and the whole pool are broken off; γ is on a plain one.
    """
    numbers = sorted(rows[number].unique())
    apart = set() if number == "gamma" else {0.0, math.inf}
    places = {value: value for value in numbers} if number == "gamma" else _places(numbers)
    thick, size = (1.5, 4) if width > 2 else (1.0, 2.5)
    for name, method in methods_in(rows).items():
        line, colour = rows[rows["method"] == name].sort_values(number), method.colour
        x, joined = line[number].map(places), ~line[number].isin(apart)
        axis.fill_between(x, *deviation(line), color=colour, alpha=0.15, lw=0)
        axis.plot(x, line["mean"], ":", color=colour, lw=thick, marker=method.marker, ms=size, label=method.label)
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
        Line2D([], [], color=method.colour, marker=method.marker, ms=4, label=method.label)
        for method in methods_in(data).values()
    ]
    legend_below(figure, handles)

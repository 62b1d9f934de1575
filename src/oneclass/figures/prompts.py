"""Beyond the paper: which prompt should CLIP be given? AUROC by class and prompt."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from oneclass.errors import UserError
from oneclass.evaluate import IMAGE_AUROC, MEAN
from oneclass.figures.style import MARKERS, SERIES, deviation, legend_below
from oneclass.labels import label

PANEL = ["dataset", "network", "backbone"]
COLUMNS = [*PANEL, "task", "class", "method", "prompt", "mean", "std", "repetitions", "ci_low", "ci_high"]
WIDEST = 14.0  # inches
LETTER = 0.085  # of a name, inches
SPREAD = 0.7  # of the room of a class, which its prompts share


def draw(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """A panel for each data set; in it the classes, then their average, and of each a point for each prompt.

    Raises ``UserError`` if it has no AUROC,
    or more prompts than there are colours.
    """
    data = summary.loc[summary["metric"] == IMAGE_AUROC, COLUMNS]
    if data.empty:
        raise UserError("the figure of prompts has no results of CLIP; add data sets to clip.datasets")
    panels = list(data.groupby(PANEL, sort=False))
    looks = _looks(data)
    most = max(rows["class"].nunique() for _, rows in panels)
    width = min(max(4.5, most * max(0.6, 0.15 * len(looks))), WIDEST) + 0.8
    heights = [2.7 + (LETTER * _longest(rows) if _upright(rows, width) else 0) for _, rows in panels]
    size = (width, sum(heights) + 0.2 * len(looks))
    figure, axes = plt.subplots(len(panels), 1, figsize=size, height_ratios=heights, squeeze=False)
    for axis, ((dataset, _, backbone), rows) in zip(axes[:, 0], panels, strict=True):
        _panel(axis, rows, looks)
        if _upright(rows, width):
            axis.tick_params(axis="x", rotation=90)
        axis.set_title(f"{label('dataset', dataset)}: {label('backbone', backbone)}")
    handles = [Line2D([], [], ls="", color=look[0], marker=look[1], ms=5, label=name) for name, look in looks.items()]
    legend_below(figure, handles)
    return figure, data


def _panel(axis: Axes, rows: pd.DataFrame, looks: dict[str, tuple[str, str]]) -> None:
    """Points with lines of one standard deviation; every other class is shaded, the average is larger and in bold."""
    classes = [*(name for name in rows["class"].unique() if name != MEAN), MEAN]
    prompts = [name for name in looks if name in set(rows["prompt"])]
    places = (np.arange(len(prompts)) - (len(prompts) - 1) / 2) * SPREAD / len(prompts)
    for prompt, shift in zip(prompts, places, strict=True):
        colour, marker = looks[prompt]
        line = rows[rows["prompt"] == prompt].set_index("class").reindex(classes)
        x = np.arange(len(classes)) + shift
        axis.vlines(x, *deviation(line), color=colour, lw=1)
        axis.plot(x[:-1], line["mean"][:-1], ls="", color=colour, marker=marker, ms=4, label=prompt)
        axis.plot(x[-1:], line["mean"][-1:], ls="", color=colour, marker=marker, ms=7)
    for place in range(0, len(classes) - 1, 2):
        axis.axvspan(place - 0.5, place + 0.5, color="black", alpha=0.05, lw=0)
    axis.axvline(len(classes) - 1.5, color="black", lw=0.8)
    axis.set_xlim(-0.5, len(classes) - 0.5)
    axis.set_xticks(range(len(classes)), [label("class", name) for name in classes])
    axis.get_xticklabels()[-1].set_fontweight("bold")
    axis.grid(axis="x", visible=False)
    axis.set_ylabel("image AUROC (%)")


def _longest(rows: pd.DataFrame) -> int:
    """The letters of the longest name of a class."""
    return max(len(label("class", name)) for name in rows["class"].unique())


def _upright(rows: pd.DataFrame, width: float) -> bool:
    """Whether names of classes would overlap if they were written level in a figure so wide."""
    return LETTER * _longest(rows) > (width - 0.8) / rows["class"].nunique()


def _looks(data: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Colour and marker of each prompt, in the order of ``data``: the same in every panel."""
    prompts = data["prompt"].unique()
    if len(prompts) > len(SERIES):
        raise UserError(f"the figure of prompts has room for {len(SERIES)}, not {len(prompts)} prompts; name fewer")
    return dict(zip(prompts, zip(SERIES, MARKERS, strict=True), strict=False))

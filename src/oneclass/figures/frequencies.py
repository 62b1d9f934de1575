"""Figures 8 to 11 of paper 2: AUROC on filtered images against the filter's magnitude, above what the networks saw."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from numpy.typing import NDArray

from oneclass import filters
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.evaluate import MEAN
from oneclass.figures import samples as pictures
from oneclass.figures.outliers import RUN, count, runs, select
from oneclass.figures.style import MARKERS, legend_below, methods_in
from oneclass.seeds import derive

Looks = dict[float, tuple[Any, str]]  # colour and marker of a number of outliers

VARIANTS = ["outlier_count", "filter", "magnitude"]
PASS = {"lpf": "low-pass", "hpf": "high-pass"}
PICTURE = 34  # points: side of a sample image
ACROSS = 2  # runs beside one another


def draw(
    summary: pd.DataFrame,
    indexes: Sequence[Index],
    kind: filters.Kind,
    geometries: Mapping[str, Mapping[str, Any]],
    high_pass_width: filters.Width,
    seed: int,
) -> tuple[Figure, pd.DataFrame]:
    """A pair of panels for each run, one method above the other, with a line for each number of outliers; under them
    images filtered by ``kind`` as the networks see them.

    ``geometries`` says for each data set how its images are resized and cropped. Magnitudes are spaced evenly.
    """
    data = filtered(summary, kind)
    shown = samples(summary, data, indexes, filters.Filter(kind, 0, high_pass_width), geometries, seed)
    blocks = runs(data)
    columns = min(len(blocks), ACROSS)
    lines = -(-len(blocks) // columns)
    ticks = max(rows["magnitude"].nunique() for _, rows in blocks)
    page = plt.figure(figsize=(columns * max(4.2, 0.9 + 0.56 * ticks), 5 * lines + 0.5))
    numbers = sorted(data["outlier_count"].unique())
    colours = matplotlib.colormaps["viridis"](np.linspace(0, 0.88, len(numbers)))
    looks: Looks = dict(zip(numbers, zip(colours, cycle(MARKERS), strict=False), strict=True))
    parts = page.subfigures(lines, columns, squeeze=False).flat
    for part, (title, rows) in zip(parts, blocks, strict=False):
        lowest = _panels(part, rows, looks)
        _show(lowest, dict(shown[rows["dataset"].iloc[0]]))
        lowest.set_xlabel(f"magnitude of the {PASS[kind]} filter (frequencies)", labelpad=PICTURE + 8)
        part.suptitle(title, fontsize=9)
    handles = [
        Line2D([], [], color=colour, marker=marker, ms=4, label=count(number))
        for number, (colour, marker) in looks.items()
    ]
    legend_below(page, handles, title="outliers")
    return page, data


def filtered(summary: pd.DataFrame, kind: filters.Kind) -> pd.DataFrame:
    """Averages over classes with filters of ``kind`` and, of the same runs, without any."""
    part = summary[summary["class"] == MEAN]
    chosen = select(part[part["filter"] == kind], VARIANTS)
    return select(part[part["filter"].isin([kind, "none"])], VARIANTS).merge(chosen[RUN].drop_duplicates())


def samples(
    summary: pd.DataFrame,
    data: pd.DataFrame,
    indexes: Sequence[Index],
    filter: filters.Filter,
    geometries: Mapping[str, Mapping[str, Any]],
    seed: int,
) -> dict[str, list[tuple[int, NDArray[np.uint8]]]]:
    """What the networks see: of each data set of ``data`` a normal test image, drawn by name, at every magnitude of
    ``filter``'s kind."""
    known = {index.name: index for index in indexes}
    found = {}
    for dataset in map(str, data["dataset"].unique()):
        rows, index = data[data["dataset"] == dataset], known[dataset]
        classes = sorted(set(summary.loc[summary["dataset"] == dataset, "class"]) - {MEAN})
        drawn = _normal(index, rows["task"].iloc[0], classes, derive(seed, "filtered", filter.kind, dataset))
        image = pictures.picture(index.places()[drawn], Geometry(**geometries[dataset]))
        found[dataset] = [
            (magnitude, pictures.filtered(image, replace(filter, magnitude=magnitude)))
            for magnitude in map(int, sorted(rows["magnitude"].unique()))
        ]
    return found


def _normal(index: Index, task: str, classes: Sequence[str], seed: int) -> int:
    """The row of a normal test image of one of ``classes``."""
    random = np.random.default_rng(seed)
    rows = split(index, task, str(random.choice(classes)))
    return int(random.choice(rows.test[rows.labels == 0]))


def _panels(part: FigureBase, rows: pd.DataFrame, looks: Looks) -> Axes:
    """A panel for each method, under one another, with magnitudes as evenly spaced ticks; returns the lowest."""
    methods = methods_in(rows)
    axes = part.subplots(len(methods), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    magnitudes = sorted(rows["magnitude"].unique())
    for axis, (name, method) in zip(axes, methods.items(), strict=True):
        for number, (colour, marker) in looks.items():
            line = rows[(rows["method"] == name) & (rows["outlier_count"] == number)].sort_values("magnitude")
            x = np.searchsorted(magnitudes, line["magnitude"])
            axis.plot(x, line["mean"], color=colour, marker=marker, ms=4, label=count(number))
        axis.set_title(method.label, loc="left", color=method.colour, fontweight="bold")
        axis.set_ylabel("mean image AUROC (%)")
    axes[-1].set_xticks(range(len(magnitudes)), [f"{magnitude:g}" for magnitude in magnitudes])
    axes[-1].set_xlim(-0.5, len(magnitudes) - 0.5)
    return axes[-1]


def _show(axis: Axes, shown: Mapping[int, NDArray[np.uint8]]) -> None:
    """Under each tick the image that was filtered so."""
    for place, tick in zip(axis.get_xticks(), axis.get_xticklabels(), strict=True):
        picture = shown[int(tick.get_text())]
        box = AnnotationBbox(
            OffsetImage(picture, zoom=PICTURE / picture.shape[0]),
            (place, 0),
            xybox=(0, -18),
            xycoords=axis.get_xaxis_transform(),
            boxcoords="offset points",
            box_alignment=(0.5, 1),
            pad=0,
            frameon=False,
        )
        axis.add_artist(box)

"""Figures 8 to 11 of paper 2: AUROC on filtered images against the filter's magnitude, above what the networks saw."""

from collections.abc import Mapping, Sequence
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
from oneclass.data.tasks import split
from oneclass.evaluate import MEAN
from oneclass.figures import pictures
from oneclass.figures.outliers import RUN, SMALL, count, runs, select
from oneclass.figures.style import MARKERS, METHODS
from oneclass.seeds import derive
from oneclass.tables.labels import label

Looks = dict[float, tuple[Any, str]]  # colour and marker of a number of outliers
Pictures = Mapping[str, Sequence[tuple[int, NDArray[np.uint8]]]]

# The filter of each figure, and whether it is of the network for 32-pixel images or of those for larger ones.
FIGURES: dict[str, tuple[filters.Kind, bool]] = {
    "figure8": ("lpf", True),
    "figure9": ("hpf", True),
    "figure10": ("lpf", False),
    "figure11": ("hpf", False),
}
VARIANTS = ["outliers", "filter", "magnitude"]
PASS = {"lpf": "low-pass", "hpf": "high-pass"}
PICTURE = 34  # points: side of a sample image
ACROSS = 2  # runs beside one another


def draw(summary: pd.DataFrame, figure: str, shown: Pictures) -> tuple[Figure, pd.DataFrame]:
    """A pair of panels for each run, HSC above BCE, with a line for each number of outliers; under them ``shown``.

    ``figure`` is one of ``FIGURES``; ``shown`` is as from ``samples``: of each data set an image [H, W, 3] at every
    magnitude. Magnitudes are spaced evenly.
    """
    data = filtered(summary, figure)
    blocks = runs(data)
    columns = min(len(blocks), ACROSS)
    lines = -(-len(blocks) // columns)
    ticks = max(rows["magnitude"].nunique() for _, rows in blocks)
    page = plt.figure(figsize=(columns * max(4.2, 0.9 + 0.56 * ticks), 5 * lines + 0.5))
    numbers = sorted(data["outliers"].unique())
    colours = matplotlib.colormaps["viridis"](np.linspace(0, 0.88, len(numbers)))
    looks: Looks = dict(zip(numbers, zip(colours, cycle(MARKERS), strict=False), strict=True))
    parts = page.subfigures(lines, columns, squeeze=False).flat
    for part, (title, rows) in zip(parts, blocks, strict=False):
        lowest = _panels(part, rows, looks)
        _show(lowest, dict(shown[rows["dataset"].iloc[0]]))
        lowest.set_xlabel(f"magnitude of the {PASS[FIGURES[figure][0]]} filter (frequencies)", labelpad=PICTURE + 8)
        part.suptitle(title, fontsize=9)
    handles = [
        Line2D([], [], color=colour, marker=marker, ms=4, label=count(number))
        for number, (colour, marker) in looks.items()
    ]
    page.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 4 * columns), title="outliers")
    return page, data


def filtered(summary: pd.DataFrame, figure: str) -> pd.DataFrame:
    """The rows of ``figure``: averages over classes with its filter and, of the same runs, without any."""
    kind, small = FIGURES[figure]
    network = f"network {SMALL}" if small else f"a network other than {SMALL}"
    needed = f"figure {figure.removeprefix('figure')} needs the sweep 'frequencies' with filter {kind} and {network}"
    part = summary[((summary["network"] == SMALL) == small) & (summary["class"] == MEAN)]
    chosen = select(part[part["filter"] == kind], VARIANTS, needed)
    return select(part[part["filter"].isin([kind, "none"])], VARIANTS, needed).merge(chosen[RUN].drop_duplicates())


def samples(
    summary: pd.DataFrame,
    figure: str,
    indexes: Sequence[pd.DataFrame],
    sides: Mapping[str, tuple[int, int | None]],
    reading: filters.Reading,
    seed: int,
) -> dict[str, list[tuple[int, NDArray[np.uint8]]]]:
    """What the networks of ``figure`` see: of each data set a normal test image, drawn by name, at every magnitude.

    ``sides``: to which size images of a data set are resized, and how much of that is cut out.
    """
    kind, _ = FIGURES[figure]
    known = {index.attrs["dataset"]: index for index in indexes}
    data = filtered(summary, figure)
    found = {}
    for dataset in map(str, data["dataset"].unique()):
        rows = data[data["dataset"] == dataset]
        classes = sorted(set(summary.loc[summary["dataset"] == dataset, "class"]) - {MEAN})
        row = _normal(known[dataset], rows["task"].iloc[0], classes, derive(seed, figure, dataset))
        image = pictures.load(known[dataset].attrs["root"], row, sides[dataset])
        found[dataset] = [
            (magnitude, pictures.pixels(filters.apply(image, filters.Filter(kind, magnitude), reading=reading)))
            for magnitude in map(int, sorted(rows["magnitude"].unique()))
        ]
    return found


def _normal(index: pd.DataFrame, task: str, classes: Sequence[str], seed: int) -> pd.Series:
    """A normal test image of one of ``classes``."""
    random = np.random.default_rng(seed)
    rows = split(index, task, str(random.choice(classes)))
    return index.iloc[random.choice(rows.test[rows.labels == 0])]


def _panels(part: FigureBase, rows: pd.DataFrame, looks: Looks) -> Axes:
    """A panel for each method, under one another, with magnitudes as evenly spaced ticks; returns the lowest."""
    methods = [method for method in METHODS if method in set(rows["method"])]
    axes = part.subplots(len(methods), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    magnitudes = sorted(rows["magnitude"].unique())
    for axis, method in zip(axes, methods, strict=True):
        for number, (colour, marker) in looks.items():
            line = rows[(rows["method"] == method) & (rows["outliers"] == number)].sort_values("magnitude")
            x = np.searchsorted(magnitudes, line["magnitude"])
            axis.plot(x, line["mean"], color=colour, marker=marker, ms=4, label=count(number))
        axis.set_title(label("method", method), loc="left", color=METHODS[method][0], fontweight="bold")
        axis.set_ylabel("mean image AUROC (%)")
    axes[-1].set_xticks(range(len(magnitudes)), [str(magnitude) for magnitude in magnitudes])
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

"""Figures 5, 7, 12 and 18 to 23 of paper 2: the best and the worst single outliers that searches found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from oneclass import filters
from oneclass.data.tasks import split
from oneclass.errors import UserError
from oneclass.figures import pictures
from oneclass.figures.outliers import SMALL
from oneclass.figures.style import NORMAL, colour
from oneclass.seeds import derive
from oneclass.tables.labels import label
from oneclass.tables.search import FILTERS, images

RUN = ["dataset", "pool", "network", "task"]
BLOCK = ["filter", "magnitude", "class"]
COLUMNS = [*RUN, *BLOCK, "method", "outlier", "id", "auroc"]
SHOWN = 7  # pictures in a row
ACROSS = 2  # blocks beside one another
RESOLUTION = 96  # pixels a side that a figure keeps of a larger picture
INCHES = 0.52  # the side of a picture, in which the following are measured
STEP, UNDER, GAP = 1.06, 0.34, 0.25  # from picture to picture; room for an AUROC; before the filtered picture
NAMES, HEAD = 1.5, 0.85  # room left of a block, and above it


Sides = Mapping[str, tuple[int, int | None]]


@dataclass(frozen=True)
class Page:
    """Which searches a figure shows: filters; networks, of 32-pixel images or not (None: all); how many classes."""

    filters: tuple[str, ...]
    small: bool | None = None
    directions: tuple[str, ...] = ("best", "worst")
    classes: int | None = None


FIGURES = {
    "figure5": Page(("none",), classes=2),
    "figure7": Page(("lpf", "hpf"), classes=2),
    "figure12": Page(("none", "lpf", "hpf"), directions=("random",), classes=2),
    "figure18": Page(("none",), small=True),
    "figure19": Page(("lpf",), small=True),
    "figure20": Page(("hpf",), small=True),
    "figure21": Page(("none",), small=False),
    "figure22": Page(("lpf",), small=False),
    "figure23": Page(("hpf",), small=False),
}


def draw(data: pd.DataFrame, indexes: Sequence[pd.DataFrame], sides: Sides, reading: filters.Reading) -> Figure:
    """A block for each filter and class of ``data``, which is as from ``chosen``; each of its rows a row of pictures.

    ``indexes`` are those of the data sets and pools, ``sides`` to which size the images of each network are resized,
    and how much of that is cut out. Pictures are as before any filter; the first of a row is shown filtered, too, last.
    """
    albums = {index.attrs["dataset"]: index.set_index("id") for index in indexes}
    runs = [
        (run, [block for _, block in rows.groupby(BLOCK, sort=False)]) for run, rows in data.groupby(RUN, sort=False)
    ]
    wide = NAMES + SHOWN * STEP + (GAP + STEP if (data["filter"] != "none").any() else 0)
    tall = HEAD + max(sum(map(_height, _rows(block))) for _, blocks in runs for block in blocks)
    columns = min(ACROSS, max(len(blocks) for _, blocks in runs))
    lines = [-(-len(blocks) // columns) for _, blocks in runs]
    heights = [0.5 + INCHES * tall * many for many in lines]
    page = plt.figure(figsize=(INCHES * wide * columns + 0.2, sum(heights)))
    page.suppressComposite = True  # every picture keeps its own pixels in an SVG
    parts = page.subfigures(len(runs), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, many, (run, blocks) in zip(parts, lines, runs, strict=True):
        dataset, pool, network = map(label, RUN[:3], run[:3])
        part.suptitle(f"{dataset}, outliers: {pool}\n{network}", fontsize=9)
        axes = part.subplots(many, columns, squeeze=False).flatten()
        for axis in axes:
            axis.set(xlim=(-NAMES, wide - NAMES), ylim=(tall - HEAD, -HEAD), aspect="equal")
            axis.axis("off")
        for axis, block in zip(axes, blocks, strict=False):
            _draw(axis, block, albums, sides, reading)
    return page


def chosen(history: pd.DataFrame, figure: str, indexes: Sequence[pd.DataFrame], seed: int) -> pd.DataFrame:
    """The pictures of ``figure``, a row each; ``outlier`` is best, worst or, for a normal test image, empty.

    ``history`` is as in ``tables.search``, ``figure`` one of ``FIGURES``. Outliers are the ``SHOWN`` different ones
    with the highest (lowest) AUROC of a whole search, in that order; normal images of a class are drawn by name, and
    the same in every figure. Raises ``UserError`` if no such search was run.
    """
    known = {index.attrs["dataset"]: index for index in indexes}
    rows = _searches(history, figure)
    parts = []
    for _, block in rows.groupby([*RUN, *BLOCK], sort=False, observed=True):
        described = {name: block[name].iloc[0] for name in [*RUN, *BLOCK]}
        dataset, name = str(described["dataset"]), str(described["class"])
        normal = _normal(known[dataset], str(described["task"]), name, derive(seed, "gallery", dataset, name))
        parts += [part.assign(**described) for part in (normal, *_outliers(block))]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _searches(history: pd.DataFrame, figure: str) -> pd.DataFrame:
    """The searches that ``figure`` shows, run by run, in the order of filters, and of the first classes."""
    page = FIGURES[figure]
    rows = history[history["filter"].isin(page.filters) & history["direction"].isin(page.directions)]
    if page.small is not None:
        rows = rows[(rows["network"] == SMALL) == page.small]
    if rows.empty:
        network = {None: "", True: f" and network {SMALL}", False: f" and a network other than {SMALL}"}[page.small]
        raise UserError(
            f"figure {figure.removeprefix('figure')} needs a search with filter {' or '.join(page.filters)}{network}, "
            "of which there are no results; add it to the config or leave the figure out"
        )
    parts = []
    for _, run in rows.groupby(RUN, sort=False, observed=True):
        first = run[run["class"].isin(run["class"].unique()[: page.classes])]
        order = first.assign(order=first["filter"].map(FILTERS.index).astype(int))
        parts.append(order.sort_values(["order", "magnitude"], kind="stable").drop(columns="order"))
    return pd.concat(parts, ignore_index=True)


def _normal(index: pd.DataFrame, task: str, class_name: str, seed: int) -> pd.DataFrame:
    rows = split(index, task, class_name)
    drawn = np.random.default_rng(seed).permutation(rows.test[rows.labels == 0])[:SHOWN]
    ids = index["id"].iloc[drawn].to_list()
    return pd.DataFrame({"method": "", "outlier": "", "id": ids, "auroc": np.nan})


def _outliers(block: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows of a block: the best of each method, then the worst; of a random search the best alone."""
    parts = []
    for end, directions in (("best", ["best", "random"]), ("worst", ["worst"])):
        searched = block[block["direction"].isin(directions)].drop_duplicates(["method", "outlier"])
        ranked = searched.sort_values("fitness", ascending=end == "worst", kind="stable")
        for method in searched["method"].unique():
            top = ranked[ranked["method"] == method].head(SHOWN)
            columns = {"method": method, "outlier": end}
            parts.append(pd.DataFrame({**columns, "id": top["outlier"].array, "auroc": top["fitness"].array}))
    return parts


def _rows(block: pd.DataFrame) -> list[pd.DataFrame]:
    return [row for _, row in block.groupby(["outlier", "method"], sort=False)]


def _height(row: pd.DataFrame) -> float:
    return STEP + (UNDER if row["outlier"].iloc[0] else 0)


def _draw(
    axis: Axes, block: pd.DataFrame, albums: Mapping[str, pd.DataFrame], sides: Sides, reading: filters.Reading
) -> None:
    """One block, on an axis whose unit is the side of a picture and whose origin is the upper left of the first."""
    first = block.iloc[0]
    seen = filters.Filter(first["filter"], int(first["magnitude"]))
    last, top = SHOWN * STEP + GAP, 0.0
    axis.text(0, -0.12, f"{first['class']}, {images(block)[0]}", va="bottom", fontweight="bold")
    if seen.magnitude:
        axis.text(last + 0.5, -0.12, "first,\nfiltered", ha="center", va="bottom", fontsize=7)
    for row in _rows(block):
        end, method = row["outlier"].iloc[0], row["method"].iloc[0]
        heading = f"{end}\n{label('method', method)}" if end else "normal"
        axis.text(-0.12, top + 0.5, heading, ha="right", va="center", color=colour(method) if end else NORMAL)
        album = albums[first["pool"] if end else first["dataset"]]
        for place, (name, auroc) in enumerate(zip(row["id"], row["auroc"], strict=True)):
            image = pictures.load(album.attrs["root"], album.loc[name], sides[first["network"]])
            left = place * STEP
            _show(axis, _shrunk(pictures.pixels(image)), left, top)
            if place == 0 and seen.magnitude:
                _show(axis, pictures.pixels(filters.apply(image, seen, reading=reading)), last, top)
            if end:
                axis.text(left + 0.5, top + 1.02, f"{auroc:.1f}", ha="center", va="top", fontsize=7)
        top += _height(row)


def _shrunk(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture in ``RESOLUTION`` where it has more. Not for filtered ones, of which that might leave nothing."""
    image = Image.fromarray(pixels)
    image.thumbnail((RESOLUTION, RESOLUTION), Image.Resampling.BILINEAR)
    return np.asarray(image)


def _show(axis: Axes, pixels: NDArray[np.uint8], left: float, top: float) -> None:
    axis.imshow(pixels, extent=(left, left + 1, top + 1, top), interpolation="none", aspect="equal")

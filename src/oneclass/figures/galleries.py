"""Figures 5, 7, 12 and 18 to 23 of paper 2: the best and the worst single outliers that searches found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from oneclass import filters
from oneclass.catalogue.methods import METHODS
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index, Place
from oneclass.data.tasks import split
from oneclass.figures.samples import filtered, picture
from oneclass.figures.style import NORMAL
from oneclass.labels import images, label
from oneclass.seeds import derive

RUN = ["dataset", "pool", "network", "task"]
BLOCK = ["filter", "magnitude", "class"]
COLUMNS = [*RUN, *BLOCK, "method", "outlier", "id", "auroc"]
SHOWN = 7  # pictures in a row
ACROSS = 2  # blocks beside one another
EXAMPLES = 2  # classes of a run, where not all are shown and none are named
RESOLUTION = 96  # pixels a side that a figure keeps of a larger picture
INCHES = 0.52  # the side of a picture, in which the following are measured
STEP, UNDER, GAP = 1.06, 0.34, 0.25  # from picture to picture; room for an AUROC; before the filtered picture
NAMES, HEAD = 1.5, 0.85  # room left of a block, and above it


@dataclass(frozen=True)
class Album:
    """The pictures of an index by their ids, and how wide a square high-pass filters remove from them."""

    index: Index
    high_pass_width: filters.Width

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where each picture is."""
        return dict(zip(self.index.table["id"], self.index.places(), strict=True))


def draw(
    searches: pd.DataFrame,
    indexes: Sequence[Index],
    geometries: Mapping[str, Mapping[str, Mapping[str, Any]]],
    high_pass_width: filters.Width,
    seed: int,
    classes: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Figure, pd.DataFrame]:
    """A block for each filter and class of each run; each of its rows a row of pictures: normal test images, then the
    best and the worst outliers.

    ``indexes`` are those of the data sets and pools; ``geometries`` says for each data set and network how images are
    resized and cropped. ``classes`` are those shown, by data set, and the first ``EXAMPLES`` of one that it lacks; all,
    if None. Pictures are as before any filter; the first of a row is shown filtered, too, last.
    """
    data = chosen(searches, indexes, seed, classes)
    albums = {index.name: Album(index, high_pass_width) for index in indexes}
    sizes = {(name, network): Geometry(**size) for name, each in geometries.items() for network, size in each.items()}
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
            _draw(axis, block, albums, sizes)
    return page, data


def chosen(
    searches: pd.DataFrame, indexes: Sequence[Index], seed: int, classes: Mapping[str, Sequence[str]] | None = None
) -> pd.DataFrame:
    """The pictures that are shown, a row each; ``outlier`` is best, worst or, for a normal test image, empty.

    Outliers are the ``SHOWN`` different ones with the highest (lowest) AUROC of a whole search, in that order; normal
    images of a class are drawn by name, and the same in every figure.
    """
    known = {index.name: index for index in indexes}
    parts = []
    for _, block in _ordered(searches, classes).groupby([*RUN, *BLOCK], sort=False):
        described = {name: block[name].iloc[0] for name in [*RUN, *BLOCK]}
        dataset, name = str(described["dataset"]), str(described["class"])
        normal = _normal(known[dataset], str(described["task"]), name, derive(seed, "gallery", dataset, name))
        parts += [part.assign(**described) for part in (normal, *_outliers(block))]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _ordered(searches: pd.DataFrame, classes: Mapping[str, Sequence[str]] | None) -> pd.DataFrame:
    """The searches run by run, in the order of filters, and of the classes that are shown."""
    parts = []
    for _, run in searches.groupby(RUN, sort=False):
        shown = run["class"].unique().tolist()
        if classes is not None:
            shown = list(classes.get(run["dataset"].iloc[0], shown[:EXAMPLES]))
        some = run[run["class"].isin(shown)]
        order = some.assign(order=some["filter"].map(filters.KINDS.index).astype(int))
        parts.append(order.sort_values(["order", "magnitude"], kind="stable").drop(columns="order"))
    return pd.concat(parts, ignore_index=True)


def _normal(index: Index, task: str, class_name: str, seed: int) -> pd.DataFrame:
    rows = split(index, task, class_name)
    drawn = np.random.default_rng(seed).permutation(rows.test[rows.labels == 0])[:SHOWN]
    ids = index.table["id"].iloc[drawn].to_list()
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
    axis: Axes, block: pd.DataFrame, albums: Mapping[str, Album], sizes: Mapping[tuple[str, str], Geometry]
) -> None:
    """One block, on an axis whose unit is the side of a picture and whose origin is the upper left of the first."""
    first = block.iloc[0]
    seen = filters.Filter(first["filter"], int(first["magnitude"]), albums[first["pool"]].high_pass_width)
    last, top = SHOWN * STEP + GAP, 0.0
    axis.text(0, -0.12, f"{first['class']}, {images(block)[0]}", va="bottom", fontweight="bold")
    if seen.magnitude:
        axis.text(last + 0.5, -0.12, "first,\nfiltered", ha="center", va="bottom", fontsize=7)
    for row in _rows(block):
        end, method = row["outlier"].iloc[0], row["method"].iloc[0]
        heading = f"{end}\n{label('method', method)}" if end else "normal"
        axis.text(-0.12, top + 0.5, heading, ha="right", va="center", color=METHODS[method].colour if end else NORMAL)
        album = albums[first["pool"] if end else first["dataset"]]
        for place, (name, auroc) in enumerate(zip(row["id"], row["auroc"], strict=True)):
            image = picture(album.places[name], sizes[first["dataset"], first["network"]])
            left = place * STEP
            _show(axis, _shrunk(image), left, top)
            if place == 0 and seen.magnitude:
                _show(axis, filtered(image, seen), last, top)
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

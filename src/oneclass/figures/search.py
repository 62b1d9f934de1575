"""How good (or bad) the best (or worst) single outlier is after so many tries, by evolution and at random."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from oneclass.catalogue.methods import METHODS
from oneclass.evaluate import MEAN
from oneclass.figures.style import legend_below
from oneclass.filters import KINDS
from oneclass.labels import images, label

RUN = ["dataset", "pool", "network"]
SEARCHED = [*RUN, "task", "method", "filter", "magnitude"]
LINE = ["search", "outlier"]
EVOLUTION, RANDOM = "evolution", "random search"
PAIRS = [("best", "best"), ("worst", "worst"), ("random", "best"), ("random", "worst")]  # directions, ends
GREY = "#777777"
EXTREMES = {"best": np.maximum.accumulate, "worst": np.minimum.accumulate}


def draw(searches: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """A block for each run, with a row for each method and a panel for each filter.

    Above, the best so far, below, the worst so far: averages over classes, and thin lines for the classes.
    """
    data = progress(searches)
    runs = [(run, rows) for run, rows in data.groupby(RUN, sort=False)]
    panels = [rows.drop_duplicates(["filter", "magnitude"]) for _, rows in runs]
    columns, methods = max(map(len, panels)), [rows["method"].nunique() for _, rows in runs]
    heights = [2.2 * many + 0.7 for many in methods]
    figure = plt.figure(figsize=(max(4.2, 2.7 * columns + 0.6), sum(heights) + 0.4))
    parts = figure.subfigures(len(runs), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, (run, rows) in zip(parts, runs, strict=True):
        dataset, pool, network = map(label, RUN, run)
        part.suptitle(f"{dataset}, outliers: {pool}\n{network}", fontsize=9)
        _block(part, rows, columns)
    handles = [
        Line2D([], [], color="black", label=EVOLUTION),
        Line2D([], [], color=GREY, ls="--", label=RANDOM),
    ]
    legend_below(figure, handles, title="above: the best so far, below: the worst so far")
    return figure, data


def progress(searches: pd.DataFrame) -> pd.DataFrame:
    """``auroc`` of the best (worst) of the first so many outliers ``tried``: by class, and as ``mean`` over classes.

    A row for each number at which the value changes, and for the last. In the average a search that has ended keeps its
    last value, so that the average ends where the tables have it.
    """
    tried = searches[searches["trained"]].sort_values(["generation", "individual"], kind="stable")
    parts = []
    for direction, end in PAIRS:
        of_direction = tried[tried["direction"] == direction]
        described = {"search": RANDOM if direction == "random" else EVOLUTION, "outlier": end}
        for key, rows in of_direction.groupby(SEARCHED, sort=False):
            classes = rows.groupby("class", sort=False)["fitness"]
            so_far = {str(name): EXTREMES[end](each.to_numpy()) for name, each in classes}
            for name, values in {**so_far, MEAN: _average(list(so_far.values()))}.items():
                steps = np.unique([0, *(1 + np.flatnonzero(np.diff(values))), len(values) - 1])
                fixed = {**dict(zip(SEARCHED, key, strict=True)), "class": name, **described}
                parts.append(pd.DataFrame({**fixed, "tried": steps + 1, "auroc": values[steps]}))
    return pd.concat(parts, ignore_index=True)


def _average(classes: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    longest = max(map(len, classes))
    padded = np.stack([np.pad(values, (0, longest - len(values)), mode="edge") for values in classes])
    return np.asarray(padded.mean(0))


def _block(part: FigureBase, rows: pd.DataFrame, columns: int) -> None:
    """The panels of a run, which share their axes."""
    methods = list(rows["method"].unique())
    rank = rows["filter"].map(KINDS.index).astype(int)
    kinds = rows.assign(rank=rank).sort_values(["rank", "magnitude"]).drop_duplicates(["filter", "magnitude"])
    axes = part.subplots(len(methods), columns, sharex=True, sharey=True, squeeze=False)
    for line, method in zip(axes, methods, strict=True):
        for axis, kind, magnitude, title in zip(line, kinds["filter"], kinds["magnitude"], images(kinds), strict=False):
            of_panel = (rows["method"] == method) & (rows["filter"] == kind) & (rows["magnitude"] == magnitude)
            _panel(axis, rows[of_panel], METHODS[method].colour)
            axis.set_title(f"{label('method', method)}, {title}")
        for axis in line[len(kinds) :]:
            axis.set_visible(False)
    part.supxlabel("outliers tried", fontsize=9)
    part.supylabel("image AUROC (%)", fontsize=9)


def _panel(axis: Axes, rows: pd.DataFrame, own: str) -> None:
    """Averages as thick lines, evolution's in the ``own`` colour of the method; classes, if several, as thin ones."""
    several = rows["class"].nunique() > 2
    for (search, _, name), line in rows.groupby([*LINE, "class"], sort=False):
        if name != MEAN and not several:
            continue
        wide, opacity = (1.6, 1.0) if name == MEAN else (0.6, 0.4)
        hue, dashes = (own, "-") if search == EVOLUTION else (GREY, "--")
        axis.step(line["tried"], line["auroc"], where="post", color=hue, ls=dashes, lw=wide, alpha=opacity)

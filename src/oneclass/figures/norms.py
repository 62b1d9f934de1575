"""Figures 3 and S5: AUROC against the norm of the hypersphere centre."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oneclass.evaluate import IMAGE_AUROC, MEAN
from oneclass.figures.style import FEATURES, MARKERS, SERIES, as_in_the_paper, deviation, norm_axis, of, sources
from oneclass.tables.labels import label

COLUMNS = ["dataset", "protocol", "class", "method", "norm", "mean", "std", "ci_low", "ci_high"]
ACROSS = 3  # panels of Figure S5 beside one another


def select(summary: pd.DataFrame) -> pd.DataFrame:
    """Rows of image AUROC with a norm, centres from N(0, 1) where the centre matters."""
    data = as_in_the_paper(summary[summary["metric"] == IMAGE_AUROC])
    data = data[data["norm"].notna() & data["center"].isin(["normal", ""])][COLUMNS]
    return data.sort_values(["protocol", "norm"])  # by two columns: always stable


def figure3(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Average over classes: a panel a protocol, a line a data set, trained (solid) and in closed form (dashed)."""
    data = select(summary)
    data = data[data["class"] == MEAN]
    protocols, datasets = sorted(data["protocol"].unique()), list(dict.fromkeys(data["dataset"]))
    figure, axes = plt.subplots(1, len(protocols), figsize=(5 * len(protocols), 4), sharey=True, squeeze=False)
    for axis, protocol in zip(axes[0], protocols, strict=True):
        part = data[data["protocol"] == protocol]
        for method, dash in (("ours", "-"), ("ours_closed_form", "--")):
            for dataset, rows in part.groupby("dataset", sort=False):
                name = f"{label('dataset', dataset)}, {'trained' if dash == '-' else 'closed form'}"
                _line(axis, rows[rows["method"] == method], datasets.index(dataset), name, dash)
        norm_axis(axis, sorted(part["norm"].unique()))
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, fontsize=7, handlelength=3)
        if len(protocols) > 1:
            axis.set_title(f"{FEATURES[protocol]} features")
    axes[0, 0].set_ylabel("mean image AUROC (%)")
    return figure, data


def figure_s5(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """A panel for each data set and protocol, a line for each class."""
    data = select(summary)
    data = data[(data["class"] != MEAN) & (data["method"] == "ours")]
    names = sources(data)
    columns = min(len(names), ACROSS)
    lines = -(-len(names) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(4.2 * columns, 3.6 * lines), squeeze=False)
    for axis, (source, title) in zip(axes.flat, names.items(), strict=False):
        rows = of(data, source)
        classes = rows["class"].unique()
        for number, name in enumerate(classes):
            _line(axis, rows[rows["class"] == name], number, name, "-")
        norm_axis(axis, sorted(rows["norm"].unique()))
        axis.set_title(title)
        if len(classes) <= 20:
            axis.legend(title="normal class", ncols=1 + len(classes) // 6, fontsize=7)
    for axis in axes.flat[len(names) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel("image AUROC (%)")
    return figure, data


def _line(axis: Axes, rows: pd.DataFrame, number: int, name: str, dash: str) -> None:
    colour, marker = SERIES[number % len(SERIES)], MARKERS[number % len(MARKERS)]
    axis.plot(rows["norm"], rows["mean"], dash, color=colour, marker=marker, ms=4, label=name)
    if dash == "-":
        axis.fill_between(rows["norm"], *deviation(rows), color=colour, alpha=0.15, lw=0)

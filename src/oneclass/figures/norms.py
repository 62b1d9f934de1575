"""Figures 3 and S5: AUROC against the norm of the hypersphere centre."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oneclass.evaluate import MEAN
from oneclass.figures.style import MARKERS, SERIES, norm_axis
from oneclass.tables.labels import label

COLUMNS = ["dataset", "class", "method", "norm", "mean", "std", "ci_low", "ci_high"]


def select(summary: pd.DataFrame) -> pd.DataFrame:
    """Rows with a norm, centres from N(0, 1) where the centre matters."""
    return summary[summary["norm"].notna() & (summary["center"].isin(["normal", ""]))][COLUMNS].sort_values(
        "norm", kind="stable"
    )


def figure3(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Average over classes: a line a data set, trained (solid) and in closed form (dashed)."""
    data = select(summary)
    data = data[data["class"] == MEAN]
    figure, axis = plt.subplots(figsize=(5, 3.4))
    for number, (dataset, rows) in enumerate(data.groupby("dataset", sort=False)):
        for method, dash in (("ours", "-"), ("ours_closed_form", "--")):
            part = rows[rows["method"] == method]
            name = f"{label('dataset', dataset)}, {'trained' if dash == '-' else 'closed form'}"
            _line(axis, part, number, name, dash)
    norm_axis(axis, sorted(data["norm"].unique()))
    axis.set_ylabel("mean image AUROC (%)")
    axis.legend()
    return figure, data


def figure_s5(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """A panel for each data set, a line for each class."""
    data = select(summary)
    data = data[(data["class"] != MEAN) & (data["method"] == "ours")]
    datasets = list(dict.fromkeys(data["dataset"]))
    figure, axes = plt.subplots(1, len(datasets), figsize=(4.2 * len(datasets), 3.6), squeeze=False)
    for axis, dataset in zip(axes[0], datasets, strict=True):
        rows = data[data["dataset"] == dataset]
        classes = rows["class"].unique()
        for number, name in enumerate(classes):
            _line(axis, rows[rows["class"] == name], number, name, "-")
        norm_axis(axis, sorted(rows["norm"].unique()))
        axis.set_title(label("dataset", dataset))
        if len(classes) <= 20:
            axis.legend(title="normal class", ncols=1 + len(classes) // 6, fontsize=7)
    axes[0, 0].set_ylabel("image AUROC (%)")
    return figure, data


def _line(axis: Axes, rows: pd.DataFrame, number: int, name: str, dash: str) -> None:
    colour, marker = SERIES[number % len(SERIES)], MARKERS[number % len(MARKERS)]
    axis.plot(rows["norm"], rows["mean"], dash, color=colour, marker=marker, ms=4, label=name)
    if dash == "-":
        spread = rows["std"].fillna(0)
        axis.fill_between(rows["norm"], rows["mean"] - spread, rows["mean"] + spread, color=colour, alpha=0.15, lw=0)

"""Figures 2 and S4: test features after projection, their norm as radius and their angle to the centre as angle."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes, RadialLocator
from matplotlib.ticker import MaxNLocator

from oneclass.figures.style import ANOMALOUS, NORMAL
from oneclass.metrics import auroc
from oneclass.tables.labels import label

# Normal images are fewer and closer together: they are drawn last, on top.
SAMPLES = [(1, "anomalous", ANOMALOUS, "^"), (0, "normal", NORMAL, "o")]


def select(scores: pd.DataFrame, classes: dict[str, str]) -> pd.DataFrame:
    """The first repetition of the chosen class of each data set, centres from N(0, 1)."""
    chosen = scores["class"] == scores["dataset"].map(classes)
    return scores[chosen & (scores["center"] == "normal") & (scores["seed"] == 0)].assign(
        angle=lambda rows: np.degrees(np.arccos(rows["z_cosine"].clip(-1, 1)))
    )[["dataset", "class", "norm", "id", "label", "z_norm", "angle", "score"]]


def figure2(scores: pd.DataFrame, classes: dict[str, str]) -> tuple[Figure, pd.DataFrame]:
    """A row for each data set, a polar panel for each norm."""
    data = select(scores, classes)
    norms, datasets = sorted(data["norm"].unique()), list(dict.fromkeys(data["dataset"]))
    figure, axes = plt.subplots(
        len(datasets),
        len(norms),
        figsize=(2.3 * len(norms), 2.5 * len(datasets) + 0.4),
        subplot_kw={"projection": "polar"},
        squeeze=False,
    )
    for row, dataset in zip(axes, datasets, strict=True):
        for axis, norm in zip(row, norms, strict=True):
            panel = data[(data["dataset"] == dataset) & (data["norm"] == norm)]
            _polar(axis, panel)
            value = 100 * auroc(panel["label"], panel["score"])
            axis.set_title(f"{label('dataset', dataset)} {classes[dataset]}\nnorm {norm:g}, AUROC {value:.1f} %")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure, data


def figure_s4(scores: pd.DataFrame, classes: dict[str, str]) -> tuple[Figure, pd.DataFrame]:
    """For each data set, the angles to the centre under the smallest and the largest norm, as distributions."""
    data = select(scores, classes)
    norms, datasets = sorted(data["norm"].unique()), list(dict.fromkeys(data["dataset"]))
    ends = [norms[0], norms[-1]] if len(norms) > 1 else norms
    figure, axes = plt.subplots(
        len(ends), len(datasets), figsize=(3.4 * len(datasets), 2.3 * len(ends) + 0.3), squeeze=False
    )
    for column, dataset in zip(axes.T, datasets, strict=True):
        for axis, norm in zip(column, ends, strict=True):
            panel = data[(data["dataset"] == dataset) & (data["norm"] == norm)]
            bins = np.linspace(panel["angle"].min(), panel["angle"].max(), 26)
            for value, name, colour, _ in SAMPLES:
                angles = panel.loc[panel["label"] == value, "angle"]
                axis.hist(angles, bins, density=True, alpha=0.6, color=colour, label=name)
            separation = 100 * auroc(panel["label"], panel["score"])
            axis.set_title(f"{label('dataset', dataset)} {classes[dataset]}, norm {norm:g}: AUROC {separation:.1f} %")
            axis.set_xlabel("angle to the centre (degrees)")
            axis.set_ylabel("density")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure, data[data["norm"].isin(ends)]


def _polar(axis: PolarAxes, panel: pd.DataFrame) -> None:
    for value, name, colour, marker in SAMPLES:
        part = panel[panel["label"] == value]
        axis.scatter(
            np.radians(part["angle"]), part["z_norm"], s=7, c=colour, marker=marker, alpha=0.5, lw=0, label=name
        )
    axis.scatter([0], panel["norm"].iloc[:1], s=60, c="black", marker="x", label="centre", zorder=5)
    limit = panel["angle"].max() * 1.05
    axis.set_thetamin(0)
    axis.set_thetamax(min(180, max(limit, 10)))
    axis.set_rmin(0)
    axis.yaxis.set_major_locator(RadialLocator(MaxNLocator(3)))  # polar axes ignore locator_params
    axis.tick_params(labelsize=7)

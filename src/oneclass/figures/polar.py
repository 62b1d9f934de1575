"""Figures 2 and S4: test features after projection, their norm as radius and their angle to the centre as angle."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes, RadialLocator
from matplotlib.ticker import MaxNLocator

from oneclass import published
from oneclass.figures.style import ANOMALOUS, NORMAL, legend_below, not_centered, rows_of, sources
from oneclass.metrics import auroc

# Normal images are fewer and closer together: they are drawn last, on top.
SAMPLES = [(1, "anomalous", ANOMALOUS, "^"), (0, "normal", NORMAL, "o")]


def select(scores: pd.DataFrame, classes: dict[str, dict[str, str]]) -> pd.DataFrame:
    """The first repetition of the chosen class of each data set, centres from N(0, 1).

    ``classes`` holds the class by protocol and data set. Protocol A has one feature an image; of Protocol B's, one a
    position, ``z_norm`` and ``z_cosine`` tell the one farthest from the centre.
    """
    scores = not_centered(scores)
    wanted = [(protocol, *item) for protocol, chosen in classes.items() for item in chosen.items()]
    chosen = pd.MultiIndex.from_frame(scores[["protocol", "dataset", "class"]]).isin(wanted)
    return scores[chosen & (scores["center"] == "gaussian") & (scores["repetition"] == 0)].assign(
        angle=lambda rows: np.degrees(np.arccos(rows["z_cosine"].clip(-1, 1)))
    )[["dataset", "protocol", "class", "center_norm", "id", "label", "z_norm", "angle", "score"]]


def norms_and_angles(scores: pd.DataFrame, classes: dict[str, dict[str, str]]) -> tuple[Figure, pd.DataFrame]:
    """Figure 2: a row for each data set and protocol, a polar panel for each norm."""
    data = select(scores, classes)
    names = sources(data)
    panels = {source: list(rows_of(data, source).groupby("center_norm")) for source in names}
    columns = max(map(len, panels.values()))
    figure, axes = plt.subplots(
        len(names),
        columns,
        figsize=(2.5 * columns, 3.2 * len(names) + 0.4),
        subplot_kw={"projection": "polar"},
        squeeze=False,
    )
    for row, (source, name) in zip(axes, names.items(), strict=True):
        for axis, (norm, panel) in zip(row, panels[source], strict=False):
            _polar(axis, panel)
            value = 100 * auroc(panel["label"], panel["score"])
            axis.set_title(f"{fill(name, 26)}\n{panel['class'].iloc[0]}\nnorm {norm:g}: AUROC {value:.1f} %")
        for axis in row[len(panels[source]) :]:
            axis.set_visible(False)
    legend_below(figure, axes[0, 0].get_legend_handles_labels()[0])
    return figure, data


def angles(
    scores: pd.DataFrame, classes: dict[str, dict[str, str]], norms: dict[str, list[float]]
) -> tuple[Figure, pd.DataFrame]:
    """Figure S4: for each data set and protocol, the angles to the centre as distributions, under the ``norms`` of the
    protocol; with the AUROC that the paper has of that class and norm."""
    data = select(scores, classes)
    shown = data["protocol"].map(norms).tolist()
    data = data[[norm in some for norm, some in zip(data["center_norm"], shown, strict=True)]]
    keys = ["dataset", "protocol", "class", "center_norm"]
    paper = published.load("objective")
    paper = paper[paper["table"] == "figS4"].rename(columns={"value": "published"})
    data = data.merge(paper[[*keys, "published"]], on=keys, how="left")
    names = sources(data)
    ends = int(data.groupby(["dataset", "protocol"])["center_norm"].nunique().max())
    figure, axes = plt.subplots(ends, len(names), figsize=(3.4 * len(names), 2.5 * ends + 0.3), squeeze=False)
    for column, (source, name) in zip(axes.T, names.items(), strict=True):
        panels = list(rows_of(data, source).groupby("center_norm"))
        for axis, (norm, panel) in zip(column, panels, strict=False):
            bins = np.linspace(panel["angle"].min(), panel["angle"].max(), 26)
            for value, kind, colour, _ in SAMPLES:
                values = panel.loc[panel["label"] == value, "angle"]
                axis.hist(values, bins, density=True, alpha=0.6, color=colour, label=kind)
            separation, printed = 100 * auroc(panel["label"], panel["score"]), panel["published"].iloc[0]
            beside = "" if np.isnan(printed) else f"\n(published: {printed:.1f} %)"
            axis.set_title(
                f"{fill(name, 26)}\n{panel['class'].iloc[0]}, norm {norm:g}: AUROC {separation:.1f} %{beside}"
            )
            axis.set_xlabel("angle to the centre (degrees)")
            axis.set_ylabel("density")
        for axis in column[len(panels) :]:
            axis.set_visible(False)
    legend_below(figure, axes[0, 0].get_legend_handles_labels()[0])
    return figure, data


def _polar(axis: PolarAxes, panel: pd.DataFrame) -> None:
    for value, name, colour, marker in SAMPLES:
        part = panel[panel["label"] == value]
        axis.scatter(
            np.radians(part["angle"]), part["z_norm"], s=7, c=colour, marker=marker, alpha=0.5, lw=0, label=name
        )
    axis.scatter([0], panel["center_norm"].iloc[:1], s=60, c="black", marker="x", label="centre", zorder=5)
    limit = panel["angle"].max() * 1.05
    axis.set_thetamin(0)
    axis.set_thetamax(min(180, max(limit, 10)))
    axis.set_rmin(0)
    axis.yaxis.set_major_locator(RadialLocator(MaxNLocator(3)))  # polar axes ignore locator_params
    axis.tick_params(labelsize=7)

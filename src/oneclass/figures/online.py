"""Beyond the paper: what a learner knows that sees each normal image once (Protocol C), and training on all of them."""

from itertools import product

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from oneclass.evaluate import MEAN
from oneclass.figures.style import SERIES, deviation, legend_below, not_centered
from oneclass.labels import label

METRICS = {"image_auroc": "mean image AUROC (%)", "pixel_auroc": "mean pixel AUROC (%)"}
LEARNERS = {"projector": ("Adam, one pass", "-"), "closed_form": ("closed form of running moments, one pass", "--")}
SHORT = {"projector": "", "closed_form": ", closed form"}  # in direct labels
OFFLINE = ("Adam, all epochs (Protocol B)", ":")
KEYS = ["dataset", "metric", "method", "center_norm"]
APART = 0.062  # between direct labels, as a share of a panel's height


def draw(history: pd.DataFrame, summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """AUROC over images seen, averaged over classes: a column per data set, a row per metric, a colour per norm.

    Steps of ``history`` are images seen. Of ``summary``, Protocol B's metrics, the projectors trained by Adam give the
    dotted lines. A data set without masks has no pixel AUROC and no panel for it.
    """
    curves = _curves(_chosen(history))
    offline = _chosen(summary)
    offline = offline[(offline["class"] == MEAN) & (offline["method"] == "projector")].assign(method="offline")
    data = pd.concat([curves, offline[[*KEYS, "mean", "std", "repetitions"]]], ignore_index=True)
    datasets = list(dict.fromkeys(curves["dataset"]))
    metrics = [name for name in METRICS if name in set(curves["metric"])]
    norms = sorted(curves["center_norm"].unique())
    size = (4.3 * len(datasets), 2.9 * len(metrics) + 0.4)
    figure, axes = plt.subplots(len(metrics), len(datasets), figsize=size, squeeze=False)
    for row, metric in zip(axes, metrics, strict=True):
        for axis, dataset in zip(row, datasets, strict=True):
            panel = data[(data["dataset"] == dataset) & (data["metric"] == metric)]
            axis.set_visible(panel["step"].notna().any())
            if axis.get_visible():
                _panel(axis, panel, {norm: SERIES[number % len(SERIES)] for number, norm in enumerate(norms)})
                axis.set_title(label("dataset", dataset))
                axis.set_ylabel(METRICS[metric])
    handles = [Line2D([], [], color="black", ls=dash, label=name) for name, dash in [*LEARNERS.values(), OFFLINE]]
    legend_below(figure, handles)
    return figure, data


def _chosen(rows: pd.DataFrame) -> pd.DataFrame:
    rows = not_centered(rows)
    gaussian = (rows["center"] == "gaussian") | rows["center"].isna()
    return rows[rows["metric"].isin(list(METRICS)) & gaussian & rows["center_norm"].notna()]


def _curves(history: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation over repetitions of the average over classes.

    Classes are not measured after the same number of images: between two measurements values are interpolated (over the
    logarithm of the step), and a class whose images have run out keeps its last. The average begins where all have one.
    """
    parts = []
    for _, rows in history.groupby(KEYS, sort=False):
        values = rows.pivot(index="step", columns=["repetition", "class"], values="value")
        steps = values.index
        values = values.set_index(np.log(steps)).interpolate("index", limit_area="inside").ffill()
        values = values.set_index(steps).dropna()
        by_repetition = values.T.groupby(level="repetition").mean().T
        curve = pd.DataFrame(
            {
                "mean": by_repetition.mean(axis=1),
                "std": by_repetition.std(axis=1),
                "repetitions": by_repetition.shape[1],
            }
        )
        parts.append(curve.reset_index().merge(rows[KEYS].head(1), how="cross"))
    return pd.concat(parts, ignore_index=True)[[*KEYS, "step", "mean", "std", "repetitions"]]


def _panel(axis: Axes, panel: pd.DataFrame, colours: dict[float, str]) -> None:
    ends = []
    for (method, (_, dash)), (norm, colour) in product(LEARNERS.items(), colours.items()):
        rows = panel[(panel["method"] == method) & (panel["center_norm"] == norm)]
        if len(rows):
            axis.plot(rows["step"], rows["mean"], dash, color=colour, lw=1.5)
            axis.fill_between(rows["step"], *deviation(rows), color=colour, alpha=0.15, lw=0)
            ends.append((rows["mean"].iloc[-1], f"norm {norm:g}{SHORT[method]}", colour))
    for norm, value in panel.loc[panel["method"] == "offline", ["center_norm", "mean"]].itertuples(index=False):
        axis.axhline(value, color=colours[norm], ls=OFFLINE[1], lw=1.2)
    axis.set_xscale("log")
    axis.xaxis.set_major_formatter("{x:g}")
    axis.set_xlabel("normal images seen")
    axis.set_xlim(panel["step"].min(), panel["step"].max())
    _label_ends(axis, ends)


def _label_ends(axis: Axes, ends: list[tuple[float, str, str]]) -> None:
    """Name each line (its last value, name and colour) right of the panel, moved apart where lines end together."""
    low, high = axis.get_ylim()
    axis.set_ylim(low, high)
    heights = (np.array([value for value, _, _ in ends]) - low) / (high - low)
    places = _moved_apart(heights, APART)
    for height, place, (_, name, colour) in zip(heights, places, ends, strict=True):
        axis.plot([1, 1.03], [height, place], color=colour, lw=0.6, transform=axis.transAxes, clip_on=False)
        axis.text(1.04, place, name, color=colour, fontsize=7, va="center", transform=axis.transAxes)


def _moved_apart(heights: NDArray[np.float64], apart: float) -> NDArray[np.float64]:
    """``heights`` [N] in their order, moved as little as it takes (least squares) to lie ``apart`` and in [0, 1]."""
    order = np.argsort(heights, kind="stable")
    steps = apart * np.arange(len(heights))
    free = heights[order] - steps  # must not fall: isotonic regression, by its min-max formula
    count = range(len(free))
    rising = [max(min(free[j : k + 1].mean() for k in count[i:]) for j in count[: i + 1]) for i in count]
    places = np.empty_like(heights)
    places[order] = np.clip(rising, 0, 1 - steps[-1]) + steps
    return places

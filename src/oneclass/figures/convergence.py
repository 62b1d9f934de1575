"""Norm and angle of the normal training images over the epochs: does the norm converge first (Equations 13 and 14)?"""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oneclass.figures.style import SERIES, legend_below, not_centered, rows_of, sources
from oneclass.objective.settling import settled

PANELS = {
    "training_norm": "norm",
    "training_cosine": "angle between two\nnormal images (degrees)",
    "center_cosine": "angle of their mean\nto the centre (degrees)",
}
KEYS = ["dataset", "protocol", "center_norm", "metric"]


def draw(history: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """A column for each data set and protocol, a row for the norm and for each angle, a line for each centre norm.

    ``history`` is that of projectors trained by Adam, averaged over classes and repetitions. A dot marks the epoch from
    which a line stays within ``TOLERANCE`` of its own range from its last value.
    """
    rows = not_centered(history)
    rows = rows[rows["metric"].isin(list(PANELS)) & (rows["center"] == "gaussian")]
    data = rows.groupby([*KEYS, "step"], sort=False)["value"].mean().reset_index()
    angle = data["metric"] != "training_norm"
    data.loc[angle, "value"] = np.degrees(np.arccos(data.loc[angle, "value"].clip(-1, 1)))
    settles = {key: settled(line["step"], line["value"]) for key, line in data.groupby(KEYS)}
    data = data.join(pd.Series(settles, name="settles").rename_axis(KEYS), on=KEYS)
    names, norms = sources(data), sorted(data["center_norm"].unique())
    size = (3.6 * len(names), 2.3 * len(PANELS) + 0.4)
    figure, axes = plt.subplots(len(PANELS), len(names), figsize=size, squeeze=False, sharex="col")
    for column, (source, name) in zip(axes.T, names.items(), strict=True):
        for axis, metric in zip(column, PANELS, strict=True):
            panel = rows_of(data, source)
            _panel(axis, panel[panel["metric"] == metric], norms)
        column[0].set(title=name, yscale="log")
        column[-1].set_xlabel("epoch")
    for axis, text in zip(axes[:, 0], PANELS.values(), strict=True):
        axis.set_ylabel(text)
    legend_below(figure, axes[0, 0].get_legend_handles_labels()[0])
    return figure, data


def _panel(axis: Axes, panel: pd.DataFrame, norms: list[float]) -> None:
    for number, norm in enumerate(norms):
        rows, colour = panel[panel["center_norm"] == norm], SERIES[number % len(SERIES)]
        axis.plot(rows["step"], rows["value"], color=colour, label=f"norm {norm:g}")
        last = rows[rows["step"] == rows["settles"]]
        axis.plot(last["step"], last["value"], "o", color=colour, ms=5)
        if (rows["metric"] == "training_norm").any():
            axis.axhline(norm, color=colour, ls=":", lw=1)

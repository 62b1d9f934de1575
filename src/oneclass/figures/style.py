"""What all figures share: colours that colour-blind readers tell apart, print sizes, and files with stable bytes."""

from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from oneclass.files import atomic

matplotlib.use("Agg")
matplotlib.rcParams.update(
    {
        "svg.hashsalt": "oneclass",
        "svg.fonttype": "none",
        "font.size": 9,
        "axes.titlesize": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "legend.frameon": False,
        "figure.constrained_layout.use": True,
        "savefig.dpi": 160,
    }
)

# Okabe and Ito's palette: blue stands for normal, vermilion for anomalous.
NORMAL, ANOMALOUS = "#0072B2", "#D55E00"
SERIES = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#F0E442", "#999999", "#661100"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<", ">", "*"]


def save(figure: Figure, data: pd.DataFrame, stem: Path) -> None:
    """Write ``stem`` + ``.svg``, ``.png`` and ``.csv``, the same bytes for the same data."""
    for suffix, metadata in ((".svg", {"Date": None}), (".png", {"Software": None})):
        with atomic(stem.with_name(stem.name + suffix)) as path:
            figure.savefig(path, metadata=metadata)
    with atomic(stem.with_name(stem.name + ".csv")) as path:
        data.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")


def norm_axis(axis: matplotlib.axes.Axes, norms: list[float]) -> None:
    """A logarithmic axis of norms with the run's own values as ticks."""
    axis.set_xscale("log", base=2)
    axis.set_xticks(norms, [f"{norm:g}" for norm in norms])
    axis.minorticks_off()
    axis.set_xlabel("norm of the hypersphere centre")

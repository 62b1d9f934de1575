"""What all figures share: colours that colour-blind readers tell apart, print sizes, and files with stable bytes."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.text import Text

from oneclass.catalogue.methods import METHODS, options, unlike_default
from oneclass.catalogue.records import Loss, Method
from oneclass.files import atomic
from oneclass.labels import label

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

CLIP = re.compile(r"(?<=[\"#])p[0-9a-f]{10}(?=[\")])")  # a name that Matplotlib gives to a clipped area
TICK = "$\\mathdefault{"  # the labels of a logarithmic axis are formulas

# What a projector of each protocol sees of an image.
FEATURES = {"A": "pooled", "B": "multi-scale"}


def methods_in(data: pd.DataFrame) -> dict[str, Method]:
    """The methods of ``data``, in the order of the catalogue: their labels, colours and markers.

    The label names an option of which all rows of the method have one value, other than the default.
    """
    found = set(data["method"])
    return {name: _told(method, data[data["method"] == name]) for name, method in METHODS.items() if name in found}


def changed_options(data: pd.DataFrame) -> list[str]:
    """The options, columns of ``data``, of which some row has another value than the default."""
    return [
        name for name, option in options().items() if name in data and (data[name].dropna() != option.default).any()
    ]


def _told(method: Method, rows: pd.DataFrame) -> Method:
    if not isinstance(method, Loss):
        return method
    single = [name for name in method.options if name in rows and rows[name].nunique() == 1]
    told = unlike_default(method.name, {name: rows[name].iloc[0] for name in single})
    return replace(method, label=f"{method.label} ({told})") if told else method


def not_centered(data: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``data`` whose features were not centred, as in the paper."""
    return data[data["centering"] == "none"]


def sources(data: pd.DataFrame) -> dict[tuple[str, str], str]:
    """What is drawn apart, in the order of ``data``: (data set, protocol), and the name that a reader sees.

    The name tells the kind of features where the data have two.
    """
    keys = list(dict.fromkeys(zip(data["dataset"], data["protocol"], strict=True)))
    several = len({protocol for _, protocol in keys}) > 1
    return {key: label("dataset", key[0]) + (f", {FEATURES[key[1]]}" if several else "") for key in keys}


def rows_of(data: pd.DataFrame, source: tuple[str, str]) -> pd.DataFrame:
    """The rows of one of ``sources(data)``."""
    return data[(data["dataset"] == source[0]) & (data["protocol"] == source[1])]


def deviation(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """``mean`` less and plus ``std``, AUROC in percent: none for a single repetition, and cut off at 0 and 100."""
    spread = rows["std"].fillna(0)
    return (rows["mean"] - spread).clip(lower=0), (rows["mean"] + spread).clip(upper=100)


def legend_below(figure: Figure, handles: Sequence[Artist], **options: Any) -> None:
    """One legend below all panels, in as many columns as the page's width holds. ``options`` are Matplotlib's."""
    for columns in range(len(handles), 0, -1):
        legend = figure.legend(handles=handles, loc="outside lower center", ncols=columns, **options)
        if columns == 1 or legend.get_window_extent().width <= figure.bbox.width:
            return
        legend.remove()


def save(figure: Figure, data: pd.DataFrame, stem: Path) -> None:
    """Write ``stem`` + ``.svg``, ``.png`` and ``.csv``, the same bytes for the same data.

    A name with dollar signs is shown as it is: Matplotlib would take what is between them for a formula.
    """
    for text in figure.findobj(Text):
        if text.get_text() and TICK not in text.get_text():
            text.set_parse_math(False)
    for suffix, metadata in ((".svg", {"Date": None}), (".png", {"Software": None})):
        with atomic(stem.with_name(stem.name + suffix)) as path:
            figure.savefig(path, metadata=metadata)
            if suffix == ".svg":
                _number_clips(path)
    with atomic(stem.with_name(stem.name + ".csv")) as path:
        data.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")


def _number_clips(svg: Path) -> None:
    """Name clipped areas by their order: Matplotlib's names have digits of the layout in them that are not drawn, and
    may differ from run to run."""
    text = svg.read_text(encoding="utf-8")
    names = {name: f"clip{k}" for k, name in enumerate(dict.fromkeys(CLIP.findall(text)))}
    svg.write_text(CLIP.sub(lambda found: names[found[0]], text), encoding="utf-8")


def center_norm_axis(axis: matplotlib.axes.Axes, norms: list[float]) -> None:
    """A logarithmic axis of norms with the run's own values as ticks."""
    axis.set_xscale("log", base=2)
    axis.set_xticks(norms, [f"{norm:g}" for norm in norms])
    axis.minorticks_off()
    axis.set_xlabel("norm of the hypersphere centre")

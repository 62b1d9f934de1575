"""Learning curves of Protocol C."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from scipy.optimize import minimize

from oneclass.figures.online import _moved_apart, draw

Shown = Callable[[Figure], str]
Conform = Callable[..., pd.DataFrame]
COLUMNS = ["dataset", "class", "method", "center", "center_norm", "centering", "repetition", "step", "metric", "value"]
STEPS = {"mono": [1, 10, 1000], "poly": [1, 10, 100]}
METRICS = {"elpv": ["image_auroc"], "mnist5k": ["image_auroc", "pixel_auroc"]}  # the second stands for one with masks


@pytest.fixture
def history(conform: Conform) -> pd.DataFrame:
    """Values tell metric, method, class, norm, repetition and step; some rows are of kinds that are not shown."""
    rows = []
    for dataset, (c, name), norm, repetition in product(METRICS, enumerate(STEPS), [8.0, 1.0], range(2)):
        for metric, (method, center), step in product(
            METRICS[dataset], [("projector", "gaussian"), ("closed_form", None)], STEPS[name]
        ):
            value = 50 + 10 * (method != "projector") + 2 * c - norm / 8 + 4 * repetition + np.log10(step)
            value -= 20 * (metric == "pixel_auroc")
            rows.append((dataset, name, method, center, norm, "none", repetition, step, metric, value))
            rows.append((dataset, name, method, center, norm, "position", repetition, step, metric, 0.0))
        rows.append((dataset, name, "projector", "ones", norm, "none", repetition, 1, "image_auroc", 0.0))
        rows.append((dataset, name, "projector", "gaussian", norm, "none", repetition, 1, "cosine", 0.0))
    return conform(pd.DataFrame(rows, columns=COLUMNS).assign(protocol="C"), "history")


@pytest.fixture
def summary(conform: Conform) -> pd.DataFrame:
    rows = []
    for dataset, name, norm in product(METRICS, ["mono", "mean"], [1.0, 8.0]):
        for metric, method in product(METRICS[dataset], ["projector", "closed_form"]):
            for centering in ("none", "position"):
                right = (name, method, centering) == ("mean", "projector", "none")
                value = 70 + norm - 20 * (metric == "pixel_auroc") if right else 0.0
                rows.append((dataset, name, method, "gaussian", norm, centering, metric, value, 0.5, 2))
    columns = [
        "dataset",
        "class",
        "method",
        "center",
        "center_norm",
        "centering",
        "metric",
        "mean",
        "std",
        "repetitions",
    ]
    return conform(pd.DataFrame(rows, columns=columns).assign(protocol="B"))


def test_curves(history: pd.DataFrame, summary: pd.DataFrame) -> None:
    _, data = draw(history, summary)
    curves = data[data["method"] != "offline"]
    assert len(curves) == 3 * 2 * 2 * 4  # panels, methods, norms, steps of either class
    for (_, metric, method, norm), rows in curves.groupby(["dataset", "metric", "method", "center_norm"]):
        base = (
            50 + 10 * (method != "projector") + 1 - norm / 8 + 2 - 20 * (metric == "pixel_auroc")
        )  # means of classes, repetitions
        assert rows["step"].tolist() == [1, 10, 100, 1000]
        # at 100 the class measured at 10 and 1000 is between; at 1000 the other keeps its last value
        assert rows["mean"].tolist() == pytest.approx([base, base + 1, base + 2, base + 2.5])
        assert rows["std"].tolist() == pytest.approx([np.std([0, 4], ddof=1)] * 4)
        assert set(rows["repetitions"]) == {2}
    offline = data[data["method"] == "offline"].set_index(["dataset", "metric", "center_norm"])["mean"]
    assert len(offline) == 3 * 2 and offline["elpv", "image_auroc", 8] == 78
    assert offline["mnist5k", "pixel_auroc", 1] == 51


def test_panels(history: pd.DataFrame, summary: pd.DataFrame, shown: Shown) -> None:
    figure, _ = draw(history, summary)
    text = shown(figure)
    assert [axis.get_visible() for axis in figure.axes] == [True, True, False, True]  # ELPV has no masks
    assert [axis.get_title() for axis in figure.axes if axis.get_visible()] == ["ELPV", *["MNIST (5,000)"] * 2]
    assert [axis.get_ylabel() for axis in figure.axes[:2]] == ["mean image AUROC (%)"] * 2
    assert figure.axes[3].get_ylabel() == "mean pixel AUROC (%)" and "normal images seen" in text
    assert {"norm 1", "norm 8", "norm 1, closed form", "norm 8, closed form"} <= set(text.splitlines())
    axis = figure.axes[0]
    assert axis.get_xscale() == "log" and axis.get_xlim() == (1, 1000)
    lines = [line for line in axis.get_lines() if len(line.get_xdata()) == 4]
    assert [line.get_linestyle() for line in lines] == ["-", "-", "--", "--"]
    flat = [line.get_ydata()[0] for line in axis.get_lines() if line.get_linestyle() == ":"]
    assert flat == [71, 78]


def test_one_repetition_has_lines_and_no_spread(history: pd.DataFrame, summary: pd.DataFrame, shown: Shown) -> None:
    figure, data = draw(history[history["repetition"] == 0], summary)
    assert data.loc[data["method"] == "projector", "std"].isna().all() and shown(figure)
    for band in figure.axes[0].collections:
        assert np.isfinite(band.get_paths()[0].vertices).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=7), st.floats(0.01, 0.14))
def test_labels_are_moved_as_little_as_it_takes(values: list[float], apart: float) -> None:
    heights = np.array(values)
    places = _moved_apart(heights, apart)
    order = np.argsort(heights, kind="stable")
    assert (np.diff(places[order]) > apart - 1e-9).all()
    assert places.min() > -1e-9 and places.max() < 1 + 1e-9
    gaps = {"type": "ineq", "fun": lambda p: np.diff(p) - apart}
    start = np.linspace(0, 1, len(heights))
    best = minimize(
        lambda p: ((p - heights[order]) ** 2).sum(), start, bounds=[(0, 1)] * len(heights), constraints=[gaps]
    )
    assert ((places - heights) ** 2).sum() < best.fun + 1e-5

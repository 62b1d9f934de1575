"""Figures 2 and S4: norms and angles of the projected test images."""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from oneclass.figures.polar import angles, norms_and_angles
from oneclass.metrics import auroc

Shown = Callable[[Figure], str]
NORMS = [32.0, 1.0, 8.0]
SHOWN = {"mnist5k": "3", "elpv": "mono"}
CLASSES = {"A": SHOWN}
ends = partial(angles, norms={"A": [1, 32], "B": [1, 8]})


@pytest.fixture
def scores(conform: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Test images of two data sets, two classes each, with other centres and repetitions that are not shown."""
    random, frames = np.random.default_rng(0), []
    names = [("mnist5k", "3"), ("mnist5k", "5"), ("elpv", "mono"), ("elpv", "poly")]
    for (dataset, name), norm, (center, repetition) in product(
        names, NORMS, [("gaussian", 0), ("gaussian", 1), ("ones", 0)]
    ):
        cosine = random.uniform(-1, 1, 20)
        cosine[:2] = [1 + 1e-7, -1 - 1e-7]  # rounding
        frame = {"dataset": dataset, "class": name, "center_norm": norm, "center": center, "repetition": repetition}
        frame |= {"protocol": "A", "centering": "none", "label": [0, 1] * 10}
        frame |= {"id": [f"{dataset}/{k}" for k in range(20)], "score": random.normal(size=20) + np.tile([0, 1], 10)}
        frames.append(pd.DataFrame(frame | {"z_norm": random.uniform(0, 2 * norm, 20), "z_cosine": cosine}))
    return conform(pd.concat(frames, ignore_index=True), "scores")


def titles(text: str) -> str:
    """``text`` with the norm behind the class, where Figure 2 has it below."""
    return text.replace("\nnorm ", ", norm ")


@pytest.mark.parametrize(("draw", "norms"), [(norms_and_angles, {1, 8, 32}), (ends, {1, 32})])
def test_what_is_shown(
    draw: Callable[..., tuple[Figure, pd.DataFrame]], norms: set[float], scores: pd.DataFrame, shown: Shown
) -> None:
    figure, data = draw(scores, CLASSES)
    assert set(zip(data["dataset"], data["class"], strict=True)) == set(SHOWN.items())
    assert set(data["center_norm"]) == norms and len(data) == 2 * 20 * len(norms)
    source = scores[(scores["center"] == "gaussian") & (scores["repetition"] == 0)]
    merged = data.merge(source, on=["dataset", "class", "center_norm", "id"], suffixes=("", "_source"), validate="1:1")
    assert len(merged) == len(data) and (merged["z_norm"] == merged["z_norm_source"]).all()
    cosines = np.cos(np.radians(merged["angle"]))
    np.testing.assert_allclose(cosines, merged["z_cosine"].clip(-1, 1), atol=1e-12)
    assert merged["angle"].between(0, 180).all()
    text, names = titles(shown(figure)), {"mnist5k": "MNIST (5,000)\n3", "elpv": "ELPV\nmono"}
    for (dataset, norm), panel in data.groupby(["dataset", "center_norm"]):
        value = 100 * auroc(panel["label"], panel["score"])
        assert f"{names[dataset]}, norm {norm:g}: AUROC {value:.1f} %" in text
    assert "anomalous" in text and "pooled" not in text


def test_figure2_draws_angle_and_norm(scores: pd.DataFrame) -> None:
    figure, data = norms_and_angles(scores, CLASSES)
    panel = data[(data["dataset"] == "mnist5k") & (data["center_norm"] == 1)]  # the first panel
    dots = {str(part.get_label()): part.get_offsets() for part in figure.axes[0].collections}
    for name, flag in (("normal", 0), ("anomalous", 1)):
        part = panel[panel["label"] == flag]
        np.testing.assert_allclose(dots[name], np.stack([np.radians(part["angle"]), part["z_norm"]], axis=1))
    np.testing.assert_allclose(dots["centre"], [[0, 1]])
    figure.draw_without_rendering()
    assert 2 <= len(figure.axes[0].get_yticks()) <= 5


def test_no_panel_of_figure2_covers_another(scores: pd.DataFrame, overlapping: Any) -> None:
    one = scores[(scores["dataset"] == "mnist5k") & (scores["class"] == "3")]
    many = [
        one.assign(dataset=f"data{row}", center_norm=one["center_norm"] + column, **{"class": "aquatic_mammals"})
        for row, column in product(range(7), (0, 64))
    ]
    figure, _ = norms_and_angles(pd.concat(many), {"A": {f"data{row}": "aquatic_mammals" for row in range(7)}})
    assert len(figure.axes) == 7 * 6 and overlapping(figure) == []


def test_a_single_norm(scores: pd.DataFrame, shown: Shown) -> None:
    figure, data = angles(scores, CLASSES, {"A": [8]})
    assert set(data["center_norm"]) == {8} and len(figure.axes) == 2
    shown(figure)


def test_the_paper_s_auroc_is_beside_its_own_classes_and_norms(scores: pd.DataFrame, shown: Shown) -> None:
    frog = scores.replace({"mnist5k": "cifar10", "3": "frog"})
    figure, data = ends(frog, {"A": {"cifar10": "frog", "elpv": "mono"}})
    printed = data.groupby(["dataset", "center_norm"])["published"].first().dropna().to_dict()
    assert printed == {("cifar10", 1): 95.8, ("cifar10", 32): 92.7}
    text = shown(figure)
    assert text.count("published") == 2 and "(published: 92.7 %)" in text


@pytest.fixture
def both(scores: pd.DataFrame) -> pd.DataFrame:
    """With Protocol B's scores of one data set: a norm fewer, and other numbers where the features are centred."""
    multi_scale = scores[(scores["dataset"] == "elpv") & (scores["center_norm"] < 32)].assign(protocol="B")
    multi_scale["z_cosine"] /= 2
    centred = multi_scale.assign(centering="position", z_cosine=0.0)
    return pd.concat([scores, centred, multi_scale], ignore_index=True)


@pytest.mark.parametrize(("draw", "panels"), [(norms_and_angles, 3 + 3 + 2), (ends, 2 + 2 + 2)])
def test_protocol_b_has_panels_of_its_own(
    draw: Callable[..., tuple[Figure, pd.DataFrame]], panels: int, both: pd.DataFrame, shown: Shown
) -> None:
    figure, data = draw(both, CLASSES | {"B": {"elpv": "poly"}})
    text = titles(shown(figure))
    assert "MNIST (5,000), pooled\n3, norm 1:" in text and "ELPV, pooled\nmono, norm 32:" in text
    assert "ELPV, multi-scale\npoly, norm 8:" in text and "ELPV, multi-scale\npoly, norm 32:" not in text
    assert sum(axis.get_visible() for axis in figure.axes) == panels
    part = data[data["protocol"] == "B"]
    source = both[(both["centering"] == "none") & (both["center"] == "gaussian") & (both["repetition"] == 0)]
    merged = part.merge(source, on=["dataset", "protocol", "class", "center_norm", "id"], validate="1:1")
    assert len(merged) == len(part) == 2 * 20 and set(part["class"]) == {"poly"}
    np.testing.assert_allclose(np.cos(np.radians(merged["angle"])), merged["z_cosine"], atol=1e-12)

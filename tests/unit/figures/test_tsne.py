from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from oneclass.figures.tsne import figure_s6
from oneclass.metrics import auroc
from oneclass.objective.classes import Data

CENTERS = ["normal", "ones"]


@pytest.fixture
def data() -> Data[np.ndarray]:
    random, labels = np.random.default_rng(0), np.repeat([0, 1], [9, 8]).astype(np.int8)
    test = random.normal(labels[:, None] * 6, 1, (17, 5)).astype(np.float32)
    return Data("mono", test[:0], test, np.array([f"{k}.png" for k in range(17)]), labels)


@pytest.fixture
def models() -> dict[str, np.ndarray]:
    random, shapes = np.random.default_rng(1), {"weight": (5, 5), "bias": (5,), "center": (5,)}
    return {f"mono.{kind}.{part}": random.normal(size=shape) for kind in CENTERS for part, shape in shapes.items()}


def test_a_panel_for_each_centre(
    data: Data[np.ndarray], models: dict[str, np.ndarray], shown: Callable[[Figure], str]
) -> None:
    figure, table = figure_s6(data, models, CENTERS, "elpv", 1024)
    text = shown(figure)
    assert "ELPV, normal: mono" in text
    for kind, name in zip(CENTERS, ("N(0, 1)", "All ones"), strict=True):
        z = data.test @ models[f"mono.{kind}.weight"].T + models[f"mono.{kind}.bias"]
        value = 100 * auroc(data.labels, np.linalg.norm(z - models[f"mono.{kind}.center"], axis=1))
        assert f"{name}\nAUROC {value:.1f} %" in text
        rows = table[table["center"] == kind]
        assert rows["id"].tolist() == data.ids.tolist() and rows["label"].tolist() == data.labels.tolist()
        assert np.isfinite(rows[["x", "y"]]).all(axis=None)
        # the two far groups stay apart: an image's nearest neighbour is of its own kind
        plane = rows[["x", "y"]].to_numpy()
        distances = np.linalg.norm(plane[:, None] - plane, axis=-1) + np.diag(np.full(17, np.inf))
        assert (data.labels[distances.argmin(1)] == data.labels).mean() > 0.9
    again = figure_s6(data, models, CENTERS, "elpv", 1024)[1]
    assert again.equals(table)

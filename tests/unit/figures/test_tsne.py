from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from oneclass import tensors
from oneclass.data.index import Index
from oneclass.figures.tsne import draw
from oneclass.metrics import auroc

CENTERS = ["gaussian", "ones"]
LABELS = np.repeat([0, 1], [9, 8])
TRAIN = 2  # images of the class, before those that test; one of another class is between them


@pytest.fixture
def index() -> Index:
    rows = [("train", "mono", 0)] * TRAIN + [("test", "poly", 0)] + [("test", "mono", label) for label in LABELS]
    table = pd.DataFrame(rows, columns=["split", "class_name", "label"])
    return Index(table.assign(id=[f"{k}.png" for k in range(len(rows))]), "elpv", Path("nowhere"), "the hash")


@pytest.fixture
def test() -> np.ndarray:
    random = np.random.default_rng(0)
    return random.normal(LABELS[:, None] * 6, 1, (17, 5)).astype(np.float32)


@pytest.fixture
def features(test: np.ndarray, tmp_path: Path) -> list[Path]:
    with h5py.File(tmp_path / "none.h5", "w") as file:
        file["pooled"] = np.concatenate([np.full((TRAIN + 1, 5), 100, np.float32), test])
        file.attrs["index_hash"] = "the hash"
    return [tmp_path / "none.h5"]


@pytest.fixture
def models() -> dict[str, np.ndarray]:
    random, shapes = np.random.default_rng(1), {"weight": (5, 5), "bias": (5,), "center": (5,)}
    return {f"mono.{kind}.{part}": random.normal(size=shape) for kind in CENTERS for part, shape in shapes.items()}


def test_a_panel_for_each_centre(
    index: Index,
    test: np.ndarray,
    features: list[Path],
    models: dict[str, np.ndarray],
    tmp_path: Path,
    shown: Callable[[Figure], str],
) -> None:
    tensors.write(models, {}, tmp_path / "models.safetensors")
    read = {"indexes": [index], "features": features, "models": [tmp_path / "models.safetensors"]}
    settings = {"task": "defect", "class_name": "mono", "centers": CENTERS, "seed": 1024}
    figure, table = draw(**read, **settings)
    text = shown(figure)
    assert "ELPV, normal: mono" in text
    for kind, name in zip(CENTERS, ("N(0, 1)", "All ones"), strict=True):
        z = test @ models[f"mono.{kind}.weight"].T + models[f"mono.{kind}.bias"]
        value = 100 * auroc(LABELS, np.linalg.norm(z - models[f"mono.{kind}.center"], axis=1))
        assert f"{name}\nAUROC {value:.1f} %" in text
        rows = table[table["center"] == kind]
        assert rows["id"].tolist() == [f"{TRAIN + 1 + k}.png" for k in range(17)]
        assert rows["label"].tolist() == LABELS.tolist()
        assert np.isfinite(rows[["x", "y"]]).all(axis=None)
        # the two far groups stay apart: an image's nearest neighbour is of its own kind
        plane = rows[["x", "y"]].to_numpy()
        distances = np.linalg.norm(plane[:, None] - plane, axis=-1) + np.diag(np.full(17, np.inf))
        assert (LABELS[distances.argmin(1)] == LABELS).mean() > 0.9
    again = draw(**read, **settings)[1]
    assert again.equals(table)

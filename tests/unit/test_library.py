"""The library's front door: the same numbers as the workflow, and errors that say what to do."""

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from oneclass import library
from oneclass.config.objective import Objective
from oneclass.data.index import Index
from oneclass.detectors import Detector
from oneclass.errors import UserError
from oneclass.features.store import Writer
from oneclass.objective import fit


@pytest.fixture
def index() -> Index:
    table = pd.DataFrame({"id": [f"{k:02d}" for k in range(30)], "class_name": "bolt", "split": "train", "label": 0})
    table.loc[20:, "split"], table.loc[25:, "label"] = "test", 1
    return Index(table, "bolts", Path("nowhere"), "a hash")


@pytest.fixture
def features() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(30, 5)).astype(np.float32)


@pytest.mark.parametrize("method", ["projector", "full_batch", "closed_form", "knn"])
def test_scores_are_those_of_the_workflow(method: str, index: Index, features: np.ndarray, tmp_path: Path) -> None:
    found = library.score_images(method, features, index, "bolt", center_norm=8, epochs=3)
    with h5py.File(tmp_path / "store.h5", "w") as file:
        Writer(file, index.table["id"].tolist(), {"index_hash": index.hash}).add(features, {})
    settings = {
        "features": "vectors",
        "protocol": "A",
        "task": "defect",
        "figure_classes": [],
        "variants": {
            "none": {"center_norms": [8], "default_center_norm": 8, "centers": ["gaussian"], "repetitions": 1}
        },
        "training": Objective(datasets=["bolts"], backbone="", epochs=3).training("bolts"),
        "default_center_norm": 8,
        "memory_mb": 64,
        "comparators": {"knn": "neighbours"},
        "options": {},
    }
    module = "objective.comparators" if method == "knn" else f"objective.methods.{method}"
    [expected] = fit.run(module, index, str(tmp_path / "store.h5"), ["bolt"], settings, 1024, "cpu").scores
    pd.testing.assert_frame_equal(found, expected[["id", "label", "score"]])
    assert found["label"].tolist() == [0] * 5 + [1] * 5


def test_a_method_that_needs_something_else_is_refused(index: Index, features: np.ndarray) -> None:
    with pytest.raises(UserError, match="no method 'patchcore' on pooled features; there is: projector"):
        library.score_images("patchcore", features, index, "bolt")


def test_a_folder_of_several_classes_is_one_index(tmp_path: Path) -> None:
    for place in ("train/cat", "train/dog", "test/cat", "test/dog"):
        (tmp_path / "pets" / place).mkdir(parents=True)
        Image.new("RGB", (4, 4)).save(tmp_path / "pets" / place / "0.png")
    index = library.index_folder(tmp_path / "pets", source="class_folders", task="one_vs_rest")
    assert index.name == "pets"
    assert index.ids().tolist() == ["test/cat/0.png", "test/dog/0.png", "train/cat/0.png", "train/dog/0.png"]
    with pytest.raises(UserError, match="'pets' has 2 classes, and a detector is for one"):
        Detector.fit(index)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone: there is no such folder of pictures"):
        library.index_folder(tmp_path / "gone")


def test_a_folder_without_normal_pictures_for_test_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "one/0.png")
    with pytest.raises(UserError, match=r"1 normal picture\(s\), 1 to learn from and 0 held out"):
        library.index_folder(tmp_path / "one")

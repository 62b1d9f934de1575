"""The files that a method writes."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors import safe_open

from oneclass.objective.classes import Data
from oneclass.objective.results import Result, write
from oneclass.objective.variants import Variant

SETTINGS = {"epochs": 20, "learning_rate": 1e-4}
WEIGHT = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def result() -> Result:
    data = Data("cat", None, None, np.array(["a", "b"]), np.array([0, 1], np.int8))
    made = Result(models={"cat.normal.weight": WEIGHT})
    variant = Variant("normal", 8, 3)
    made.add_scores(data, "ours", variant, score=np.array([0.25, 0.5], np.float32), z_norm=np.ones(2))
    made.add_scores(data, "ours", variant, projector="linear", score=np.array([0.3, 0.6]))
    made.add_scores(data, "knn", score=np.array([1.0, 2.0]))
    made.add_log(data, variant, 1, "image_auroc", 100.0)
    made.add_log(data, variant, math.nan, "cosine", 0.5)
    return made


def test_files(result: Result, tmp_path: Path) -> None:
    names = {"scores": "s.parquet", "history": "h.parquet", "models": "m.safetensors"}
    outputs = {key: str(tmp_path / "new" / name) for key, name in names.items()}
    write(result, outputs, "toy", "tiny", SETTINGS)
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(names.values())

    scores = pd.read_parquet(outputs["scores"])
    keys = ["dataset", "backbone", "class", "method", "projector", "center", "norm", "seed", "id", "label", "score"]
    assert set(scores.columns) == {*keys, "z_norm"}
    shown = scores[keys].astype({"norm": object}).where(scores[keys].notna(), None)
    assert shown.to_numpy().tolist() == [
        ["toy", "tiny", "cat", "ours", "conv1x1", "normal", 8, 3, "a", 0, 0.25],
        ["toy", "tiny", "cat", "ours", "conv1x1", "normal", 8, 3, "b", 1, 0.5],
        ["toy", "tiny", "cat", "ours", "linear", "normal", 8, 3, "a", 0, 0.3],
        ["toy", "tiny", "cat", "ours", "linear", "normal", 8, 3, "b", 1, 0.6],
        ["toy", "tiny", "cat", "knn", "", "", None, 0, "a", 0, 1.0],
        ["toy", "tiny", "cat", "knn", "", "", None, 0, "b", 1, 2.0],
    ]

    history = pd.read_parquet(outputs["history"])
    assert history["metric"].tolist() == ["image_auroc", "cosine"]
    assert set(history.columns) == {"dataset", "class", "center", "norm", "seed", "step", "metric", "value"}
    assert history["step"][0] == 1 and math.isnan(history["step"][1])

    with safe_open(outputs["models"], "numpy") as models:
        provenance = json.loads(models.metadata()["provenance"])
        assert np.array_equal(models.get_tensor("cat.normal.weight"), WEIGHT)
        assert list(models.keys()) == ["cat.normal.weight"]
    assert provenance == {"settings": SETTINGS, "dataset": "toy", "backbone": "tiny"}


def test_only_what_is_asked_for(result: Result, tmp_path: Path) -> None:
    write(result, {"scores": str(tmp_path / "s.parquet")}, "toy", "tiny", {})
    assert [path.name for path in tmp_path.iterdir()] == ["s.parquet"]


def test_tables_have_the_same_bytes_twice(result: Result, tmp_path: Path) -> None:
    for folder in "ab":
        outputs = {key: str(tmp_path / folder / key) for key in ("scores", "history")}
        write(result, outputs, "toy", "tiny", SETTINGS)
    for name in ("scores", "history"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()

"""What a method gives, and the files that it writes."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors import safe_open

from oneclass import tidy
from oneclass.objective.localisation.distances import classes_in, dataset_of, read_maps
from oneclass.objective.result import Result, keeper, write
from oneclass.objective.variants import Variant
from oneclass.objective.vectors import VectorClass

SETTINGS = {"epochs": 20, "learning_rate": 1e-4}
WEIGHT = np.arange(6, dtype=np.float32).reshape(2, 3)
DISTANCE = np.arange(8, dtype=np.float32).reshape(2, 2, 2)


@pytest.fixture
def result(toy: Callable[..., VectorClass]) -> Result:
    data = VectorClass("cat", toy().train, toy().test, np.array(["a", "b"]), np.array([0, 1], np.int8))
    made = Result("A", keeper(8), models={"cat.gaussian.weight": WEIGHT})
    variant = Variant("gaussian", 8, 3)
    columns = made.columns("projector", variant)
    made.add(data, columns, np.array([0.25, 0.5], np.float32), z_norm=np.ones(2))
    made.add(data, made.columns("projector", variant, projector="linear"), np.array([0.3, 0.6]))
    made.add(data, made.columns("knn"), np.array([1.0, 2.0]))
    made.log(data, columns, 1, "image_auroc", 100.0)
    made.log(data, columns, math.nan, "cosine", 0.5)
    made.add_map(data, made.columns("closed_form", Variant(None, 8, 3), projector=None, protocol="C"), DISTANCE)
    return made


def outputs(folder: Path) -> dict[str, str]:
    names = {"scores": "s.parquet", "history": "h.parquet", "models": "m.safetensors", "maps": "m.h5"}
    return {stage: str(folder / name) for stage, name in names.items()}


def shown(frame: pd.DataFrame, columns: list[str]) -> list[list[object]]:
    """Rows of ``frame``, with None for null."""
    kept = frame[columns].astype(object)
    rows: list[list[object]] = kept.where(kept.notna(), None).to_numpy().tolist()
    return rows


def test_files(result: Result, tmp_path: Path) -> None:
    files = outputs(tmp_path / "new")
    write(result, files, "toy", "tiny", SETTINGS)
    assert {str(path) for path in (tmp_path / "new").iterdir()} == set(files.values())

    scores = tidy.read([files["scores"]], "scores")
    keys = ["dataset", "backbone", "class", "method", "protocol", "projector", "center", "center_norm", "centering"]
    assert shown(scores, [*keys, "repetition", "id", "label", "score", "z_norm"]) == [
        ["toy", "tiny", "cat", "projector", "A", "conv1x1", "gaussian", 8, "none", 3, "a", 0, 0.25, 1],
        ["toy", "tiny", "cat", "projector", "A", "conv1x1", "gaussian", 8, "none", 3, "b", 1, 0.5, 1],
        ["toy", "tiny", "cat", "projector", "A", "linear", "gaussian", 8, "none", 3, "a", 0, 0.3, None],
        ["toy", "tiny", "cat", "projector", "A", "linear", "gaussian", 8, "none", 3, "b", 1, 0.6, None],
        ["toy", "tiny", "cat", "knn", "A", None, None, None, "none", 0, "a", 0, 1.0, None],
        ["toy", "tiny", "cat", "knn", "A", None, None, None, "none", 0, "b", 1, 2.0, None],
    ]

    history = tidy.read([files["history"]], "history")
    assert shown(history, [*keys, "repetition", "step", "metric", "value"]) == [
        ["toy", "tiny", "cat", "projector", "A", "conv1x1", "gaussian", 8, "none", 3, 1, "image_auroc", 100],
        ["toy", "tiny", "cat", "projector", "A", "conv1x1", "gaussian", 8, "none", 3, None, "cosine", 0.5],
    ]

    with safe_open(files["models"], "numpy") as models:
        provenance = json.loads(models.metadata()["provenance"])
        assert np.array_equal(models.get_tensor("cat.gaussian.weight"), WEIGHT)
        assert list(models.keys()) == ["cat.gaussian.weight"]
    assert provenance == {"settings": SETTINGS, "dataset": "toy", "backbone": "tiny"}

    maps = Path(files["maps"])
    assert dataset_of(maps) == "toy" and classes_in(maps) == ["cat"]
    (columns,), ids, distance = read_maps(maps, "cat")
    assert ids == ["a", "b"] and np.array_equal(distance, DISTANCE[None])
    assert columns["center"] is None and columns["projector"] is None
    assert (columns["protocol"], columns["center_norm"], columns["repetition"]) == ("C", 8, 3)


def test_of_vectors_there_are_no_maps(result: Result, tmp_path: Path) -> None:
    files = outputs(tmp_path)
    del files["maps"]
    write(result, files, "toy", "tiny", {})
    assert {str(path) for path in tmp_path.iterdir()} == set(files.values())


def test_what_trains_nothing_has_an_empty_history_and_no_models(result: Result, tmp_path: Path) -> None:
    files = outputs(tmp_path)
    result.history.clear()
    result.models.clear()
    write(result, files, "toy", "tiny", {})
    assert len(tidy.read([files["history"]], "history")) == 0
    with safe_open(files["models"], "numpy") as models:
        assert not list(models.keys())


def test_tables_have_the_same_bytes_twice(result: Result, tmp_path: Path) -> None:
    for folder in "ab":
        write(result, outputs(tmp_path / folder), "toy", "tiny", SETTINGS)
    for name in ("s.parquet", "h.parquet"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "variant", "kept"),
    [
        ("cat", Variant("gaussian", 8, 0), True),
        ("cat", Variant("gaussian", 8, 1), False),
        ("cat", Variant("gaussian", 1, 0), False),
        ("cat", Variant("ones", 8, 0), False),
        ("dog", Variant("ones", 8, 0), True),
        ("dog", Variant("ones", 8, 1), False),
        ("dog", Variant("gaussian", 8, 0), True),
        ("cat", Variant(None, 8, 0), True),
        ("cat", Variant(None, 1, 0), False),
        ("cat", None, True),
    ],
)
def test_keeper(name: str, variant: Variant | None, kept: bool) -> None:
    assert keeper(8, ["dog"])(name, variant) is kept

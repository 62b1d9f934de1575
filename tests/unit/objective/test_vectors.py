"""Features of the classes of a data set, by the index they were computed for."""

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import torch

from oneclass.data.index import Index
from oneclass.data.record import Record
from oneclass.errors import UserError
from oneclass.features import store
from oneclass.objective.vectors import load, select

ROWS = [("cat", "train", 0), ("cat", "test", 0), ("dog", "train", 0), ("dog", "test", 0), ("cat", "train", 0)]
DEFECTS = [*ROWS, ("cat", "test", 1)]


def files(rows: list[tuple[str, str, int]], folder: Path) -> tuple[str, Index]:
    """A feature store and its index; feature and id of an image are its row."""
    records = [Record(str(k), f"{k}.png", name, split, label=label) for k, (name, split, label) in enumerate(rows)]
    table = pd.DataFrame(map(vars, records)).astype({"item": "int64", "label": "int8"})
    index, features = Index.create(table, "toy", folder), folder / f"{len(rows)}.h5"
    with h5py.File(features, "w") as file:
        writer = store.Writer(file, table["id"].tolist(), {"index_hash": index.hash})
        writer.add(np.arange(len(rows), dtype=np.float32)[:, None], {})
    return str(features), index


@pytest.mark.parametrize(
    ("rows", "task", "train", "test", "labels"),
    [
        (ROWS, "one_vs_rest", [0, 4], [1, 3], [0, 1]),
        (ROWS, "leave_one_out", [2], [1, 3], [1, 0]),
        (DEFECTS, "defect", [0, 4], [1, 5], [0, 1]),
    ],
)
def test_features_follow_the_split(
    rows: list[tuple[str, str, int]], task: str, train: list[int], test: list[int], labels: list[int], tmp_path: Path
) -> None:
    (data,) = load(*files(rows, tmp_path), task, ["cat"])
    assert data.class_name == "cat"
    assert data.train[:, 0].tolist() == train and data.test[:, 0].tolist() == test
    assert data.ids.tolist() == [str(k) for k in test] and data.labels.tolist() == labels
    assert data.train.dtype == data.test.dtype == torch.float32


def test_classes_come_in_the_order_asked_for(tmp_path: Path) -> None:
    loaded = load(*files(ROWS, tmp_path), "one_vs_rest", ["dog", "cat"])
    assert [data.class_name for data in loaded] == ["dog", "cat"]


def test_features_in_memory_give_the_same_on_the_device_asked_for(tmp_path: Path) -> None:
    _, index = files(ROWS, tmp_path)
    features = np.arange(5, dtype=np.float32)[:, None]
    (data,) = select(features, index, "one_vs_rest", ["cat"])
    assert data.train[:, 0].tolist() == [0, 4] and data.test[:, 0].tolist() == [1, 3]
    assert data.ids.tolist() == ["1", "3"] and data.labels.tolist() == [0, 1]
    (elsewhere,) = select(features, index, "one_vs_rest", ["cat"], "meta")
    assert elsewhere.train.device.type == elsewhere.test.device.type == "meta"


def test_features_of_another_index_are_refused(tmp_path: Path) -> None:
    features, _ = files(ROWS, tmp_path)
    _, index = files(DEFECTS, tmp_path)
    with pytest.raises(UserError, match=r"5\.h5: computed for another index of toy"):
        load(features, index, "one_vs_rest", ["cat"])

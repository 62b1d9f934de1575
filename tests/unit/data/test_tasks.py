from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.errors import UserError

TABLE = pd.DataFrame(
    {
        "class_name": ["a", "a", "b", "b", "c", "c", "a"],
        "split": ["train", "test", "train", "test", "train", "test", "test"],
        "label": [0, 0, 0, 0, 0, 0, 1],
    }
)
INDEX = Index(TABLE, "toy", Path("nowhere"), "hash")


@pytest.mark.parametrize(
    ("task", "train", "test", "labels"),
    [
        ("one_vs_rest", [0], [1, 3, 5, 6], [0, 1, 1, 0]),
        ("leave_one_out", [2, 4], [1, 3, 5, 6], [1, 0, 0, 1]),
        ("defect", [0], [1, 6], [0, 1]),
    ],
)
def test_split(task: str, train: list[int], test: list[int], labels: list[int]) -> None:
    found = split(INDEX, task, "a")
    assert (found.train.tolist(), found.test.tolist(), found.labels.tolist()) == (train, test, labels)
    assert found.labels.dtype == np.int8


def test_defect_never_trains_on_anomalous_images() -> None:
    table = pd.DataFrame({"class_name": ["a", "a"], "split": ["train", "train"], "label": [0, 1]})
    assert split(replace(INDEX, table=table), "defect", "a").train.tolist() == [0]


def test_positions_do_not_depend_on_the_frame_index() -> None:
    shuffled = replace(INDEX, table=TABLE.set_axis(range(100, 107)))
    assert split(shuffled, "one_vs_rest", "a").test.tolist() == [1, 3, 5, 6]


@pytest.mark.parametrize("task", ["one_vs_rest", "leave_one_out", "defect"])
def test_unknown_class(task: str) -> None:
    with pytest.raises(UserError, match="data set 'toy': no class 'd'; there is: a, b, c"):
        split(INDEX, task, "d")


def test_unknown_task() -> None:
    with pytest.raises(UserError, match="no task 'rest'"):
        split(INDEX, "rest", "a")

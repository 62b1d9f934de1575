"""What becomes of a system's scores: rows for each class and repetition, whatever runs beside it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from oneclass.baselines.run import run
from oneclass.data.index import Index
from oneclass.training.finished import Finished

INDEX = Index(
    pd.DataFrame(
        {
            "id": [f"{k:02d}" for k in range(12)],
            "class_name": ["cat", "dog"] * 6,
            "split": ["train"] * 6 + ["test"] * 6,
            "label": 0,
        }
    ),
    "wild",
    Path("x"),
    "y",
)
PIXELS = torch.arange(12, dtype=torch.uint8).reshape(12, 1, 1, 1).expand(12, 3, 4, 4)
SETTINGS = {"task": "one_vs_rest", "repetitions": 2, "options": {"width": 3.0}}


def brightness(train: Tensor, test: Tensor, seed: int, device: str, width: float, **needed: Any) -> np.ndarray:
    """The pixel of a test image, and as a fraction a number of its own for each seed and training image."""
    assert (device, width) == ("cpu", 3.0) and len(needed.get("outliers", train)) == len(train) == 3
    return test[:, 0, 0, 0].numpy() + (seed % 1000 + float(train.sum())) / 1e4


def scored(finished: Finished, threads: int = 2, method: Any = brightness, **needed: Any) -> pd.DataFrame:
    return run("toy", method, INDEX, PIXELS, ["cat", "dog"], SETTINGS, 1, finished, threads, "cpu", **needed)


@pytest.fixture
def frame(nothing_finished: Callable[[], Finished]) -> pd.DataFrame:
    return scored(nothing_finished())


def test_each_test_image_is_scored_by_each_class_and_repetition(frame: pd.DataFrame) -> None:
    assert (
        frame.groupby(["class", "repetition"], observed=True)["id"].apply(list).tolist()
        == [[f"{k:02d}" for k in range(6, 12)]] * 4
    )
    assert np.floor(frame["score"]).tolist() == [6, 7, 8, 9, 10, 11] * 4
    assert frame["label"].tolist() == [0, 1] * 3 * 2 + [1, 0] * 3 * 2
    assert set(frame["outlier_count"]) == {0} and set(frame["task"]) == {"one_vs_rest"}


def test_each_class_and_repetition_has_a_seed_of_its_own(frame: pd.DataFrame) -> None:
    assert (
        frame.assign(fraction=frame["score"] % 1)
        .groupby(["class", "repetition"], observed=True)
        .first()["fraction"]
        .nunique()
        == 4
    )


def test_the_number_of_threads_changes_nothing(frame: pd.DataFrame, nothing_finished: Callable[[], Finished]) -> None:
    pd.testing.assert_frame_equal(scored(nothing_finished(), threads=1), frame)


def test_a_system_with_outliers_gets_them_and_says_so(nothing_finished: Callable[[], Finished]) -> None:
    assert set(scored(nothing_finished(), outliers=PIXELS[:3])["outlier_count"]) == {np.inf}


def test_what_is_finished_is_not_run_again(frame: pd.DataFrame, nothing_finished: Callable[[], Finished]) -> None:
    finished = nothing_finished()
    scored(finished)

    def never(*_: Any, **__: Any) -> np.ndarray:
        raise AssertionError("run again")

    pd.testing.assert_frame_equal(scored(finished, method=never), frame)


def test_a_score_that_is_not_finite_is_an_error(nothing_finished: Callable[[], Finished]) -> None:
    with pytest.raises(ValueError, match="a score is not finite"):
        scored(nothing_finished(), method=lambda train, test, *_, **__: np.full(len(test), np.nan))

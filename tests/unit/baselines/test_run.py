"""What becomes of a system's scores: rows for each class and repetition, whatever runs beside it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from oneclass.baselines.run import run
from oneclass.data.index import Index
from oneclass.training.finished import Finished

PIXELS = torch.arange(12, dtype=torch.uint8).reshape(12, 1, 1, 1).expand(12, 3, 4, 4)
SETTINGS = {"task": "one_vs_rest", "repetitions": 2, "options": {"width": 3.0}}


def brightness(train: Tensor, test: Tensor, seed: int, device: str, width: float, **needed: Any) -> np.ndarray:
    """The pixel of a test image, and as a fraction a number of its own for each seed and training image."""
    assert (device, width) == ("cpu", 3.0) and len(needed.get("outliers", train)) == len(train) == 4
    return test[:, 0, 0, 0].numpy() + (seed % 1000 + float(train.sum())) / 1e4


@pytest.fixture
def scored(class_index: Callable[[str, list[str], int], Index]) -> Callable[..., pd.DataFrame]:
    index = class_index("", ["cat", "dog"], 12)

    def make(finished: Finished, threads: int = 2, method: Any = brightness, **needed: Any) -> pd.DataFrame:
        return run("toy", method, index, PIXELS, ["cat", "dog"], SETTINGS, 1, finished, threads, "cpu", **needed)

    return make


@pytest.fixture
def frame(scored: Callable[..., pd.DataFrame], nothing_finished: Callable[[], Finished]) -> pd.DataFrame:
    return scored(nothing_finished())


def test_each_test_image_is_scored_by_each_class_and_repetition(frame: pd.DataFrame) -> None:
    assert (
        frame.groupby(["class", "repetition"], observed=True)["id"].apply(list).tolist()
        == [["02", "05", "08", "11"]] * 4
    )
    assert np.floor(frame["score"]).tolist() == [2, 5, 8, 11] * 4
    assert frame["label"].tolist() == [0, 1] * 2 * 2 + [1, 0] * 2 * 2
    assert set(frame["outlier_count"]) == {0} and set(frame["task"]) == {"one_vs_rest"}


def test_each_class_and_repetition_has_a_seed_of_its_own(frame: pd.DataFrame) -> None:
    assert (
        frame.assign(fraction=frame["score"] % 1)
        .groupby(["class", "repetition"], observed=True)
        .first()["fraction"]
        .nunique()
        == 4
    )


def test_the_number_of_threads_changes_nothing(
    scored: Callable[..., pd.DataFrame], frame: pd.DataFrame, nothing_finished: Callable[[], Finished]
) -> None:
    pd.testing.assert_frame_equal(scored(nothing_finished(), threads=1), frame)


def test_a_system_with_outliers_gets_them_and_says_so(
    scored: Callable[..., pd.DataFrame], nothing_finished: Callable[[], Finished]
) -> None:
    assert set(scored(nothing_finished(), outliers=PIXELS[:4])["outlier_count"]) == {np.inf}


def test_what_is_finished_is_not_run_again(
    scored: Callable[..., pd.DataFrame], frame: pd.DataFrame, nothing_finished: Callable[[], Finished]
) -> None:
    finished = nothing_finished()
    scored(finished)

    def never(*_: Any, **__: Any) -> np.ndarray:
        raise AssertionError("run again")

    pd.testing.assert_frame_equal(scored(finished, method=never), frame)


def test_a_score_that_is_not_finite_is_an_error(
    scored: Callable[..., pd.DataFrame], nothing_finished: Callable[[], Finished]
) -> None:
    with pytest.raises(ValueError, match="a score is not finite"):
        scored(nothing_finished(), method=lambda train, test, *_, **__: np.full(len(test), np.nan))

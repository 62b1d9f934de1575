"""From the scores of trials to rows of the schema."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oneclass import tidy
from oneclass.data.tasks import Split
from oneclass.training.outcomes import collect, require_finite
from oneclass.training.trials import Trial

IDS = np.array([f"image{k}" for k in range(6)])
TRAIN = np.array([0])
SPLITS = {
    "cat": Split(TRAIN, np.array([1, 3, 5]), np.array([0, 1, 1], np.int8)),
    "dog": Split(TRAIN, np.array([4, 2]), np.array([1, 0], np.int8)),
}
HSC = Trial("cat", 1, "hsc", {"radial": "norm1"}, outlier_count=4, filter="lpf3")
FOCAL = Trial("dog", 0, "focal", {"gamma": 2.0}, outlier_class_count=2)
OUTCOMES = [(HSC, np.array([0.5, 0.25, 0.125])), (FOCAL, np.array([3.0, 4.0]))]


def test_a_row_for_each_test_image_of_each_trial() -> None:
    frame = collect(OUTCOMES, SPLITS, IDS, task="one_vs_rest", network="head")
    assert frame["id"].tolist() == ["image1", "image3", "image5", "image4", "image2"]
    assert frame["label"].tolist() == [0, 1, 1, 1, 0]
    assert frame["score"].tolist() == [0.5, 0.25, 0.125, 3, 4] and frame["score"].dtype == np.float32
    assert (frame["task"] == "one_vs_rest").all() and (frame["network"] == "head").all()
    for trial, (_, part) in zip((HSC, FOCAL), frame.groupby(np.repeat([0, 1], [3, 2])), strict=True):
        [columns] = part[list(trial.columns())].drop_duplicates().to_dict("records")
        assert columns == pytest.approx(trial.columns(), nan_ok=True)
    assert frame["gamma"].isna().tolist() == [True] * 3 + [False] * 2
    assert frame["radial"].isna().tolist() == [False] * 3 + [True] * 2


def test_the_rows_are_those_of_the_schema(tmp_path: Path) -> None:
    frame = collect(OUTCOMES, SPLITS, IDS, task="one_vs_rest", network="head").assign(dataset="toy")
    tidy.write(frame, "scores", tmp_path / "scores.parquet")
    read = tidy.read([tmp_path / "scores.parquet"], "scores")
    assert read.columns.tolist() == [*tidy.SCHEMAS["scores"], "radial", "gamma"]
    both = read[frame.columns].astype(object), frame.astype(object)
    pd.testing.assert_frame_equal(*(one.where(one.notna(), None) for one in both))


def test_words_that_recur_are_kept_once() -> None:
    frame = collect(OUTCOMES, SPLITS, IDS, task="one_vs_rest")
    texts = frame.columns[frame.dtypes == "category"]
    assert set(texts) == {"class", "method", "filter", "augmented", "radial", "task"}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_not_finite_is_an_error(value: float) -> None:
    scores = np.array([0.5, value, 0.125])
    message = r"class_name='cat', repetition=1, method='hsc'.* training diverged, .* use a smaller learning_rate"
    with pytest.raises(ValueError, match=message):
        require_finite(HSC, scores)
    with pytest.raises(ValueError, match=message):
        collect([(HSC, scores)], SPLITS, IDS)
    require_finite(HSC, scores[[0, 2]])


def test_what_comes_after_a_diverged_training_is_not_awaited() -> None:
    def outcomes() -> Iterator[tuple[Trial, np.ndarray]]:
        yield HSC, np.full(3, np.nan)
        raise AssertionError

    with pytest.raises(ValueError, match="training diverged"):
        collect(outcomes(), SPLITS, IDS)

"""From stored images and chosen outliers to scores: the right images, and a row for each score."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Loss
from oneclass.config.methods import options_of
from oneclass.data.index import Index
from oneclass.data.outliers import choose
from oneclass.data.tasks import split
from oneclass.exposure import population, sweep, training
from oneclass.exposure.training import Architecture, Recipe, Task
from oneclass.training.batches import Schedule
from oneclass.training.finished import Finished
from oneclass.training.inputs import FeatureVectors
from oneclass.training.stores import Images, Outliers, Pictures
from oneclass.training.trials import Seeds, Trial, grid

LOSSES = {name: loss.module for name, loss in of_kind(Loss).items()}
TRIAL = Trial("cat", 0, "hsc", {"radial": "pseudo_huber"})
SWEEP = {
    "repetitions": 2,
    "methods": {name: options_of(name, {}) for name in ("hsc", "bce", "dsvdd")},
    "outlier_counts": [0, 3, "all"],
    "outlier_class_counts": [],
    "augmented": [False],
}


def recipe(network: str) -> Recipe:
    return Recipe(Architecture(NETWORKS[network], 0.1), LOSSES, Schedule(2, (1,), 4, 1e-2), Seeds(1024, "toy"))


def images(index: Index, path: str, network: str) -> Images:
    return Images(index, [path], Pictures(NETWORKS[network], ((), ("flip", "noise"))), "cpu")


@dataclass(frozen=True)
class Toy:
    """A data set of two classes and a pool of three, of which some images may be outliers."""

    data: Index
    pool: Index
    choice: pd.DataFrame
    chosen: Outliers


@pytest.fixture(scope="module")
def toy(class_index: Callable[..., Index]) -> Toy:
    data, pool = class_index("toy", ["cat", "dog"], 30), class_index("wild", ["a", "b", "c"], 12)
    kept = pool.table.drop(index=[1, 5])  # two are duplicates of test images
    choice = choose(kept, "wild", "toy", ["cat", "dog"], 2, 10, 1)
    return Toy(data, pool, choice, Outliers(pool, kept, choice))


def random_features(index: Index) -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(size=(len(index), 5)).astype(np.float32)


@pytest.fixture
def scored(
    feature_store: Callable[[Index], str], toy: Toy, nothing_finished: Callable[[], Finished]
) -> Callable[..., pd.DataFrame]:
    """The scores of a sweep over random features."""

    def run(
        trials: list[Trial], task: str = "one_vs_rest", threads: int = 2, finished: Finished | None = None
    ) -> pd.DataFrame:
        data, pool = (images(index, feature_store(index), "head") for index in (toy.data, toy.pool))
        both = (toy.data, data), (pool, toy.chosen)
        finished = finished or nothing_finished()
        return sweep.run(trials, task, *both, recipe("head"), finished, device="cpu", threads=threads)

    return run


@pytest.mark.parametrize("task", ["one_vs_rest", "leave_one_out"])
def test_a_row_for_each_trial_and_test_image(task: str, scored: Callable[..., pd.DataFrame], toy: Toy) -> None:
    trials = grid(SWEEP, ["none"], ["cat", "dog"])
    frame = scored(trials, task)
    assert frame.columns.tolist() == [*TRIAL.columns(), "id", "label", "score", "task", "network"]
    test = toy.data.table[toy.data.table["split"] == "test"]
    assert len(frame) == len(trials) * len(test)
    assert np.isfinite(frame["score"]).all() and frame["score"].dtype == np.float32
    assert (frame["task"] == task).all() and (frame["network"] == "head").all()
    for trial, (_, part) in zip(trials, frame.groupby(np.arange(len(frame)) // len(test)), strict=True):
        assert part["id"].tolist() == test["id"].tolist()
        of_class = test["class_name"] == trial.class_name
        expected = of_class if task == "leave_one_out" else ~of_class
        assert part["label"].tolist() == expected.astype(int).tolist()
        [columns] = part[list(trial.columns())].drop_duplicates().to_dict("records")
        assert repr(columns) == repr(trial.columns())  # NaN is not equal to itself
        assert part["radial"].isna().all() == (trial.method != "hsc")


def test_scores_are_those_of_the_task(scored: Callable[..., pd.DataFrame], toy: Toy) -> None:
    trial = Trial("dog", 1, "bce", outlier_count=3)
    rows = split(toy.data, "one_vs_rest", "dog")
    query = "kind == 'image' and `class` == 'dog' and repetition == 1 and rank < 3"
    shown = toy.choice.query(query)["name"]
    task = Task(
        FeatureVectors(torch.from_numpy(random_features(toy.data))),
        torch.from_numpy(rows.train),
        torch.from_numpy(rows.test),
        FeatureVectors(torch.from_numpy(random_features(toy.pool))),
        torch.tensor(toy.pool.table.index[toy.pool.table["id"].isin(shown)].tolist()),
        5,
    )
    expected = training.train(trial, task, recipe("head"))
    frame = scored([TRIAL, trial])
    np.testing.assert_array_equal(frame["score"].iloc[len(expected) :], expected)


def test_two_runs_give_the_same_frame(scored: Callable[..., pd.DataFrame]) -> None:
    trials = grid(SWEEP, ["none"], ["cat", "dog"])
    pd.testing.assert_frame_equal(scored(trials), scored(trials, threads=1), check_exact=True)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_sweep_that_was_stopped_goes_on_and_ends_the_same(
    threads: int, scored: Callable[..., pd.DataFrame], nothing_finished: Callable[[], Finished], stop: Any
) -> None:
    trials, finished = grid(SWEEP, ["none"], ["cat", "dog"]), nothing_finished()
    whole = scored(trials)
    trained = stop(population, "train", after=5)
    with pytest.raises(KeyboardInterrupt):
        scored(trials, threads=threads, finished=finished)
    assert 0 < sum(trial in finished for trial in trials) <= 5 < len(trials)
    known = [trial for trial in trials if trial in finished]
    trained = stop(population, "train")
    pd.testing.assert_frame_equal(scored(trials, threads=threads, finished=finished), whole, check_exact=True)
    assert len(trained) == len(trials) - len(known) and all(trial not in known for trial, *_ in trained)


def test_pixels_are_trained_on(
    pixel_store: Callable[[Index], str], toy: Toy, nothing_finished: Callable[[], Finished]
) -> None:
    data, pool = (images(index, pixel_store(index), "lenet") for index in (toy.data, toy.pool))
    trials = [replace(TRIAL, outlier_count=1.0, filter="lpf4"), replace(TRIAL, augmented=True)]
    both = (toy.data, data), (pool, toy.chosen)
    frame = sweep.run(trials, "one_vs_rest", *both, recipe("lenet"), nothing_finished(), device="cpu", threads=1)
    plain, augmented = (part["score"].to_numpy() for _, part in frame.groupby("augmented", observed=True))
    assert len(plain) == len(augmented) == 10 and not np.allclose(plain, augmented)


def test_a_diverged_training_is_an_error(scored: Callable[..., pd.DataFrame], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Schedule, "rate", lambda *_: 1e9)
    with pytest.raises(ValueError, match=r"method='hsc'.* training diverged, .* use a smaller learning_rate"):
        scored([TRIAL])
    with pytest.raises(ValueError, match="training diverged"):
        scored([Trial("cat", 0, "bce"), TRIAL])

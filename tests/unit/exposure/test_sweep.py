"""From stored images and chosen outliers to scores: the right images, and a row for each score."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.data.outliers import choose
from oneclass.data.tasks import split
from oneclass.errors import UserError
from oneclass.exposure import sweep, training
from oneclass.exposure.inputs import Pixels, Vectors
from oneclass.exposure.members import WHOLE, Member, grid
from oneclass.exposure.sweep import Images, Outliers, Settings
from oneclass.exposure.training import Schedule, Seeds, Task
from oneclass.features import store
from oneclass.filters import Filter

HEAD = Settings("head", 0.1, [], "code")
LENET = Settings("lenet", 0.1, ["flip", "noise"], "code")
SCHEDULE, SEEDS = Schedule(2, (1,), 4, 1e-2), Seeds(1024, "toy")
MEMBER = Member("cat", 0, "hsc", "pseudo_huber")
SWEEP = {
    "seeds": 2,
    "methods": ["hsc", "bce", "dsvdd"],
    "radials": ["pseudo_huber"],
    "gammas": [2.0],
    "outliers": [0, 3, "all"],
    "outlier_classes": [],
    "augmented": [False],
}


@dataclass(frozen=True)
class Toy:
    """A data set of two classes and a pool of three, of which some images may be outliers."""

    data: pd.DataFrame
    pool: pd.DataFrame
    kept: pd.DataFrame
    choice: pd.DataFrame

    @property
    def chosen(self) -> Outliers:
        return Outliers(self.pool, self.kept, self.choice)

    def names(self, member: Member) -> set[str]:
        """The outliers of a member, whose positions must rise."""
        positions = self.chosen.of(member)
        assert (np.diff(positions) > 0).all()
        return set(self.pool["id"].iloc[positions])

    def first(self, kind: str, class_name: str, repetition: int, count: int) -> list[str]:
        """The first ``count`` of a class's and repetition's choice of images or classes."""
        query = "kind == @kind and `class` == @class_name and repetition == @repetition and rank < @count"
        return self.choice.query(query)["name"].tolist()


@pytest.fixture(scope="module")
def toy(class_index: Callable[..., pd.DataFrame]) -> Toy:
    data, pool = class_index("toy", ["cat", "dog"], 30), class_index("wild", ["a", "b", "c"], 12)
    kept = pool.drop(index=[1, 5])  # two are duplicates of test images
    return Toy(data, pool, kept, choose(kept, "toy", ["cat", "dog"], 2, 10, 1))


def random_features(index: pd.DataFrame, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(len(index), 5)).astype(np.float32)


@pytest.fixture
def feature_store(tmp_path: Path) -> Callable[..., str]:
    """A store of random features of an index under one filter."""

    def make(index: pd.DataFrame, filter: str = "none", seed: int = 0) -> str:
        path = tmp_path / str(index.attrs["dataset"]) / f"{filter}.h5"
        path.parent.mkdir(exist_ok=True)
        with h5py.File(path, "w") as file:
            writer = store.Writer(file, index["id"].tolist(), {"index_hash": index.attrs["hash"]})
            writer.add(random_features(index, seed), {})
        return str(path)

    return make


@pytest.fixture
def pixel_store(tmp_path: Path, pictures: Callable[..., Tensor]) -> Callable[[pd.DataFrame], str]:
    """A store of random images of an index."""

    def make(index: pd.DataFrame) -> str:
        path = tmp_path / str(index.attrs["dataset"]) / "32.h5"
        path.parent.mkdir(exist_ok=True)
        with h5py.File(path, "w") as file:
            file.attrs["index_hash"] = index.attrs["hash"]
            file["pixels"] = pictures(len(index)).numpy()
        return str(path)

    return make


def test_the_whole_pool_is_what_was_kept(toy: Toy) -> None:
    assert toy.names(MEMBER) == set(toy.kept["id"])


@pytest.mark.parametrize(("class_name", "repetition"), [("cat", 0), ("cat", 1), ("dog", 0)])
def test_smaller_numbers_of_outliers_are_part_of_larger_ones(class_name: str, repetition: int, toy: Toy) -> None:
    member = replace(MEMBER, class_name=class_name, seed=repetition)
    smaller: set[str] = set()
    for count in (0, 1, 2, 5, 10):
        found = toy.names(replace(member, outliers=float(count)))
        assert found == set(toy.first("image", class_name, repetition, count)) and len(found) == count
        assert smaller <= found
        smaller = found


def test_every_class_and_repetition_has_its_own(toy: Toy) -> None:
    found = [toy.names(Member(name, seed, "bce", outliers=4)) for name in ("cat", "dog") for seed in (0, 1)]
    assert len(set(map(frozenset, found))) > 1
    assert toy.names(Member("cat", 0, "hsc", "norm1", outliers=4)) == found[0], "whatever the method"


def test_outlier_classes_are_whole_and_nested(toy: Toy) -> None:
    smaller: set[str] = set()
    for count in (1, 2, 3):
        found = toy.names(replace(MEMBER, outlier_classes=float(count)))
        assert found == set(toy.kept["id"][toy.kept["class_name"].isin(toy.first("class", "cat", 0, count))])
        assert smaller < found
        smaller = found


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (replace(MEMBER, outliers=11.0), "11 outlier images are asked for and the pool has 10; ask for fewer"),
        (replace(MEMBER, outlier_classes=4.0), "4 outlier classes are asked for and the pool has 3; ask for fewer"),
    ],
)
def test_too_few(member: Member, message: str, toy: Toy) -> None:
    with pytest.raises(UserError, match=message):
        toy.chosen.of(member)


def test_features_are_those_of_the_filter(feature_store: Callable[..., str], toy: Toy) -> None:
    images = Images(toy.data, [feature_store(toy.data), feature_store(toy.data, "lpf3", 1)], HEAD, "cpu")
    for name, seed in (("none", 0), ("lpf3", 1)):
        seen = images.of(replace(MEMBER, filter=name))
        assert isinstance(seen, Vectors)
        np.testing.assert_array_equal(seen.features, random_features(toy.data, seed))


def test_pixels_are_filtered_and_augmented_when_used(
    pixel_store: Callable[[pd.DataFrame], str], pictures: Callable[..., Tensor], toy: Toy
) -> None:
    images = Images(toy.data, [pixel_store(toy.data)], replace(LENET, reading="paper"), "cpu")
    seen = images.of(replace(MEMBER, filter="hpf3", augmented=True))
    assert isinstance(seen, Pixels) and torch.equal(seen.images, pictures(len(toy.data)))
    assert (seen.filter, seen.augmentation, seen.reading) == (Filter("hpf", 3), {"flip", "noise"}, "paper")
    plain = images.of(MEMBER)
    assert isinstance(plain, Pixels) and not plain.augmentation and plain.filter == Filter()


def test_a_store_of_another_index_is_refused(
    feature_store: Callable[..., str], pixel_store: Callable[[pd.DataFrame], str], toy: Toy
) -> None:
    for path, settings in ((feature_store(toy.pool), HEAD), (pixel_store(toy.pool), LENET)):
        with pytest.raises(UserError, match="for another index of toy"):
            Images(toy.data, [path], settings, "cpu")


@pytest.fixture
def scored(feature_store: Callable[..., str], toy: Toy) -> Callable[..., pd.DataFrame]:
    """The scores of a sweep over random features."""

    def run(members: list[Member], task: str = "one_vs_rest", threads: int = 2) -> pd.DataFrame:
        data, pool = (Images(index, [feature_store(index)], HEAD, "cpu") for index in (toy.data, toy.pool))
        both = (toy.data, data), (pool, toy.chosen)
        return sweep.run(members, task, *both, HEAD, SCHEDULE, SEEDS, device="cpu", threads=threads)

    return run


@pytest.mark.parametrize("task", ["one_vs_rest", "leave_one_out"])
def test_a_row_for_each_member_and_test_image(task: str, scored: Callable[..., pd.DataFrame], toy: Toy) -> None:
    members = grid(SWEEP, ["none"], ["cat", "dog"])
    frame = scored(members, task)
    assert frame.columns.tolist() == [*sweep.described(MEMBER), "id", "label", "score", "task", "network"]
    test = toy.data[toy.data["split"] == "test"]
    assert len(frame) == len(members) * len(test)
    assert np.isfinite(frame["score"]).all() and frame["score"].dtype == np.float32
    assert (frame["task"] == task).all() and (frame["network"] == "head").all()
    for member, (_, part) in zip(members, frame.groupby(np.arange(len(frame)) // len(test)), strict=True):
        assert part["id"].tolist() == test["id"].tolist()
        of_class = test["class_name"] == member.class_name
        expected = of_class if task == "leave_one_out" else ~of_class
        assert part["label"].tolist() == expected.astype(int).tolist()
        [columns] = part[list(sweep.described(member))].drop_duplicates().to_dict("records")
        assert repr(columns) == repr(sweep.described(member))  # NaN is not equal to itself


def test_scores_are_those_of_the_task(scored: Callable[..., pd.DataFrame], toy: Toy) -> None:
    member = Member("dog", 1, "bce", outliers=3)
    rows = split(toy.data, "one_vs_rest", "dog")
    task = Task(
        Vectors(torch.from_numpy(random_features(toy.data, 0))),
        torch.from_numpy(rows.train),
        torch.from_numpy(rows.test),
        Vectors(torch.from_numpy(random_features(toy.pool, 0))),
        torch.tensor(toy.pool.index[toy.pool["id"].isin(toy.first("image", "dog", 1, 3))].tolist()),
        HEAD.architecture,
        5,
    )
    expected = training.run(member, task, SCHEDULE, SEEDS)
    frame = scored([MEMBER, member])
    np.testing.assert_array_equal(frame["score"].iloc[len(expected) :], expected)


def test_two_runs_give_the_same_frame(scored: Callable[..., pd.DataFrame]) -> None:
    members = grid(SWEEP, ["none"], ["cat", "dog"])
    pd.testing.assert_frame_equal(scored(members), scored(members, threads=1), check_exact=True)


def test_pixels_are_trained_on(pixel_store: Callable[[pd.DataFrame], str], toy: Toy) -> None:
    data, pool = (Images(index, [pixel_store(index)], LENET, "cpu") for index in (toy.data, toy.pool))
    members = [replace(MEMBER, outliers=1.0, filter="lpf4"), replace(MEMBER, augmented=True)]
    both = (toy.data, data), (pool, toy.chosen)
    frame = sweep.run(members, "one_vs_rest", *both, LENET, SCHEDULE, SEEDS, device="cpu", threads=1)
    plain, augmented = (part["score"].to_numpy() for _, part in frame.groupby("augmented"))
    assert len(plain) == len(augmented) == 10 and not np.allclose(plain, augmented)


def test_what_tells_members_apart() -> None:
    member = Member("cat", 3, "focal", gamma=0.5, outliers=WHOLE, outlier_classes=4, filter="lpf14", augmented=True)
    assert sweep.described(member) == {
        "class": "cat",
        "method": "focal",
        "radial": "",
        "gamma": 0.5,
        "outliers": math.inf,
        "outlier_classes": 4,
        "filter": "lpf",
        "magnitude": 14,
        "augmented": "yes",
        "seed": 3,
    }

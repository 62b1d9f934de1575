"""From stored images and chosen outliers to what each trial is shown."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.catalogue.networks import NETWORKS
from oneclass.data.index import Index
from oneclass.data.outliers import choose
from oneclass.errors import UserError
from oneclass.filters import Filter
from oneclass.training.inputs import FeatureVectors, Pixels
from oneclass.training.stores import Images, Outliers, Pictures
from oneclass.training.trials import Trial

HEAD, LENET = Pictures(NETWORKS["head"], ((), ())), Pictures(NETWORKS["lenet"], ((), ("flip", "noise")))
TRIAL = Trial("cat", 0, "hsc", {"radial": "pseudo_huber"})


@dataclass(frozen=True)
class Toy:
    """A data set of two classes and a pool of three, of which some images may be outliers."""

    data: Index
    pool: Index
    kept: pd.DataFrame
    choice: pd.DataFrame

    @property
    def chosen(self) -> Outliers:
        return Outliers(self.pool, self.kept, self.choice)

    def names(self, trial: Trial) -> set[str]:
        """The outliers of a trial, whose positions must rise."""
        positions = self.chosen.positions(trial)
        assert (np.diff(positions) > 0).all()
        return set(self.pool.ids()[positions].tolist())

    def first(self, kind: str, class_name: str, repetition: int, count: int) -> list[str]:
        """The first ``count`` of a class's and repetition's choice of images or classes."""
        query = "kind == @kind and `class` == @class_name and repetition == @repetition and rank < @count"
        return self.choice.query(query)["name"].tolist()


@pytest.fixture(scope="module")
def toy(class_index: Callable[..., Index]) -> Toy:
    data, pool = class_index("toy", ["cat", "dog"], 30), class_index("wild", ["a", "b", "c"], 12)
    kept = pool.table.drop(index=[1, 5])  # two are duplicates of test images
    return Toy(data, pool, kept, choose(kept, "wild", "toy", ["cat", "dog"], 2, 10, 1))


def random_features(index: Index, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(len(index), 5)).astype(np.float32)


def test_the_whole_pool_is_what_was_kept(toy: Toy) -> None:
    assert toy.names(TRIAL) == set(toy.kept["id"])


@pytest.mark.parametrize(("class_name", "repetition"), [("cat", 0), ("cat", 1), ("dog", 0)])
def test_smaller_numbers_of_outliers_are_part_of_larger_ones(class_name: str, repetition: int, toy: Toy) -> None:
    trial = replace(TRIAL, class_name=class_name, repetition=repetition)
    smaller: set[str] = set()
    for count in (0, 1, 2, 5, 10):
        found = toy.names(replace(trial, outlier_count=float(count)))
        assert found == set(toy.first("image", class_name, repetition, count)) and len(found) == count
        assert smaller <= found
        smaller = found


def test_every_class_and_repetition_has_its_own(toy: Toy) -> None:
    places = [(name, repetition) for name in ("cat", "dog") for repetition in (0, 1)]
    found = [toy.names(Trial(*place, "bce", outlier_count=4)) for place in places]
    assert len(set(map(frozenset, found))) > 1
    assert toy.names(Trial("cat", 0, "hsc", {"radial": "norm1"}, outlier_count=4)) == found[0], "whatever the method"


def test_outlier_classes_are_whole_and_nested(toy: Toy) -> None:
    smaller: set[str] = set()
    for count in (1, 2, 3):
        found = toy.names(replace(TRIAL, outlier_class_count=count))
        assert found == set(toy.kept["id"][toy.kept["class_name"].isin(toy.first("class", "cat", 0, count))])
        assert smaller < found
        smaller = found


@pytest.mark.parametrize(
    ("trial", "message"),
    [
        (replace(TRIAL, outlier_count=11.0), "11 outlier images are asked for and the pool has 10; ask for fewer"),
        (replace(TRIAL, outlier_class_count=4), "4 outlier classes are asked for and the pool has 3; ask for fewer"),
    ],
)
def test_too_few(trial: Trial, message: str, toy: Toy) -> None:
    with pytest.raises(UserError, match=message):
        toy.chosen.positions(trial)


def test_features_are_those_of_the_filter(feature_store: Callable[..., str], toy: Toy) -> None:
    images = Images(toy.data, [feature_store(toy.data), feature_store(toy.data, "lpf3", 1)], HEAD, "cpu")
    for name, seed in (("none", 0), ("lpf3", 1)):
        seen = images.seen_by(replace(TRIAL, filter=name))
        assert isinstance(seen, FeatureVectors)
        np.testing.assert_array_equal(seen.features, random_features(toy.data, seed))


def test_pixels_are_filtered_and_augmented_when_used(
    pixel_store: Callable[[Index], str], pictures: Callable[..., Tensor], toy: Toy
) -> None:
    images = Images(
        toy.data, [pixel_store(toy.data)], replace(LENET, high_pass_width="m", normalization="image"), "cpu"
    )
    seen = images.seen_by(replace(TRIAL, filter="hpf3", augmented=True))
    assert isinstance(seen, Pixels) and torch.equal(seen.images, pictures(len(toy.data)))
    assert (seen.filter, seen.augmentation) == (Filter("hpf", 3, "m"), {"flip", "noise"})
    assert (seen.network, seen.normalization) == (NETWORKS["lenet"], "image")
    plain = images.seen_by(TRIAL)
    assert isinstance(plain, Pixels) and not plain.augmentation and plain.filter == Filter(width="m")


def test_unless_the_run_says_so_high_pass_is_as_wide_as_the_authors_make_it(
    pixel_store: Callable[[Index], str], toy: Toy
) -> None:
    images = Images(toy.data, [pixel_store(toy.data)], LENET, "cpu")
    assert images.pixels_for(replace(TRIAL, filter="hpf3")).filter == Filter("hpf", 3, "2m")


def test_a_store_of_another_index_is_refused(
    feature_store: Callable[..., str], pixel_store: Callable[[Index], str], toy: Toy
) -> None:
    for path, shown in ((feature_store(toy.pool), HEAD), (pixel_store(toy.pool), LENET)):
        with pytest.raises(UserError, match="for another index of toy"):
            Images(toy.data, [path], shown, "cpu")

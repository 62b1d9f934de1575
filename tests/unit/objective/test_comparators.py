"""Every comparator of the catalogue, and what is recorded of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.records import Comparator, load
from oneclass.objective import comparators
from oneclass.objective.job import Job, Training
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.maps import Maps
from oneclass.objective.localisation.smoothing import image_scores
from oneclass.objective.methods import patchcore
from oneclass.objective.result import Result, keeper
from oneclass.objective.vectors import VectorClass
from oneclass.seeds import derive
from oneclass.training.trials import Seeds

OF_VECTORS, OF_MAPS = (
    {name: method.module for name, method in of_kind(Comparator, features).items() if not method.trained}
    for features in ("vectors", "maps")
)
RANDOM = np.random.default_rng(0)
Batches = Callable[..., list[Maps]]


def options(name: str) -> dict[str, float | str]:
    return {option: given.default for option, given in of_kind(Comparator)[name].options.items()}


def job(protocol: str, modules: dict[str, str], *names: str) -> Job:
    unused = Training(learning_rate=0, weight_decay=0, radius=0, loss_scale=0, epochs=0, batch_size=1)
    some, given = {name: modules[name] for name in names}, {name: options(name) for name in names}
    return Job(Seeds(5, "toy"), unused, {}, 1, 0, Result(protocol, keeper(1)), some, given, sigma=2.0)


@pytest.mark.parametrize("name", OF_VECTORS)
def test_far_images_are_more_anomalous_than_normal_ones(name: str) -> None:
    train, normal = RANDOM.normal(size=(25, 5)).astype(np.float32), RANDOM.normal(size=(10, 5)).astype(np.float32)
    scores = load(OF_VECTORS[name]).score_vectors(train, np.concatenate([normal, np.full((10, 5), 4, np.float32)]))
    assert scores[:10].max() < scores[10:].min()


@pytest.mark.parametrize("name", OF_MAPS)
def test_batches_do_not_matter_and_are_read_once(name: str, batches: Batches, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patchcore, "CANDIDATES", 50)

    def stream(count: int, seed: int, size: int) -> Iterator[Maps]:
        yield from batches(count, seed, size)

    score_maps = partial(load(OF_MAPS[name]).score_maps, **options(name))
    whole, single = (score_maps(stream(7, 0, size), stream(5, 1, size), 3) for size in (7, 1))
    assert whole.shape == (5, 6, 5) and whole.dtype == np.float32
    np.testing.assert_allclose(whole, single, rtol=1e-4)


@pytest.mark.parametrize("name, changed", [("padim", {"channels": 5}), ("patchcore", {})])
def test_the_same_seed_gives_the_same_maps(name: str, changed: dict[str, float], batches: Batches) -> None:
    train, test = batches(7, 0), batches(3, 1)
    score_maps = partial(load(OF_MAPS[name]).score_maps, **options(name) | changed)
    first, again, other = (score_maps(train, test, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_on_vectors_every_class_is_scored_by_every_comparator(toy: Callable[..., VectorClass]) -> None:
    classes, asked = [toy("cat"), toy("horse")], job("A", OF_VECTORS, "knn", "ocsvm")
    comparators.on_vectors(classes, asked)
    described = [tuple(frame[["class", "method"]].iloc[0]) for frame in asked.result.scores]
    assert described == [("cat", "knn"), ("cat", "ocsvm"), ("horse", "knn"), ("horse", "ocsvm")]
    for frame, (name, method) in zip(asked.result.scores, described, strict=True):
        data = classes[name == "horse"]
        expected = load(OF_VECTORS[method]).score_vectors(data.train.numpy(), data.test.numpy())
        assert np.array_equal(frame["score"], expected)
        assert frame["id"].tolist() == data.ids.tolist() and frame["label"].tolist() == data.labels.tolist()
        assert frame[["center_norm", "center", "projector"]].isna().all(axis=None)


def test_on_maps_every_category_is_scored_by_every_comparator(tile: Category) -> None:
    categories, asked = [tile, replace(tile, class_name="other")], job("B", OF_MAPS, "patchcore", "mahalanobis")
    comparators.on_maps(categories, asked)
    frames = iter(asked.result.scores)
    for category in categories:
        kept = asked.result.maps[category.class_name]
        assert [described["method"] for described, _ in kept] == ["patchcore", "mahalanobis"]
        for described, distance in kept:
            method, frame = described["method"], next(frames)
            train, test = (tile.source.batches(rows) for rows in (tile.train, tile.test))
            seed = derive(5, method, category.class_name)
            expected = load(OF_MAPS[method]).score_maps(train, test, seed, **options(method))
            np.testing.assert_allclose(distance, expected, rtol=1e-4)
            assert frame["score"].tolist() == image_scores(distance, 32, 2.0).tolist()
            assert frame["id"].tolist() == tile.ids.tolist() and frame["label"].tolist() == tile.labels.tolist()
            assert set(frame["class"]) == {category.class_name} and set(frame["method"]) == {method}
            assert frame[["projector", "center", "center_norm", "z_norm", "z_cosine"]].isna().all(axis=None)
    assert next(frames, None) is None


def test_an_image_s_score_is_weighed_and_its_map_is_not(tile: Category) -> None:
    plain, weighed = (job("B", OF_MAPS, "patchcore") for _ in range(2))
    weighed = replace(weighed, options={"patchcore": {"image_score": "weighted"}})
    for asked in (plain, weighed):
        comparators.on_maps([tile], asked)
    train, test = (list(tile.source.batches(rows)) for rows in (tile.train, tile.test))
    seed = derive(5, "patchcore", tile.class_name)
    _, weights = patchcore.score_maps(train, test, seed, "weighted")
    [[(_, before)], [(_, after)]] = (asked.result.maps[tile.class_name] for asked in (plain, weighed))
    np.testing.assert_array_equal(before, after)
    expected = plain.result.scores[0]["score"] * weights
    np.testing.assert_allclose(weighed.result.scores[0]["score"], expected, rtol=1e-6)

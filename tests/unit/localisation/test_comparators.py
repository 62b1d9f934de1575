"""Comparators of maps against their formulas, a position at a time."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.spatial.distance import mahalanobis as scipy_mahalanobis
from torch.nn import functional

from oneclass.localisation import comparators
from oneclass.localisation.category import Category
from oneclass.localisation.comparators import COMPARATORS, greedy_k_centre, mahalanobis, padim, patchcore
from oneclass.localisation.maps import Maps
from oneclass.localisation.results import Result
from oneclass.seeds import derive

LAYERS = ((3, (6, 5)), (4, (3, 3)), (2, (2, 1)))  # channels and size of each layer


def batches(count: int, seed: int, size: int = 4, layers: Any = LAYERS, shift: float = 0) -> list[Maps]:
    """Random maps of ``count`` images, the same for every batch ``size``."""
    random = torch.Generator().manual_seed(seed)
    whole = [torch.randn(count, channels, *shape, generator=random) + shift for channels, shape in layers]
    return [Maps(parts) for parts in zip(*(m.split(size) for m in whole), strict=True)]


def features(maps: list[Maps]) -> np.ndarray:
    """The literal features [N, H, W, D]."""
    size = maps[0][0].shape[-2:]
    parts = [[functional.interpolate(m.double(), size, mode="bilinear") for m in some] for some in maps]
    return torch.cat([torch.cat(some, 1) for some in parts]).permute(0, 2, 3, 1).numpy()


def patches(maps: list[Maps]) -> np.ndarray:
    found = features(maps)
    return found.reshape(-1, found.shape[-1])


def literal_padim(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    result = np.empty(test.shape[:3])
    for image, row, column in np.ndindex(result.shape):
        values = train[:, row, column]
        inverse = np.linalg.inv(np.cov(values, rowvar=False) + 0.01 * np.eye(values.shape[1]))
        result[image, row, column] = scipy_mahalanobis(test[image, row, column], values.mean(0), inverse)
    return result


@pytest.mark.parametrize("count", [11, 3])  # 3 images span less than the 9 dimensions
@pytest.mark.parametrize("shift", [0, 50])  # a mean far from zero costs digits unless one takes care
def test_padim_is_a_mahalanobis_distance_at_each_position(count: int, shift: float) -> None:
    train, test = batches(count, 0, shift=shift), batches(5, 1, shift=shift)
    found = padim(train, test, 0)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, literal_padim(features(train), features(test)), rtol=1e-4)


def test_padim_of_one_image_is_a_scaled_distance() -> None:
    train, test = batches(1, 0), batches(2, 1)
    np.testing.assert_allclose(
        padim(train, test, 0), 10 * np.linalg.norm(features(test) - features(train), axis=-1), rtol=1e-5
    )


def test_padim_looks_at_a_hundred_channels_and_the_seed_says_which() -> None:
    layers = ((60, (2, 1)), (60, (1, 1)))
    train, [test] = batches(4, 0, layers=layers), batches(1, 1, layers=layers)
    before = {seed: padim(train, [test], seed) for seed in (0, 1)}
    used: dict[int, set[int]] = {0: set(), 1: set()}
    for channel in range(120):
        touched = Maps(m.clone() for m in test)
        touched[channel // 60][:, channel % 60] += 1
        for seed, distances in before.items():
            if (padim(train, [touched], seed) != distances).any():
                used[seed].add(channel)
    assert len(used[0]) == len(used[1]) == 100 and used[0] != used[1]


def test_mahalanobis_is_one_gaussian_of_all_positions() -> None:
    train, test = batches(6, 0, shift=3), batches(5, 1)
    values = patches(train)
    inverse = np.linalg.inv(np.cov(values, rowvar=False, bias=True) + 0.01 * np.eye(values.shape[1]))
    expected = [scipy_mahalanobis(patch, values.mean(0), inverse) for patch in patches(test)]
    np.testing.assert_allclose(mahalanobis(train, test, 0).ravel(), expected, rtol=1e-4)


def test_greedy_k_centre_takes_the_farthest_each_time() -> None:
    points = torch.randn(80, 5, generator=torch.Generator().manual_seed(0))
    chosen = greedy_k_centre(points, 30).tolist()
    between = cdist(points.double(), points.double())
    assert chosen[0] == 0
    for k in range(1, 30):
        assert chosen[k] == between[chosen[:k]].min(0).argmax()


def test_patchcore_with_all_patches_is_the_nearest_neighbour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparators, "CORESET", 1)
    train, test = batches(6, 0, shift=5), batches(20, 1, size=20, shift=5)  # more patches than are compared at once
    expected = cdist(patches(test), patches(train)).min(1)
    found = patchcore(train, test, 0)
    assert found.shape == (20, 6, 5) and found.dtype == np.float32
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-4)


def test_the_coreset_is_a_tenth_of_the_patches_and_covers_the_others() -> None:
    train = batches(6, 0)
    values, distances = patches(train), patchcore(train, train, 0).ravel()
    kept = distances < 1e-2  # the patches of the coreset itself, up to rounding
    assert kept.sum() == 18  # of 6 x 30
    np.testing.assert_allclose(distances[~kept], cdist(values[~kept], values[kept]).min(1), rtol=1e-4)
    separation = cdist(values[kept], values[kept])[~np.eye(18, dtype=bool)].min()
    assert distances.max() <= separation * (1 + 1e-5)  # else the farthest patch would have been chosen before


def drawn(train: list[Maps], seed: int) -> tuple[bool, ...]:
    """Which training patches become candidates, where all candidates are kept."""
    return tuple(patchcore(train, train, seed).ravel() < 1e-2)


def test_candidates_are_drawn_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparators, "CORESET", 1)
    monkeypatch.setattr(comparators, "CANDIDATES", 10)
    train = batches(5, 0, size=2, layers=((8, (3, 2)),))
    times = np.array([drawn(train, seed) for seed in range(200)])
    assert (times.sum(1) == 10).all()
    # Each of 30 patches is drawn 200 / 3 times, with a standard deviation of 6.7; five of them are beyond chance.
    assert abs(times.sum(0) - 200 / 3).max() < 5 * 6.7


@pytest.mark.parametrize("name", COMPARATORS)
def test_batches_do_not_matter_and_are_read_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparators, "CANDIDATES", 50)

    def stream(count: int, seed: int, size: int) -> Iterator[Maps]:
        yield from batches(count, seed, size)

    whole, single = (COMPARATORS[name](stream(7, 0, size), stream(5, 1, size), 3) for size in (7, 1))
    assert whole.shape == (5, 6, 5) and whole.dtype == np.float32
    np.testing.assert_allclose(whole, single, rtol=1e-4)


@pytest.mark.parametrize("name", ["padim", "patchcore"])
def test_the_same_seed_gives_the_same_maps(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparators, "DIMENSIONS", 5)
    train, test = batches(7, 0), batches(3, 1)
    first, again, other = (COMPARATORS[name](train, test, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


class Remembered:
    """A source of maps that are in memory."""

    def __init__(self, maps: Maps) -> None:
        self.maps = maps

    def batches(self, rows: np.ndarray, size: int = 4) -> Iterator[Maps]:
        for start in range(0, len(rows), size):
            yield Maps(m[torch.from_numpy(rows[start : start + size])] for m in self.maps)


def test_run_scores_the_test_images_of_every_category() -> None:
    [maps] = batches(12, 0, size=12, layers=((3, (6, 6)), (4, (3, 3))))
    train, test = np.arange(7), np.arange(7, 12)
    ids = np.array([f"image{row}" for row in test])
    labels = np.array([0, 0, 1, 1, 1], np.int8)
    categories = [Category(name, Remembered(maps), train, test, ids, labels) for name in ("one", "two")]
    result = Result(12, 2, {"one": True, "two": False}, lambda variant: False)
    comparators.run(categories, ["patchcore", "mahalanobis"], 5, result)
    for name in ("one", "two"):
        variants = [described["method"] for described, _ in result.maps[name]]
        assert variants == ["patchcore", "mahalanobis"]
        [train_maps, test_maps] = ([Maps(m[rows] for m in maps)] for rows in (train, test))
        expected = patchcore(train_maps, test_maps, derive(5, "patchcore", name))
        np.testing.assert_allclose(result.maps[name][0][1], expected, rtol=1e-4)
    assert len(result.scores) == 4
    first = result.scores[0]
    assert first["id"].tolist() == ids.tolist() and first["label"].tolist() == labels.tolist()
    assert set(first["projector"]) == set(first["center"]) == {""} and first["norm"].isna().all()

"""PatchCore: the nearest of a coreset, against distances between all patches."""

from collections.abc import Callable
from functools import partial
from math import exp

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from oneclass.objective.localisation.maps import Maps, align
from oneclass.objective.methods import patchcore
from oneclass.objective.methods.patchcore import greedy_k_centre, weight

Batches = Callable[..., list[Maps]]
Features = Callable[[list[Maps]], np.ndarray]
score_maps = partial(patchcore.score_maps, image_score="maximum")


def test_greedy_k_centre_takes_the_farthest_each_time() -> None:
    points = torch.randn(80, 5, generator=torch.Generator().manual_seed(0))
    chosen = greedy_k_centre(points, 30).tolist()
    between = cdist(points.double(), points.double())
    assert chosen[0] == 0
    for k in range(1, 30):
        assert chosen[k] == between[chosen[:k]].min(0).argmax()


def test_with_all_patches_it_is_the_nearest_neighbour(
    batches: Batches, literal_features: Features, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patchcore, "CORESET", 1)
    train, test = batches(6, 0, shift=5), batches(20, 1, size=20, shift=5)  # more patches than are compared at once
    expected = cdist(*(literal_features(maps).reshape(-1, 9) for maps in (test, train))).min(1)
    found = score_maps(train, test, 0)
    assert found.shape == (20, 6, 5) and found.dtype == np.float32
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-4)


def test_the_coreset_is_a_tenth_of_the_patches_and_covers_the_others(
    batches: Batches, literal_features: Features
) -> None:
    train = batches(6, 0)
    values, distances = literal_features(train).reshape(-1, 9), score_maps(train, train, 0).ravel()
    kept = distances < 1e-2  # the patches of the coreset itself, up to rounding
    assert kept.sum() == 18  # of 6 x 30
    np.testing.assert_allclose(distances[~kept], cdist(values[~kept], values[kept]).min(1), rtol=1e-4)
    separation = cdist(values[kept], values[kept])[~np.eye(18, dtype=bool)].min()
    assert distances.max() <= separation * (1 + 1e-5)  # else the farthest patch would have been chosen before


def drawn(train: list[Maps], seed: int) -> tuple[bool, ...]:
    """Which training patches become candidates, where all candidates are kept."""
    return tuple(score_maps(train, train, seed).ravel() < 1e-2)


def test_candidates_are_drawn_evenly(batches: Batches, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patchcore, "CORESET", 1)
    monkeypatch.setattr(patchcore, "CANDIDATES", 10)
    train = batches(5, 0, size=2, layers=((8, (3, 2)),))
    times = np.array([drawn(train, seed) for seed in range(200)])
    assert (times.sum(1) == 10).all()
    # Each of 30 patches is drawn 200 / 3 times, with a standard deviation of 6.7; five of them are beyond chance.
    assert abs(times.sum(0) - 200 / 3).max() < 5 * 6.7


def test_the_weight_is_that_of_equation_7() -> None:
    coreset = torch.tensor([0, 1, 3, -2, 5, 6, 7, 8, 9, -50.0])[:, None]  # -50 is not among the nine nearest to 1
    beside = (2.1, 1.1, 0.9, 4.1, 2.9, 3.9, 4.9, 5.9, 6.9)
    expected = 1 - exp(0.9) / sum(map(exp, beside))
    assert weight(torch.tensor([2.1]), coreset).item() == pytest.approx(expected)  # nearest: 3


def test_a_coreset_smaller_than_its_neighbourhood_is_all_of_it() -> None:
    coreset = torch.tensor([[0.0], [2.0]])
    assert weight(torch.tensor([-1.0]), coreset).item() == pytest.approx(1 - exp(1) / (exp(1) + exp(3)))
    assert weight(torch.tensor([700.0]), coreset).isfinite()


def test_images_are_weighed_where_that_is_asked(batches: Batches, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patchcore, "CORESET", 1)
    train, test = batches(6, 0), batches(5, 1, size=2)
    distances, weights = patchcore.score_maps(train, test, 0, "weighted")
    np.testing.assert_array_equal(distances, score_maps(train, test, 0))
    patches = torch.cat([align(maps).flatten(2) for maps in train]).transpose(1, 2).flatten(0, 1)
    tested = torch.cat([align(maps).flatten(2) for maps in test])
    farthest = distances.reshape(5, -1).argmax(1)
    expected = [weight(image[:, place], patches) for image, place in zip(tested, farthest, strict=True)]
    assert weights.shape == (5,) and weights.dtype == np.float32
    np.testing.assert_allclose(weights, expected, rtol=1e-4)

"""PaDiM against its formula, a position at a time."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import mahalanobis

from oneclass.objective.localisation.maps import Maps
from oneclass.objective.methods.padim import score_maps

Batches = Callable[..., list[Maps]]
Features = Callable[[list[Maps]], np.ndarray]


def literal(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    result = np.empty(test.shape[:3])
    for image, row, column in np.ndindex(result.shape):
        values = train[:, row, column]
        inverse = np.linalg.inv(np.cov(values, rowvar=False) + 0.01 * np.eye(values.shape[1]))
        result[image, row, column] = mahalanobis(test[image, row, column], values.mean(0), inverse)
    return result


@pytest.mark.parametrize("count", [11, 3])  # 3 images span less than the 9 dimensions
@pytest.mark.parametrize("shift", [0, 50])  # a mean far from zero costs digits unless one takes care
def test_it_is_a_mahalanobis_distance_at_each_position(
    count: int, shift: float, batches: Batches, literal_features: Features
) -> None:
    train, test = batches(count, 0, shift=shift), batches(5, 1, shift=shift)
    found = score_maps(train, test, 0, channels=100)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, literal(literal_features(train), literal_features(test)), rtol=1e-4)


def test_of_one_image_it_is_a_scaled_distance(batches: Batches, literal_features: Features) -> None:
    train, test = batches(1, 0), batches(2, 1)
    expected = 10 * np.linalg.norm(literal_features(test) - literal_features(train), axis=-1)
    np.testing.assert_allclose(score_maps(train, test, 0, channels=9), expected, rtol=1e-5)


@pytest.mark.parametrize("channels", [100, 40])
def test_it_looks_at_so_many_channels_and_the_seed_says_which(channels: int, batches: Batches) -> None:
    layers = ((60, (2, 1)), (60, (1, 1)))
    train, [test] = batches(4, 0, layers=layers), batches(1, 1, layers=layers)
    before = {seed: score_maps(train, [test], seed, channels) for seed in (0, 1)}
    used: dict[int, set[int]] = {0: set(), 1: set()}
    for channel in range(120):
        touched = Maps(m.clone() for m in test)
        touched[channel // 60][:, channel % 60] += 1
        for seed, distances in before.items():
            if (score_maps(train, [touched], seed, channels) != distances).any():
                used[seed].add(channel)
    assert len(used[0]) == len(used[1]) == channels and used[0] != used[1]


def test_of_all_channels_the_seed_chooses_none(batches: Batches) -> None:
    train, test = batches(4, 0), batches(2, 1)
    all_of_them = [score_maps(train, test, seed, channels) for seed, channels in ((0, 9), (1, 9), (1, 1000))]
    np.testing.assert_array_equal(all_of_them[0], all_of_them[1])
    np.testing.assert_array_equal(all_of_them[0], all_of_them[2])

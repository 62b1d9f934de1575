"""Mahalanobis distances against their formula, of vectors and of positions."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import mahalanobis
from sklearn.covariance import LedoitWolf

from oneclass.objective.localisation.maps import Maps
from oneclass.objective.methods.mahalanobis import score_maps, score_vectors


@pytest.mark.parametrize("count", [25, 3])  # 3 images span less than the 5 dimensions
def test_of_vectors_the_covariance_is_shrunk(count: int) -> None:
    random = np.random.default_rng(0)
    train, test = random.normal(size=(count, 5)).astype(np.float32), random.normal(2, 2, (9, 5)).astype(np.float32)
    inverse = np.linalg.inv(LedoitWolf().fit(train.astype(np.float64)).covariance_)
    offsets = test - train.astype(np.float64).mean(0)
    expected = [np.sqrt(offset @ inverse @ offset) for offset in offsets]
    np.testing.assert_allclose(score_vectors(train, test), expected, rtol=1e-6)


def test_of_maps_it_is_one_gaussian_of_all_positions(
    batches: Callable[..., list[Maps]], literal_features: Callable[[list[Maps]], np.ndarray]
) -> None:
    train, test = batches(6, 0, shift=3), batches(5, 1)
    values, patches = (literal_features(maps).reshape(-1, 9) for maps in (train, test))
    inverse = np.linalg.inv(np.cov(values, rowvar=False, bias=True) + 0.01 * np.eye(9))
    expected = [mahalanobis(patch, values.mean(0), inverse) for patch in patches]
    np.testing.assert_allclose(score_maps(train, test, 0).ravel(), expected, rtol=1e-4)

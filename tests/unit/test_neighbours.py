import numpy as np
import pytest

from oneclass.neighbours import score_vectors


@pytest.mark.parametrize(("count", "neighbours"), [(25, 2), (2, 2), (1, 1)])
def test_the_score_is_the_mean_distance_to_the_two_nearest(count: int, neighbours: int) -> None:
    random = np.random.default_rng(0)
    train, test = random.normal(size=(25, 5)).astype(np.float32), random.normal(2, 2, (9, 5)).astype(np.float32)
    distances = np.sort([[np.linalg.norm(x - y) for y in train[:count]] for x in test.astype(np.float64)], axis=1)
    np.testing.assert_allclose(score_vectors(train[:count], test), distances[:, :neighbours].mean(1), rtol=1e-4)

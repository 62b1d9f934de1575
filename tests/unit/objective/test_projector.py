"""The stack of projectors, and what it makes of test images, against their literal forms."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from oneclass.errors import UserError
from oneclass.metrics import cosine_between
from oneclass.objective.projector import Projectors, augment, concatenate, project, require_outside

Stack = Callable[..., Projectors]


@pytest.fixture
def features() -> Tensor:
    return torch.randn(30, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


def literal(projectors: Projectors, k: int, features: Tensor) -> np.ndarray:
    weight, bias = projectors.weight[k].numpy(), projectors.bias[k].numpy()
    return np.stack([weight @ f + bias for f in features.numpy()])


def test_distances(stack: Stack, features: Tensor) -> None:
    projectors = stack(6, [1.0, 4.0, 32.0])
    distances = projectors.distances(features)
    assert distances.shape == (3, 30)
    for k in range(3):
        z = literal(projectors, k, features)
        np.testing.assert_allclose(distances[k], np.linalg.norm(z - projectors.center[k].numpy(), axis=1))


def test_project(stack: Stack, features: Tensor) -> None:
    projectors, anomalous = stack(6, [1.0, 4.0]), torch.arange(30) % 3 == 0
    projected = project(projectors, 1, features, anomalous)
    z, center = literal(projectors, 1, features), projectors.center[1].numpy()
    np.testing.assert_allclose(projected.score, np.linalg.norm(z - center, axis=1))
    np.testing.assert_allclose(projected.norm, np.linalg.norm(z, axis=1))
    np.testing.assert_allclose(projected.cosine, z @ center / np.linalg.norm(z, axis=1) / 4)
    assert projected.between == pytest.approx(cosine_between(z[~anomalous.numpy()], z[anomalous.numpy()]))


def test_an_image_at_the_origin_has_no_direction_but_a_score(stack: Stack) -> None:
    projectors = stack(6, [2.0])
    projectors.bias.zero_()
    projected = project(projectors, 0, torch.eye(2, 6, dtype=torch.float64) * 0, torch.tensor([False, True]))
    assert projected.score.tolist() == pytest.approx([2, 2])
    assert projected.cosine.tolist() == [0, 0] and projected.between == 0


def test_parts_and_stacks(stack: Stack, features: Tensor) -> None:
    projectors = stack(6, [1.0, 2.0, 3.0])
    parts = [projectors.part(0, 1), projectors.part(1, 3)]
    assert [len(part) for part in parts] == [1, 2]
    assert torch.equal(concatenate(parts).distances(features), projectors.distances(features))


def test_augmented_features_end_with_one(features: Tensor) -> None:
    augmented = augment(features)
    assert torch.equal(augmented[:, :6], features) and (augmented[:, 6] == 1).all()
    assert augmented.dtype == features.dtype and augmented.shape == (30, 7)


def test_no_distance_may_be_within_the_radius() -> None:
    require_outside(torch.tensor([[2.0, 1.0], [3.0, 4.0]]), 0.99)
    with pytest.raises(UserError, match=r"a sample is inside the hypersphere of radius 1; use a smaller") as error:
        require_outside(torch.tensor([[2.0, 1.0], [3.0, 4.0]]), 1)
    assert "\n" not in str(error.value)

"""Norm and angle of the normal images, against sums over pairs as the paper writes them."""

from collections.abc import Callable
from itertools import product

import pytest
import torch
from torch import Tensor

from oneclass.objective import convergence
from oneclass.objective.projector import Projectors, augment
from oneclass.objective.vectors import VectorClass

Stack = Callable[..., Projectors]


def literal(projectors: Projectors, k: int, features: Tensor) -> dict[str, float]:
    """Equation 11 with equal α: cos θ of two images, weighted by their norms, over all pairs."""
    z = features @ projectors.weight[k].T + projectors.bias[k]
    count, center = len(z), projectors.center[k]
    square = float(sum(one @ one for one in z)) / count
    pairs = float(sum(a.norm() * b.norm() * torch.cosine_similarity(a, b, dim=0) for a, b in product(z, z)))
    cosine = float(torch.cosine_similarity(z.mean(0), center, dim=0))
    return {"training_norm": square**0.5, "training_cosine": pairs / count**2 / square, "center_cosine": cosine}


def test_it_is_the_paper_s_sum_over_pairs(toy: Callable[..., VectorClass], stack: Stack) -> None:
    features, projectors = toy(count=30, dtype=torch.float64).train, stack(16, [1.0, 8.0])
    augmented = augment(features)
    moment = augmented.T @ augmented / len(augmented)
    for k, of_moments in enumerate(convergence.of_moments(projectors, moment)):
        expected = pytest.approx(literal(projectors, k, features))
        assert of_moments == expected and convergence.of_images(projectors, k, features) == expected


def test_many_images_are_sampled_evenly(toy: Callable[..., VectorClass], stack: Stack) -> None:
    features, projectors = toy(count=3 * convergence.IMAGES - 1, dtype=torch.float64).train, stack(16, [1.0])
    assert convergence.of_images(projectors, 0, features) == pytest.approx(literal(projectors, 0, features[::3]))


def test_what_has_converged(toy: Callable[..., VectorClass], stack: Stack) -> None:
    features, projectors = toy(dtype=torch.float64).train, stack(16, [8.0])
    projectors.weight.zero_()
    projectors.bias.copy_(projectors.center)
    done = {"training_norm": 8, "training_cosine": 1, "center_cosine": 1}
    assert convergence.of_images(projectors, 0, features) == pytest.approx(done)

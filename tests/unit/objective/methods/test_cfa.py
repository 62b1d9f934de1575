"""CFA against its formulas written out, and what training does."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d

from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.maps import Maps, align
from oneclass.objective.localisation.sources import TrainingImages
from oneclass.objective.methods import cfa
from oneclass.training.optimisers import AmsGrad

Batches = Callable[..., list[Maps]]


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_the_descriptor_is_a_convolution_of_features_and_coordinates(batches: Batches) -> None:
    [maps] = batches(3, 0)
    size = sum(m.shape[1] for m in maps)
    descriptor = cfa.Descriptor.untrained(size, 1, torch.device("cpu"))
    rows, columns = torch.meshgrid(torch.linspace(-1, 1, 6), torch.linspace(-1, 1, 5), indexing="ij")
    whole = torch.cat([align(maps), torch.stack([rows, columns]).expand(3, 2, 6, 5)], 1)
    kernel = torch.cat([descriptor.weight, descriptor.places], 1)[:, :, None, None]
    expected = conv2d(whole, kernel, descriptor.bias).flatten(2).transpose(1, 2)
    torch.testing.assert_close(descriptor.patches(maps), expected)


def test_the_loss_is_that_of_a_patch_and_each_of_its_neighbours() -> None:
    patches, memory, radius = random(2, 4, 3) / 4, random(9, 3, seed=1) / 4, torch.tensor(0.6, dtype=torch.float64)
    near, far = [], []
    for patch in patches.flatten(0, 1):
        squares = sorted(float((patch - one).square().sum()) for one in memory)
        near += [max(0, square - 0.36) for square in squares[:3]]
        far += [max(0, 0.36 - square - 0.1) for square in squares[3:6]]
    assert sum(near) > 0 and sum(far) > 0
    expected = 1000 * (np.mean(near) + np.mean(far))
    assert float(cfa.loss(patches, memory, radius)) == pytest.approx(expected)


def test_its_gradient_is_that_of_all_distances() -> None:
    patches, memory = (random(2, 4, 3) / 4).requires_grad_(True), random(9, 3, seed=1) / 4
    radius = torch.tensor(0.6, dtype=torch.float64, requires_grad=True)
    squares = torch.cdist(patches, memory).square().topk(6, largest=False).values
    literal = (squares[..., :3] - radius**2).relu().mean() + (radius**2 - squares[..., 3:] - 0.1).relu().mean()
    expected = torch.autograd.grad(1000 * literal, [patches, radius])
    for one, other in zip(
        torch.autograd.grad(cfa.loss(patches, memory, radius), [patches, radius]), expected, strict=True
    ):
        torch.testing.assert_close(one, other)


def test_the_score_is_the_nearest_distance_by_its_share() -> None:
    patches, memory = random(1, 5, 3), random(7, 3, seed=1)
    for patch, found in zip(patches[0], cfa.score(patches, memory)[0], strict=True):
        nearest = np.sort(np.linalg.norm(patch - memory, axis=1))[:3]
        assert float(found) == pytest.approx(nearest[0] * np.exp(-nearest[0]) / np.exp(-nearest).sum())


def test_the_memory_is_the_mean_at_each_position(batches: Batches) -> None:
    some = batches(5, 0, 2)
    descriptor = cfa.Descriptor.untrained(sum(m.shape[1] for m in some[0]), 1, torch.device("cpu"))
    expected = torch.cat([descriptor.patches(maps) for maps in some]).mean(0)
    torch.testing.assert_close(cfa.remember(descriptor, some), expected)


def test_training_brings_normal_patches_nearer_and_the_seed_decides(tile: Category) -> None:
    train = TrainingImages(tile.source, tile.train)

    def of_normal(epochs: int, seed: int = 1) -> np.ndarray:
        return cfa.score_maps(train, train, seed, epochs)

    before, after = of_normal(0), of_normal(3)
    assert after.shape[0] == len(tile.train) and after.mean() < before.mean()
    assert np.array_equal(after, of_normal(3)) and not np.allclose(after, of_normal(3, seed=2))


def test_the_optimiser_is_pytorch_s() -> None:
    ours, theirs = (torch.ones(3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    steps, optimiser = AmsGrad([ours], 0.1), torch.optim.AdamW([theirs], 0.01, weight_decay=0.1, amsgrad=True)
    for k in range(5):
        gradient = random(3, seed=k)
        theirs.grad = gradient.clone()
        optimiser.step()
        steps.step([gradient], 0.01)
    torch.testing.assert_close(ours, theirs)

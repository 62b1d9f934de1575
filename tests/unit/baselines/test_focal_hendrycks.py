"""Focal*: its batches, its two networks, and one step against plain PyTorch."""

from types import ModuleType

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from oneclass.baselines import focal_hendrycks
from oneclass.baselines.focal_hendrycks import batches, build, cropped_size, score_images
from oneclass.baselines.wide_resnet import WideResNet
from oneclass.seeds import derive

OPTIONS = {"epochs": 12.0, "width": 0.1}


def images(count: int, level: int, seed: int) -> Tensor:
    noise = torch.randint(60, (count, 3, 32, 32), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    return noise + level


def test_each_normal_image_once_in_an_epoch_beside_twice_as_many_outliers() -> None:
    steps = list(batches(130, 7, 2, 1))
    assert [(len(rows), len(exposed)) for rows, exposed in steps] == [(128, 256), (2, 4)] * 2
    for first in (0, 2):
        assert torch.cat([rows for rows, _ in steps[first : first + 2]]).sort().values.tolist() == list(range(130))
    assert sorted(steps[0][1][:7].tolist()) == list(range(7))


def test_small_images_have_the_wide_network_and_large_ones_the_other() -> None:
    small, large = build(32, 1, 0), build(256, 0.125, 0)
    assert isinstance(small, WideResNet)
    assert [tuple(m.weight.shape) for m in small.modules() if isinstance(m, nn.Linear)] == [(1, 256)]
    assert large(torch.zeros(2, 3, 224, 224, dtype=torch.uint8))[0].shape == (2, 1)
    assert (cropped_size(32), cropped_size(256)) == ((32, 4), (224, 0))


def test_a_step_is_that_of_plain_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    normal, outliers, test = images(6, 0, 1), images(9, 99, 2), images(5, 50, 3)
    monkeypatch.setattr(focal_hendrycks, "random_crop", lambda seen, *_, **__: seen)
    found = score_images(normal, test, 3, "cpu", outliers=outliers, epochs=1, width=0.25)

    network = build(32, 0.25, derive(3, "focal network"))
    optimiser = torch.optim.SGD(network.parameters(), 0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
    [(rows, exposed)] = batches(6, 9, 1, 3)
    p = torch.sigmoid(network(torch.cat([normal[rows], outliers[exposed]]))[0][:, 0])
    losses = [-(p[k] ** 2) * torch.log(1 - p[k]) for k in range(6)]  # normal images
    losses += [-((1 - p[k]) ** 2) * torch.log(p[k]) for k in range(6, 18)]
    torch.stack(losses).mean().backward()
    optimiser.step()
    with torch.no_grad():
        np.testing.assert_allclose(found, network.eval()(test)[0][:, 0].numpy(), rtol=1e-3, atol=1e-4)


def test_other_images_score_higher_and_the_seed_decides() -> None:
    test = torch.cat([images(5, 0, 3), images(5, 150, 4)])

    def scores(seed: int) -> np.ndarray:
        return score_images(images(20, 0, 1), test, seed, "cpu", outliers=images(20, 150, 2), **OPTIONS)

    found = scores(1)
    assert found.dtype == np.float32 and found[:5].mean() < found[5:].mean()
    np.testing.assert_array_equal(found, scores(1))
    assert not np.array_equal(found, scores(2))


def test_training_that_diverges_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(focal_hendrycks, "LEARNING_RATE", 1e38)
    with pytest.raises(ValueError, match=r"Focal\* diverged in step"):
        score_images(images(8, 0, 1), images(2, 0, 2), 1, "cpu", outliers=images(8, 9, 3), **OPTIONS)


def test_a_gpu_gives_the_same(pretend: ModuleType) -> None:
    def scores(device: str) -> np.ndarray:
        how = {"outliers": images(9, 150, 2), "epochs": 1.0, "width": 0.25}
        return score_images(images(9, 0, 1), images(4, 0, 2), 1, device, **how)

    before = pretend.operations
    found = scores(pretend.DEVICE)
    assert pretend.operations > before
    np.testing.assert_allclose(found, scores("cpu"), rtol=1e-3, atol=1e-4)

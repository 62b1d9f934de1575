"""DRAEM against its losses written out, and what it learns."""

import math

import numpy as np
import pytest
import torch
from torch import Generator, Tensor

from oneclass.baselines import draem
from oneclass.baselines.pasting import example
from oneclass.baselines.unets import untrained
from oneclass.training.weights import drawn

OPTIONS = {"width": 0.05, "learning_rate": 1e-2}


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=Generator().manual_seed(seed), dtype=torch.float64)


def flat(count: int, side: int = 32) -> Tensor:
    """Grey images that differ in brightness."""
    return (100 + 4 * torch.arange(count)).view(-1, 1, 1, 1).expand(count, 3, side, side).byte().contiguous()


def noise(count: int, seed: int = 0, side: int = 32) -> Tensor:
    return torch.randint(256, (count, 3, side, side), generator=Generator().manual_seed(seed)).byte()


def literal_ssim(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """SSIM at each pixel of two images [H, W], from the weighted pixels of each window."""
    place = np.arange(-5, 6)
    weights = np.exp(-(place[:, None] ** 2 + place[None] ** 2) / (2 * 1.5**2))
    weights /= weights.sum()
    padded, found = [np.pad(image, 5) for image in (one, other)], np.zeros_like(one)
    for row, column in np.ndindex(*one.shape):
        x, y = (image[row : row + 11, column : column + 11] for image in padded)
        a, b = (weights * x).sum(), (weights * y).sum()
        aa, bb, ab = (weights * x**2).sum() - a**2, (weights * y**2).sum() - b**2, (weights * x * y).sum() - a * b
        luminance = (2 * a * b + 1e-4) / (a**2 + b**2 + 1e-4)
        found[row, column] = luminance * (2 * ab + 9e-4) / (aa + bb + 9e-4)
    return found


def test_ssim_is_that_of_each_window() -> None:
    one, other = random(2, 3, 14, 12), random(2, 3, 14, 12, seed=1)
    found = draem.ssim(one, other)
    for image, channel in np.ndindex(2, 3):
        expected = literal_ssim(one[image, channel].numpy(), other[image, channel].numpy())
        assert found[image, channel].numpy() == pytest.approx(expected)
    torch.testing.assert_close(draem.ssim(one, one), torch.ones_like(one))


def test_the_focal_loss_is_written_out() -> None:
    logits = torch.tensor([0.3, -1.2, 2.0, 0.5]).view(1, 2, 1, 2)  # two pixels: (0.3, 2.0) and (-1.2, 0.5)
    mask = torch.tensor([[[0.0, 1.0]]])
    normal, anomalous = 1 / (1 + math.exp(2.0 - 0.3)), 1 / (1 + math.exp(-1.2 - 0.5))
    expected = (-((1 - normal) ** 2) * math.log(normal) - (1 - anomalous) ** 2 * math.log(anomalous)) / 2
    assert float(draem.focal(logits, mask)) == pytest.approx(expected)


def test_the_loss_is_the_sum_of_three() -> None:
    networks = drawn(lambda: untrained(0.02), 1).double().eval()
    normal, pasted, mask = random(2, 3, 32, 32), random(2, 3, 32, 32, seed=1), random(2, 32, 32, seed=2).round()
    first, second = networks
    rebuilt = first(pasted)
    logits = second(torch.cat([rebuilt, pasted], 1))
    expected = (rebuilt - normal).square().mean() + (1 - draem.ssim(rebuilt, normal)).mean() + draem.focal(logits, mask)
    torch.testing.assert_close(draem.loss(networks, normal, pasted, mask), expected)


def test_images_are_averaged_over_squares() -> None:
    image = noise(2, side=6)
    found = draem.shrunk(image, 3)
    expected = image.double().view(2, 3, 2, 3, 2, 3).mean((3, 5)).round()
    assert torch.equal(found.double(), expected) and torch.equal(draem.shrunk(image, 1), image)


@torch.no_grad()
def test_training_lowers_each_part_of_the_loss() -> None:
    train, textures, draws = flat(8), noise(4), np.random.default_rng(1)
    shown = [example(train[k % 8], textures[k % 4], draws) for k in range(16)]
    normal, pasted, mask = (torch.stack(part) for part in zip(*shown, strict=True))

    def parts(steps: int) -> list[float]:
        with torch.enable_grad():
            networks = draem.trained(train, textures, 1, "cpu", steps, 0.1, 1e-2)
        rebuilt, logits = draem.both(networks, pasted)
        unlike = 1 - draem.ssim(rebuilt, normal).mean()
        return [float(part) for part in ((rebuilt - normal).square().mean(), unlike, draem.focal(logits, mask))]

    assert all(after < before for after, before in zip(parts(20), parts(0), strict=True))


def test_the_seed_decides_and_maps_have_the_shrunk_size() -> None:
    def maps(seed: int, **changed: float) -> np.ndarray:
        settings = OPTIONS | {"epochs": 2} | changed
        return draem.localise(flat(4, 64), flat(2, 64), seed, "cpu", textures=noise(3, side=64), shrink=2, **settings)

    found = maps(1)
    assert found.shape == (2, 32, 32) and np.array_equal(found, maps(1))
    assert not np.allclose(found, maps(2)) and not np.allclose(found, maps(1, epochs=0))


def test_a_loss_that_is_not_finite_is_an_error() -> None:
    with pytest.raises(ValueError, match="diverged in step"):
        draem.localise(flat(4), flat(2), 1, "cpu", textures=noise(3), epochs=20, width=0.02, learning_rate=float("inf"))

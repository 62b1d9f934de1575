"""Augmentation of a batch against one image at a time, with the same draws and torchvision's functions."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator, Tensor
from torchvision.transforms.v2 import functional as vision

from oneclass.training import augment
from oneclass.training.augment import NOISE, center_crop, jitter, noise, random_crop, shift_hue


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def bright(count: int, low: float = 0.0, high: float = 1.0, size: int = 16) -> Tensor:
    return low + (high - low) * torch.rand(count, 3, size, size, generator=seeded(count))


def numbered(count: int, height: int, width: int) -> Tensor:
    """Images in which every value is another, and none is 0."""
    return 1 + torch.arange(count * 3 * height * width).view(count, 3, height, width)


def literal_crop(images: Tensor, size: int, padding: int, flip: bool, random: Generator) -> Tensor:
    count, channels, height, width = images.shape
    padded = torch.zeros(count, channels, height + 2 * padding, width + 2 * padding, dtype=images.dtype)
    padded[:, :, padding : padding + height, padding : padding + width] = images
    top = torch.randint(height + 2 * padding - size + 1, (count, 1), generator=random)[:, 0].tolist()
    left = torch.randint(width + 2 * padding - size + 1, (count, 1), generator=random)[:, 0].tolist()
    mirrored = (torch.rand(count, 1, generator=random)[:, 0] < 0.5).tolist() if flip else [False] * count
    parts = []
    for image, y, x, mirror in zip(padded, top, left, mirrored, strict=True):
        part = image[:, y : y + size, x : x + size]
        parts.append(part.flip(2) if mirror else part)
    return torch.stack(parts)


@given(st.integers(1, 4), st.integers(3, 9), st.integers(3, 9), st.integers(0, 3), st.booleans(), st.data())
@settings(deadline=None)
def test_a_crop_of_each_image(
    count: int, height: int, width: int, padding: int, flip: bool, data: st.DataObject
) -> None:
    images = numbered(count, height, width)
    size = data.draw(st.integers(1, min(height, width) + 2 * padding))
    seed = data.draw(st.integers(0, 99))
    parts = random_crop(images, size, padding, flip, seeded(seed))
    assert parts.shape == (count, 3, size, size)
    assert torch.equal(parts, literal_crop(images, size, padding, flip, seeded(seed)))


def test_a_flip_only_mirrors() -> None:
    images = numbered(64, 5, 5)
    flipped = random_crop(images, 5, 0, True, seeded())
    same = (flipped == images).flatten(1).all(1)
    mirrored = (flipped == images.flip(3)).flatten(1).all(1)
    assert (same ^ mirrored).all()
    assert 20 < mirrored.sum() < 44


def test_padding_is_black_and_every_place_is_seen() -> None:
    parts = random_crop(torch.full((500, 3, 8, 8), 255, dtype=torch.uint8), 8, 2, False, seeded())
    assert parts.dtype == torch.uint8 and set(parts.unique().tolist()) == {0, 255}
    assert len(parts.unique(dim=0)) == 25  # up to 2 pixels up or down, left or right


def test_the_middle() -> None:
    image = numbered(1, 8, 6)
    assert torch.equal(center_crop(image, 4), image[:, :, 2:6, 1:5])
    assert torch.equal(center_crop(image[..., :6, :], 6), image[..., :6, :])


def literal_jitter(images: Tensor, random: Generator) -> Tensor:
    draws = [2 * torch.rand(len(images), generator=random) - 1 for _ in range(4)]
    parts = []
    for image, *signed in zip(images, *(draw.tolist() for draw in draws), strict=True):
        brightness, contrast, saturation = (1 + augment.JITTER * value for value in signed[:3])
        image = vision.adjust_brightness(image, brightness)
        image = vision.adjust_contrast(image, contrast)
        image = vision.adjust_saturation(image, saturation)
        parts.append(vision.adjust_hue(image, augment.JITTER * signed[3]))
    return torch.stack(parts)


@pytest.mark.parametrize("strength", [0.01, 0.1])
def test_jitter_is_torchvisions(strength: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment, "JITTER", strength)
    images = bright(8, 0.2, 0.7)  # where nothing is clamped
    jittered = jitter(images, seeded(4))
    assert (jittered - images).abs().amax((1, 2, 3)).min() > strength / 10
    torch.testing.assert_close(jittered, literal_jitter(images, seeded(4)), rtol=0, atol=2e-4 * strength / 0.01)


def test_jitter_is_close_to_torchvisions_at_the_edges_of_the_range() -> None:
    """There torchvision clamps after each of the four and we once."""
    images = bright(8).round()
    jittered = jitter(images, seeded(4))
    assert jittered.amin() >= 0 and jittered.amax() <= 1
    torch.testing.assert_close(jittered, literal_jitter(images, seeded(4)), rtol=0, atol=2 * augment.JITTER)


COLOURS = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]) | st.floats(0, 1, width=16), min_size=3, max_size=3)


@given(COLOURS, st.floats(-1 / 6, 1 / 6))
@settings(deadline=None)
def test_the_hue_is_that_of_hsv(colour: list[float], turn: float) -> None:
    """Whatever values tie."""
    image = torch.tensor(colour)[:, None, None]
    moved = shift_hue(image[None], torch.tensor([turn]))[0]
    torch.testing.assert_close(moved, vision.adjust_hue(image, turn), rtol=0, atol=1e-5)
    assert moved.max() == image.max() and moved.min() == image.min()
    back = shift_hue(moved[None], -torch.tensor([turn]))[0]
    torch.testing.assert_close(back, image, rtol=0, atol=1e-5)


def test_noise() -> None:
    images = bright(50)
    added = noise(images, seeded()) - images
    assert added.std().item() == pytest.approx(NOISE, rel=0.02)
    assert added.mean().abs() < 4 * NOISE / added.numel() ** 0.5
    assert added.flatten(1).std(1).min() > 0.8 * NOISE


def cropped(images: Tensor, random: Generator) -> Tensor:
    return random_crop(images, 12, 2, True, random)


@pytest.mark.parametrize("change", [cropped, jitter, noise])
def test_every_image_draws_its_own_and_the_seed_decides(change: Callable[[Tensor, Generator], Tensor]) -> None:
    images = bright(1).expand(4, -1, -1, -1).clone()
    kept = images.clone()
    first, again, other = (change(images, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert not any(torch.equal(first[0], one) for one in first[1:])
    assert torch.equal(images, kept), "in place"

"""What networks see: statistics of normal training images, filters on everything, augmentation in training only."""

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Generator, Tensor

from oneclass import filters
from oneclass.catalogue.networks import NETWORKS
from oneclass.filters import Filter, Width
from oneclass.training.augment import JITTER, NOISE
from oneclass.training.inputs import FLAT, FeatureVectors, Pixels, PreprocessedPixels, own_contrast

Pictures = Callable[..., Tensor]
MakePixels = Callable[..., Pixels]
ALL = ("jitter", "flip", "crop", "noise")
ROWS = torch.tensor([5, 0, 3])


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def test_statistics_are_those_of_the_rows_as_stored(pictures: Pictures, pixels: MakePixels) -> None:
    images = pictures(6)
    expected = images[ROWS].numpy().astype(np.float64) / 255
    for data in (pixels(images), pixels(images, *ALL, filter="lpf14")):
        mean, deviation = data.statistics(ROWS)
        assert mean.shape == deviation.shape == (1, 3, 1, 1) and mean.dtype == torch.float32
        np.testing.assert_allclose(mean.flatten(), expected.mean((0, 2, 3)), rtol=1e-6)
        np.testing.assert_allclose(deviation.flatten(), expected.std((0, 2, 3)), rtol=1e-6)


def test_statistics_of_large_images_are_those_of_the_middle(pictures: Pictures, pixels: MakePixels) -> None:
    images = pictures(2, 256)
    mean, _ = pixels(images, "crop", network="cbam_resnet18").statistics(torch.arange(2))
    middle = images[:, :, 16:240, 16:240].double() / 255
    torch.testing.assert_close(mean.flatten().double(), middle.mean((0, 2, 3)))


def test_many_images_in_parts(pictures: Pictures, pixels: MakePixels, monkeypatch: pytest.MonkeyPatch) -> None:
    data, rows = pixels(pictures(7)), torch.arange(7)
    whole = data.statistics(rows)
    monkeypatch.setattr("oneclass.training.inputs._BATCH", 3)
    for one, other in zip(data.statistics(rows), whole, strict=True):
        torch.testing.assert_close(one, other)


def test_an_image_without_contrast_can_be_normalised(pixels: MakePixels) -> None:
    _, deviation = pixels(torch.zeros(2, 3, 32, 32, dtype=torch.uint8)).statistics(torch.arange(2))
    assert (deviation > 0).all()


@pytest.mark.parametrize("name", ["none", "lpf14", "hpf3"])
def test_filters_act_on_training_and_test_alike(name: str, pictures: Pictures, pixels: MakePixels) -> None:
    images = pictures(6)
    expected = filters.apply(images[ROWS] / 255, Filter.parse(name))
    data = pixels(images, filter=name)
    torch.testing.assert_close(data.batch(ROWS, None), expected)
    torch.testing.assert_close(data.batch(ROWS, seeded()), expected)
    augmented = pixels(images, *ALL, filter=name).batch(ROWS, seeded())
    unfiltered = pixels(images, *ALL).batch(ROWS, seeded())
    torch.testing.assert_close(augmented, filters.apply(unfiltered, Filter.parse(name)), rtol=0, atol=1e-6)
    assert augmented.dtype == torch.float32 and augmented.shape == (3, 3, 32, 32)


def test_the_width_of_high_pass_is_that_of_the_filter(pictures: Pictures) -> None:
    images, seen = pictures(6), []
    for width in get_args(Width):
        filter = Filter("hpf", 4, width)
        seen.append(Pixels(images, NETWORKS["lenet"], filter, frozenset()).batch(ROWS, None))
        torch.testing.assert_close(seen[-1], filters.apply(images[ROWS] / 255, filter))
    assert not torch.allclose(*seen)


@pytest.mark.parametrize(("network", "size", "stored"), [("lenet", 32, 32), ("cbam_resnet18", 224, 256)])
def test_at_test_nothing_is_augmented(
    network: str, size: int, stored: int, pictures: Pictures, pixels: MakePixels
) -> None:
    images = pictures(6, stored)
    margin = (stored - size) // 2
    middle = images[ROWS, :, margin : margin + size, margin : margin + size] / 255
    assert torch.equal(pixels(images, *ALL, network=network).batch(ROWS, None), middle)


def test_a_switched_off_part_is_off(pictures: Pictures, pixels: MakePixels) -> None:
    images = pictures(6)
    plain = images[ROWS] / 255
    assert torch.equal(pixels(images).batch(ROWS, seeded()), plain)

    flipped = pixels(images, "flip").batch(torch.arange(6), seeded())
    for image, original in zip(flipped, images / 255, strict=True):
        assert torch.equal(image, original) != torch.equal(image, original.flip(2))

    noisy = pixels(images, "noise").batch(ROWS, seeded())
    assert 0 < (noisy - plain).abs().max() < 6 * NOISE

    jittered = pixels(images, "jitter").batch(ROWS, seeded())
    assert NOISE < (jittered - plain).abs().max() < 10 * JITTER

    lit = torch.full((40, 3, 32, 32), 255, dtype=torch.uint8)
    cropped = pixels(lit, "crop").batch(torch.arange(40), seeded())
    assert set(cropped.unique().tolist()) == {0, 1}, "4 pixels of black around it"
    assert (cropped[:, :, 4:28, 4:28] == 1).all()
    whole = pixels(lit, "jitter", "flip", "noise").batch(torch.arange(40), seeded())
    assert whole.min() > 0.9


def test_a_crop_of_large_images_is_not_padded(pixels: MakePixels) -> None:
    lit = torch.full((8, 3, 256, 256), 255, dtype=torch.uint8)
    cropped = pixels(lit, "crop", "flip", network="cbam_resnet18").batch(torch.arange(8), seeded())
    assert cropped.shape == (8, 3, 224, 224) and (cropped == 1).all()


def test_the_authors_augmentation() -> None:
    """Appendix G.1, and the authors' code for 224-pixel images."""
    lenet, large = NETWORKS["lenet"], NETWORKS["cbam_resnet18"]
    assert lenet.augmentations == ((), ALL)
    assert large.augmentations == (("crop",), ("flip", "crop"))
    assert (lenet.image_size, lenet.padding) == (32, 4)
    assert (large.image_size, large.stored_size, large.padding) == (224, 256, 0)


def test_own_contrast_is_the_authors_global_contrast_normalisation(pictures: Pictures, pixels: MakePixels) -> None:
    images = pictures(6)
    data = replace(pixels(images, "flip", "noise", filter="lpf3"), normalization="image")
    seen = data.batch(ROWS, None)
    for image, original in zip(seen, pixels(images, filter="lpf3").batch(ROWS, None), strict=True):
        centred = original.double() - original.double().mean()
        torch.testing.assert_close(image.double(), centred / centred.abs().mean(), rtol=1e-4, atol=1e-5)
    low, extent = data.statistics(ROWS)
    plain = own_contrast(images[ROWS] / 255)
    normalised = (plain - low) / extent
    assert (normalised.min(), normalised.max()) == (0, 1), "of the normal training images, unfiltered"
    augmented = data.batch(ROWS, seeded())
    assert torch.equal(augmented, own_contrast(pixels(images, "flip", "noise", filter="lpf3").batch(ROWS, seeded())))


def test_an_image_of_one_colour_has_no_contrast_of_its_own(pixels: MakePixels) -> None:
    data = replace(pixels(torch.full((2, 3, 32, 32), 77, dtype=torch.uint8)), normalization="image")
    rows = torch.arange(2)
    assert data.batch(rows, None).abs().max() < 0.1
    assert all(part.isfinite().all() for part in data.statistics(rows)) and data.statistics(rows)[1] > 0


def test_the_network_says_size_and_padding(pictures: Pictures) -> None:
    images = pictures(6, 12)
    small = replace(NETWORKS["lenet"], image_size=8, padding=1)
    data = Pixels(images, small, Filter(), frozenset({"crop"}))
    assert torch.equal(data.batch(ROWS, None), images[ROWS, :, 2:10, 2:10] / 255)
    padded = torch.nn.functional.pad(images[3] / 255, (1, 1, 1, 1))
    parts = [padded[:, y : y + 8, x : x + 8] for y in range(7) for x in range(7)]
    for seen in data.batch(torch.full((20,), 3), seeded()):
        assert any(torch.equal(seen, part) for part in parts)


def test_copies_are_equal_only_without_augmentation(pictures: Pictures, pixels: MakePixels) -> None:
    images = pictures(2)
    assert pixels(images).repeats and pixels(images, filter="lpf3").repeats
    assert not any(pixels(images, part).repeats for part in ALL)
    assert not pixels(pictures(2, 256), network="cbam_resnet18").repeats, "it takes no counts"


def test_statistics_of_features() -> None:
    features = torch.randn(9, 4, generator=seeded())
    features[:, 2] = 5  # one that never changes
    data, rows = FeatureVectors(features), torch.tensor([1, 2, 7, 8])
    mean, deviation = data.statistics(rows)
    expected = features[rows].numpy().std(0)
    np.testing.assert_allclose(mean[0], features[rows].numpy().mean(0), rtol=1e-5)
    np.testing.assert_allclose(deviation[0], np.maximum(expected, FLAT * expected.mean()), rtol=1e-5)
    assert deviation[0, 2] > 0


def test_batches_of_features() -> None:
    features = torch.randn(9, 4, generator=seeded())
    data = FeatureVectors(features)
    assert len(data) == 9 and not data.repeats
    for random in (None, seeded()):
        assert torch.equal(data.batch(ROWS, random), features[ROWS])


def test_preprocessed_pixels_are_filtered_and_normalised(pictures: Pictures, pixels: MakePixels) -> None:
    data = pixels(pictures(9), filter="lpf14")
    mean, deviation = data.statistics(torch.arange(4))
    ready = PreprocessedPixels.from_pixels(data, ROWS, (mean, deviation))
    expected = (data.batch(ROWS[[2, 0]], None) - mean) / deviation
    assert len(ready) == 3 and ready.repeats and ready.statistics(torch.arange(3)) is None
    for random in (None, seeded()):
        torch.testing.assert_close(ready.batch(torch.tensor([2, 0]), random), expected)

"""The geometry of the paper's transform, exactly."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms

from oneclass.features.transform import prepare


def picture(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize("size", [(40, 40), (60, 30), (25, 90), (8, 8)])
@pytest.mark.parametrize(("resize", "crop"), [(32, 28), (32, 32), (17, 3), (24, None)])
def test_equals_torchvision(size: tuple[int, int], resize: int, crop: int | None) -> None:
    """The paper's literal transform: ``Resize((256, 256))``, ``CenterCrop(224)``."""
    literal = transforms.Compose(
        [transforms.Resize((resize, resize)), transforms.CenterCrop(crop or resize), transforms.PILToTensor()]
    )
    image = picture(*size)
    assert torch.equal(prepare(image, resize, crop), literal(image))


def test_unresized_and_uncropped_is_untouched() -> None:
    image = picture(20, 20)
    pixels = prepare(image, 20, None)
    assert pixels.dtype == torch.uint8
    assert np.array_equal(pixels.permute(1, 2, 0).numpy(), np.asarray(image))


@pytest.mark.parametrize(("resize", "crop"), [(10, 4), (10, 5), (11, 4), (9, 9), (6, 1)])
def test_the_crop_is_centred(resize: int, crop: int) -> None:
    ramp = np.broadcast_to(np.arange(resize, dtype=np.uint8)[:, None, None], (resize, resize, 3))
    rows = prepare(Image.fromarray(ramp.copy()), resize, crop)[0, :, 0].int()
    columns = prepare(Image.fromarray(ramp.transpose(1, 0, 2).copy()), resize, crop)[0, 0].int()
    assert torch.equal(rows, columns)
    assert torch.equal(rows, torch.arange(crop) + rows[0])
    before, after = int(rows[0]), resize - 1 - int(rows[-1])
    assert after - before in (0, 1)


@pytest.mark.parametrize("size", [(50, 20), (20, 50)])
def test_a_long_image_is_squeezed_not_cut(size: tuple[int, int]) -> None:
    width, height = size
    halves = np.zeros((height, width, 3), np.uint8)
    halves[height // 2 :] = 200
    pixels = prepare(Image.fromarray(halves), 10, None)
    assert pixels.shape == (3, 10, 10)
    assert (pixels[:, :4] == 0).all() and (pixels[:, 6:] == 200).all()

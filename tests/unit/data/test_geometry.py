"""The geometry of the paper's transform, exactly: of images, and of what is computed from it."""

import numpy as np
import pytest
from PIL import Image
from torchvision import transforms

from oneclass.data.geometry import Geometry


def picture(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize("size", [(40, 40), (60, 30), (25, 90), (8, 8)])
@pytest.mark.parametrize(("resize", "crop"), [(32, 28), (32, 32), (17, 3), (24, None)])
def test_equals_torchvision(size: tuple[int, int], resize: int, crop: int | None) -> None:
    """The paper's literal transform: ``Resize((256, 256))``, ``CenterCrop(224)``."""
    literal = transforms.Compose([transforms.Resize((resize, resize)), transforms.CenterCrop(crop or resize)])
    image = picture(*size)
    assert np.array_equal(Geometry(resize, crop).apply(image), literal(image))


def test_unresized_and_uncropped_is_untouched() -> None:
    image = picture(20, 20)
    assert np.array_equal(Geometry(20).apply(image), image)


@pytest.mark.parametrize(("resize", "crop"), [(10, 4), (10, 5), (11, 4), (9, 9), (6, 1)])
def test_the_crop_is_centred(resize: int, crop: int) -> None:
    ramp = np.broadcast_to(np.arange(resize, dtype=np.uint8)[:, None, None], (resize, resize, 3))
    geometry = Geometry(resize, crop)
    rows = np.asarray(geometry.apply(Image.fromarray(ramp.copy())))[:, 0, 0].astype(int)
    columns = np.asarray(geometry.apply(Image.fromarray(ramp.transpose(1, 0, 2).copy())))[0, :, 0].astype(int)
    assert np.array_equal(rows, columns)
    assert np.array_equal(rows, np.arange(crop) + geometry.start)
    before, after = int(rows[0]), resize - 1 - int(rows[-1])
    assert after - before in (0, 1)


@pytest.mark.parametrize("size", [(50, 20), (20, 50)])
def test_a_long_image_is_squeezed_not_cut(size: tuple[int, int]) -> None:
    width, height = size
    halves = np.zeros((height, width, 3), np.uint8)
    halves[height // 2 :] = 200
    pixels = np.asarray(Geometry(10).apply(Image.fromarray(halves)))
    assert pixels.shape == (10, 10, 3)
    assert (pixels[:4] == 0).all() and (pixels[6:] == 200).all()


@pytest.mark.parametrize(("resize", "crop", "size"), [(256, 224, 224), (256, None, 256), (7, 7, 7)])
def test_the_image_size_is_that_of_what_comes_out(resize: int, crop: int | None, size: int) -> None:
    geometry = Geometry(resize, crop)
    assert geometry.image_size == size
    assert geometry.apply(picture(30, 20)).size == (size, size)

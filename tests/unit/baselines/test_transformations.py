"""Tables of positions against flips, padding and turns, one image at a time."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, pad

from oneclass.baselines.transformations import (
    ALL,
    MOVED_AND_TURNED,
    Transformation,
    reduced,
    tables,
    transformed,
)


def literal(image: Tensor, one: Transformation) -> Tensor:
    """Mirrored, cut out of the mirror image beyond its borders, and turned: [1, C, S, S]."""
    side = image.shape[-1]
    step = side // 4
    image = image.flip(3) if one.mirror else image
    wide = pad(image.float(), (step,) * 4, mode="reflect").to(image.dtype)
    top, left = step - one.down * step, step - one.right * step
    return torch.rot90(wide[:, :, top : top + side, left : left + side], one.turns, (2, 3))


@pytest.fixture
def images() -> Tensor:
    return torch.randint(0, 256, (4, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def test_there_are_72_and_no_two_are_the_same(images: Tensor) -> None:
    assert len(ALL) == 72 and len(MOVED_AND_TURNED) == 36
    assert len({tuple(table.tolist()) for table in tables(ALL, 8)}) == 72


def test_each_is_a_flip_a_move_and_a_turn(images: Tensor) -> None:
    for one, table in zip(ALL, tables(ALL, 8), strict=True):
        assert torch.equal(transformed(images, table), literal(images, one)), one


def test_each_image_has_its_own(images: Tensor) -> None:
    kinds = torch.tensor([0, 71, 5, 40])
    together = transformed(images, tables(ALL, 8)[kinds])
    for image, found, kind in zip(images, together, kinds, strict=True):
        assert torch.equal(found, literal(image[None], ALL[kind])[0])


def test_larger_images_are_averaged_and_smaller_ones_stay(images: Tensor) -> None:
    assert torch.equal(reduced(images, 8), images) and torch.equal(reduced(images, 32), images)
    small = reduced(images, 4)
    assert small.dtype == torch.uint8
    torch.testing.assert_close(small.float(), adaptive_avg_pool2d(images.float(), 4), atol=0.5, rtol=0)

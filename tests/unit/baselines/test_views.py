"""Views: which images change, and which part is shown."""

import pytest
import torch
from torch import Generator, Tensor

from oneclass.baselines.views import GREYED, JITTERED, cropped, crops, mirrored, view

SHARE = (0.08, 1.0)


def seeded(seed: int = 1) -> Generator:
    return Generator().manual_seed(seed)


@pytest.fixture
def images() -> Tensor:
    return torch.rand(6, 3, 8, 8, generator=seeded())


def test_half_the_images_are_mirrored() -> None:
    image = torch.rand(1, 3, 4, 4, generator=seeded())
    found = mirrored(image.expand(1000, 3, 4, 4), seeded(2))
    turned = (found == image.flip(3)).all(3).all(2).all(1)
    assert torch.equal(found[~turned], image.expand(1000, 3, 4, 4)[~turned])
    assert turned.float().mean().item() == pytest.approx(0.5, abs=0.05)


def test_parts_have_the_area_and_shape_asked_for_and_lie_in_the_image() -> None:
    size, middle = crops(2000, SHARE, seeded())
    area, ratio = size.prod(1), size[:, 0] / size[:, 1]
    whole = (size == 1).all(1)
    assert whole.float().mean() < 0.02
    assert area.min() >= 0.08 and area.max() <= 1 and 0.3 < area.mean() < 0.55
    assert ratio.min() >= 3 / 4 - 1e-5 and ratio.max() <= 4 / 3 + 1e-5
    assert ((middle.abs() + size / 2) <= 0.5 + 1e-6).all() and middle.std(0).min() > 0.05
    fixed = crops(50, (0.54, 0.54), seeded())[0].prod(1)
    torch.testing.assert_close(fixed, torch.full((50,), 0.54))


def test_a_part_is_what_the_image_has_there(images: Tensor) -> None:
    count = len(images)
    whole = cropped(images, torch.ones(count, 2), torch.zeros(count, 2))
    torch.testing.assert_close(whole, images)
    quarter = cropped(images, torch.full((count, 2), 0.5), torch.tensor([0.25, -0.25]).expand(count, 2))
    literal = torch.nn.functional.interpolate(images[:, :, :4, 4:], size=8, mode="bilinear", align_corners=False)
    torch.testing.assert_close(quarter[:, :, 1:-1, 1:-1], literal[:, :, 1:-1, 1:-1])


def test_some_images_change_colour_and_some_lose_it() -> None:
    image = torch.rand(1, 3, 4, 4, generator=seeded())
    found = view(image.expand(2000, 3, 4, 4), (1.0, 1.0), seeded(3))
    same = ((found - image).abs().amax((1, 2, 3)) < 1e-5).float().mean().item()
    grey = ((found - found.mean(1, keepdim=True)).abs().amax((1, 2, 3)) < 1e-5).float().mean().item()
    assert grey == pytest.approx(GREYED, abs=0.04)
    # Of the whole area, no shape that is drawn fits: the whole image is shown.
    assert same == pytest.approx((1 - JITTERED) * (1 - GREYED), abs=0.04)


def test_views_are_drawn_by_the_generator_alone(images: Tensor) -> None:
    assert torch.equal(view(images, SHARE, seeded()), view(images, SHARE, seeded()))
    assert not torch.equal(view(images, SHARE, seeded()), view(images, SHARE, seeded(2)))
    assert view(images, SHARE, seeded()).shape == images.shape

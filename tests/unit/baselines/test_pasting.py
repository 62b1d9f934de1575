"""Images with pieces of textures: what is pasted, and where."""

import numpy as np
import pytest
import torch
from torch import Tensor

from oneclass.baselines import pasting


def picture(seed: int, side: int = 48) -> Tensor:
    return torch.randint(256, (3, side, side), generator=torch.Generator().manual_seed(seed)).byte()


@pytest.fixture
def upright(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pasting, "TURNED", 0)


@pytest.mark.usefixtures("upright")
def test_the_image_changes_in_the_mask_alone() -> None:
    image, texture, pasted = picture(1), picture(2), 0
    for seed in range(40):
        normal, changed, mask = pasting.example(image, texture, np.random.default_rng(seed))
        torch.testing.assert_close(normal, image / 255)
        assert set(mask.unique().tolist()) <= {0.0, 1.0} and mask.shape == image.shape[1:]
        inside = mask > 0
        assert torch.equal(changed[:, ~inside], normal[:, ~inside])
        assert changed.min() >= 0 and changed.max() <= 1
        pasted += bool(inside.any())
        assert torch.equal(changed, normal) == (not inside.any())
    assert 10 < pasted < 30  # about half


@pytest.mark.usefixtures("upright")
def test_what_is_pasted_lies_between_the_texture_and_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pasting, "CHANGES", 0)
    image, texture = torch.full((3, 48, 48), 51, dtype=torch.uint8), torch.full((3, 48, 48), 255, dtype=torch.uint8)
    shares = []
    for seed in range(200):
        _, changed, mask = pasting.example(image, texture, np.random.default_rng(seed))
        if mask.any():
            [value] = changed[:, mask > 0].unique()
            shares.append((1 - float(value)) / 0.8)  # of the image
    assert min(shares) >= 0 and max(shares) <= 0.8 + 1e-6 and max(shares) - min(shares) > 0.6


def test_shapes_are_of_many_sizes_and_never_everything() -> None:
    shares = [float(pasting.shapes((48, 64), np.random.default_rng(seed)).float().mean()) for seed in range(100)]
    assert max(shares) < 0.6 and np.mean(shares) > 0.02 and np.std(shares) > 0.02


def test_a_share_of_images_is_turned() -> None:
    image = picture(1)
    normal = [pasting.example(image, picture(2), np.random.default_rng(seed))[0] for seed in range(200)]
    assert 0.2 < np.mean([not torch.equal(one, image / 255) for one in normal]) < 0.4


@pytest.mark.parametrize("number", range(len(pasting.TEXTURE_CHANGES)))
def test_each_change_gives_an_image_and_the_generator_decides(number: int) -> None:
    change, image = pasting.TEXTURE_CHANGES[number], picture(3) // 2 + 40
    found = [change(image, np.random.default_rng(seed)) for seed in (1, 1, 2, 3, 4)]
    assert all(one.dtype == torch.uint8 and one.shape == image.shape for one in found)
    assert torch.equal(found[0], found[1])
    assert any(not torch.equal(one, image) for one in found)


def test_the_generator_decides_about_an_example() -> None:
    def parts(seed: int) -> list[Tensor]:
        random = np.random.default_rng(seed)
        return [part for _ in range(4) for part in pasting.example(picture(1), picture(2), random)]

    assert all(torch.equal(one, other) for one, other in zip(parts(1), parts(1), strict=True))
    assert any(not torch.equal(one, other) for one, other in zip(parts(1), parts(2), strict=True))

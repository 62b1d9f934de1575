"""Drawn defects: what changes is exactly what the mask says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneclass.data import defects
from oneclass.data.defects import KINDS, draw
from oneclass.errors import UserError

kinds = pytest.mark.parametrize("kind", KINDS)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def picture(height: int, width: int, low: int = 90, high: int = 160, seed: int = 0) -> np.ndarray:
    """Noise: no two regions of it are alike."""
    return rng(seed).integers(low, high, (height, width, 3), dtype=np.uint8)


@settings(max_examples=150, deadline=None)
@given(
    height=st.integers(16, 90),
    width=st.integers(16, 90),
    kind=st.sampled_from(list(KINDS)),
    contrast=st.floats(0.01, 1),
    seed=st.integers(0, 2**32),
    levels=st.sampled_from([(0, 1), (255, 256), (127, 128), (0, 2), (90, 160), (0, 256)]),
)
def test_the_mask_is_what_changed(
    height: int, width: int, kind: str, contrast: float, seed: int, levels: tuple[int, int]
) -> None:
    image = picture(height, width, *levels, seed=seed)
    before = image.copy()
    drawn, mask = draw(image, kind, contrast, rng(seed))
    assert (image == before).all()
    assert (drawn.shape, drawn.dtype, mask.shape, mask.dtype) == (image.shape, np.uint8, (height, width), bool)
    assert (drawn[~mask] == image[~mask]).all()
    assert (drawn[mask] != image[mask]).any(axis=-1).all()
    assert 4 <= mask.sum() <= max(0.05, 2 * 0.5 / min(height, width)) * mask.size


@kinds
def test_area_is_within_a_tenth_and_five_percent(kind: str) -> None:
    areas = [draw(picture(96, 160), kind, 0.5, rng(seed))[1].mean() for seed in range(60)]
    assert 0.001 <= min(areas) < max(areas) <= 0.05
    assert max(areas) > 1.3 * min(areas)


@kinds
def test_a_defect_keeps_away_from_what_a_centre_crop_cuts_off(kind: str) -> None:
    middle = slice(6, 90)  # 224 of 256 pixels
    assert all(draw(picture(96, 96), kind, 0.5, rng(seed))[1][middle, middle].mean() > 0.001 for seed in range(60))


@kinds
def test_most_of_a_defect_hangs_together(kind: str) -> None:
    from scipy.ndimage import label

    for seed in range(20):
        pieces = np.bincount(label(draw(picture(128, 128), kind, 0.5, rng(seed))[1], np.ones((3, 3)))[0].ravel())[1:]
        assert pieces.max() > 0.5 * pieces.sum()


@kinds
def test_a_higher_contrast_changes_more(kind: str) -> None:
    image = picture(64, 64, 120, 136)
    weak, strong = (np.abs(draw(image, kind, contrast, rng(3))[0].astype(int) - image).mean() for contrast in (0.2, 1))
    assert strong > 2 * weak > 0


@pytest.mark.parametrize("kind", ["scratch", "blotch", "stain"])  # the others change noise by noise
def test_the_contrast_follows_the_range_of_the_image(kind: str) -> None:
    narrow, wide = picture(64, 64, 110, 146), picture(64, 64, 30, 226)
    changes = [np.abs(draw(image, kind, 0.5, rng(3))[0].astype(int) - image).mean() for image in (narrow, wide)]
    assert changes[1] > 1.5 * changes[0]


@kinds
def test_equal_seeds_draw_equal_defects_and_others_do_not(kind: str) -> None:
    image = picture(48, 40)
    assert (draw(image, kind, 0.5, rng(1))[0] == draw(image, kind, 0.5, rng(1))[0]).all()
    assert (draw(image, kind, 0.5, rng(1))[1] != draw(image, kind, 0.5, rng(2))[1]).any()


@kinds
def test_a_grey_image_stays_grey(kind: str) -> None:
    image = np.repeat(picture(40, 40)[..., :1], 3, axis=-1)
    drawn, _ = draw(image, kind, 1, rng(1))
    assert (drawn == drawn[..., :1]).all()


def test_a_stain_in_a_coloured_image_is_tinted() -> None:
    image = picture(40, 40)
    drawn, mask = draw(image, "stain", 1, rng(1))
    change = (drawn.astype(int) - image)[mask].mean(axis=0)
    assert np.ptp(change) > 2


@pytest.mark.parametrize(("level", "darker"), [(0, False), (255, True)])
def test_a_defect_turns_to_where_the_scale_leaves_room(level: int, darker: bool) -> None:
    image = np.full((32, 32, 3), level, np.uint8)
    for seed in range(10):
        drawn, mask = draw(image, "blotch", 0.5, rng(seed))
        assert abs(int(drawn[mask].mean()) - level) > 5
        assert (drawn[mask] < level).all() == darker


def test_a_pasted_patch_is_a_mirrored_piece_of_the_image() -> None:
    image = picture(160, 120, 0, 200)
    for seed in range(8):
        drawn, mask = draw(image, "cut_paste", 0.01, rng(seed))  # hardly any change of brightness
        row, column = (int(np.median(at)) for at in np.nonzero(mask))
        patch = drawn[row - 1 : row + 2, column - 1 : column + 2].astype(int)
        windows = np.lib.stride_tricks.sliding_window_view(image.astype(int), (3, 3, 3))[:, :, 0]
        differences = [np.abs(windows - turned).max(axis=(2, 3, 4)) for turned in (patch[::-1], patch[:, ::-1])]
        best = min(differences, key=np.min)
        found = np.unravel_index(best.argmin(), best.shape)
        assert best.min() <= 2
        assert max(abs(found[0] - row), abs(found[1] - column)) > 5


@pytest.mark.parametrize("shape", [(15, 40), (40, 15), (1, 1)])
def test_an_image_too_small_to_draw_on(shape: tuple[int, int]) -> None:
    with pytest.raises(UserError, match=f"an image of {shape[1]}x{shape[0]} pixels is too small"):
        draw(picture(*shape), "blotch", 0.5, rng())


def literal_perlin(
    shape: tuple[int, int], cell: float | tuple[float, float], generator: np.random.Generator
) -> np.ndarray:
    """Perlin noise a pixel and a corner at a time."""
    start, (down, right) = generator.uniform(0, 1, 2), cell if isinstance(cell, tuple) else (cell, cell)
    ends = [int((shape[0] - 1) / down + start[0]) + 2, int((shape[1] - 1) / right + start[1]) + 2]
    angles = generator.uniform(0, 2 * np.pi, ends)
    noise = np.zeros(shape)
    for row in range(shape[0]):
        for column in range(shape[1]):
            y, x = row / down + start[0], column / right + start[1]
            for corner_y in (int(y), int(y) + 1):
                for corner_x in (int(x), int(x) + 1):
                    dy, dx = y - corner_y, x - corner_x
                    weight = np.prod([1 - (6 * t**5 - 15 * t**4 + 10 * t**3) for t in (abs(dy), abs(dx))])
                    angle = angles[corner_y, corner_x]
                    noise[row, column] += weight * (np.sin(angle) * dy + np.cos(angle) * dx)
    return noise


@pytest.mark.parametrize(("shape", "cell"), [((20, 31), 7.3), ((9, 4), 2), ((5, 5), 40), ((20, 31), (10.5, 3))])
def test_perlin_noise_is_the_literal_one(shape: tuple[int, int], cell: float | tuple[float, float]) -> None:
    assert defects.perlin(shape, cell, rng(5)) == pytest.approx(literal_perlin(shape, cell, rng(5)), abs=1e-4)


def test_noise_is_smooth_centred_and_bounded() -> None:
    coarse, fine = (defects.perlin((200, 200), cell, rng(1)) for cell in (40, 4))
    for noise in (coarse, fine):
        assert np.abs(noise).max() <= 1
        assert abs(noise.mean()) < 0.1
    assert np.abs(np.diff(coarse)).mean() < 0.2 * np.abs(np.diff(fine)).mean()
    for cell in (0.1, 1, 30):
        assert np.abs(defects.fractal((30, 20), cell, rng(2))).max() == pytest.approx(1)

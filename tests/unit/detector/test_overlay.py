"""The heat over a picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from oneclass.detector.overlay import HEAT, LONGEST, OPACITY, OUTLINE, SHORTEST, overlay


def picture(width: int = 64, height: int = 64) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def spot(value: float, side: int = 64) -> np.ndarray:
    """A map that is 1 but for a square in its middle."""
    anomaly = np.ones((side, side), np.float32)
    anomaly[side // 4 : 3 * side // 4, side // 4 : 3 * side // 4] = value
    return anomaly


def outlined(image: Image.Image) -> np.ndarray:
    return (np.asarray(image) == OUTLINE).all(axis=2)


def test_a_normal_picture_stays_as_it_is() -> None:
    np.testing.assert_array_equal(np.asarray(overlay(picture(), spot(1.0), 1.0, 2.0)), np.asarray(picture()))


def test_what_is_above_the_threshold_is_outlined() -> None:
    inside = outlined(overlay(picture(), spot(2.5), 1.0, 2.0))
    square = np.zeros((64, 64), bool)
    square[16:48, 16:48] = True
    square[18:46, 18:46] = False
    np.testing.assert_array_equal(inside, square)


def test_what_is_below_the_threshold_is_coloured_but_not_outlined() -> None:
    drawn = overlay(picture(), spot(1.9), 1.0, 2.0)
    assert not outlined(drawn).any()
    changed = (np.asarray(drawn) != np.asarray(picture())).any(axis=2)
    assert changed[16:48, 16:48].mean() > 0.99
    assert not changed[:16].any()


def test_a_crop_is_coloured_in_the_middle_alone() -> None:
    drawn = np.asarray(overlay(picture(), spot(9.0, 32) + 8, 1.0, 2.0, share=0.5))
    changed = (drawn != np.asarray(picture())).any(axis=2)
    assert changed[16:48, 16:48].all()
    changed[16:48, 16:48] = False
    assert not changed.any()


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(16, 300))
def test_an_overlay_keeps_its_picture_s_proportions(width: int, height: int, side: int) -> None:
    made = overlay(Image.new("RGB", (width, height)), np.ones((side, side), np.float32), 1.0, 2.0)
    longest = max(made.size)
    usual = min(max(width, height, side), LONGEST)
    assert longest == usual or (longest > usual and min(made.size) <= SHORTEST)
    assert min(made.size) == pytest.approx(longest * min(width, height) / max(width, height), abs=1)


@pytest.mark.parametrize("size", [(64, 64), (150, 90)])
def test_colours_are_those_of_the_formula(size: tuple[int, int]) -> None:
    """By floating-point numbers, pixel by pixel; 8 bits on the way round them a little."""
    shown = picture(*size)
    anomaly = np.linspace(0.5, 1.9, 64 * 64, dtype=np.float32).reshape(64, 64)  # below the threshold: no outline
    heat = np.asarray(Image.fromarray(anomaly - 1).resize(size, Image.Resampling.BILINEAR))
    colour = HEAT[np.rint(255 * np.clip(heat / 2, 0, 1)).astype(int)]
    cover = OPACITY * np.clip(heat, 0, 1)[..., None] ** 2
    expected = np.asarray(shown) * (1 - cover) + colour * cover
    assert np.abs(np.asarray(overlay(shown, anomaly, 1.0, 2.0)) - expected).max() < 3


@pytest.mark.parametrize("threshold", [1.0, 0.5])
def test_a_threshold_at_or_below_the_level_does_no_harm(threshold: float) -> None:
    overlay(picture(), spot(1.5), 1.0, threshold)


@given(
    st.integers(1, 6000),
    st.integers(1, 120),
    st.sampled_from([1.0, 0.75]),
    st.lists(st.tuples(st.integers(0, 31), st.integers(0, 31)), max_size=3),
    st.sampled_from([2.0, np.nextafter(np.float32(2), np.float32(3)), 9.0]),
)
@settings(deadline=None)
def test_there_is_an_outline_exactly_if_a_value_is_above_the_threshold(
    width: int, height: int, share: float, places: list[tuple[int, int]], value: float
) -> None:
    anomaly = np.ones((32, 32), np.float32)
    for place in places:
        anomaly[place] = value
    for size in ((width, height), (height, width)):
        drawn = overlay(Image.new("RGB", size), anomaly, 1.0, 2.0, share)
        assert outlined(drawn).any() == (anomaly.max() > 2)


@pytest.mark.parametrize("size", [(64, 64), (6000, 40), (40, 6000), (30, 30), (3000, 3000), (1, 1)])
def test_a_picture_that_is_anomalous_everywhere_is_outlined_along_its_border(size: tuple[int, int]) -> None:
    line = outlined(overlay(Image.new("RGB", size), np.full((32, 32), 9, np.float32), 1.0, 2.0))
    assert line[[0, -1]].all() and line[:, [0, -1]].all()
    assert not line[2:-2, 2:-2].any()

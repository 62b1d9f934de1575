"""The heat over a picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from oneclass.detector.overlay import LONGEST, OUTLINE, overlay


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
    assert longest == min(max(width, height, side), LONGEST)
    assert min(made.size) == pytest.approx(longest * min(width, height) / max(width, height), abs=1)


@pytest.mark.parametrize("threshold", [1.0, 0.5])
def test_a_threshold_at_or_below_the_level_does_no_harm(threshold: float) -> None:
    overlay(picture(), spot(1.5), 1.0, threshold)

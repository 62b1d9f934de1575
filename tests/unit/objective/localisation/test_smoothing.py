"""Smoothed maps against interpolation and filter, one after the other."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from torch.nn import functional

from oneclass.objective.localisation import smoothing


@given(st.integers(1, 40), st.integers(1, 40))
def test_interpolation_is_torchs(fine: int, coarse: int) -> None:
    values = torch.rand(1, 1, coarse, dtype=torch.float64)
    expected = functional.interpolate(values, fine, mode="linear", align_corners=False)
    found = smoothing.interpolation(fine, coarse) @ values[0, 0].numpy()
    np.testing.assert_allclose(found, expected[0, 0], atol=1e-6)


@pytest.mark.parametrize(("side", "image", "sigma"), [(56, 224, 4.0), (7, 32, 2.0), (16, 16, 1.0), (8, 32, 0.0)])
def test_smoothing_is_interpolation_and_then_a_gaussian(side: int, image: int, sigma: float) -> None:
    distance = np.random.default_rng(0).random((3, side, side)).astype(np.float32)
    upsampled = functional.interpolate(torch.from_numpy(distance)[None], (image, image), mode="bilinear")[0].numpy()
    smoothed = [gaussian_filter(m, sigma, mode="reflect", truncate=4) if sigma else m for m in upsampled]
    np.testing.assert_allclose(smoothing.smooth(distance, image, sigma), smoothed, atol=1e-6)


def test_an_image_scores_the_maximum_of_its_smoothed_map() -> None:
    distance = np.random.default_rng(0).random((2, 70, 5, 5)).astype(np.float32)  # more than one chunk
    scores = smoothing.image_scores(distance, 20, 2.0)
    assert scores.shape == (2, 70)
    np.testing.assert_allclose(scores[1, 66], smoothing.smooth(distance[1, 66], 20, 2.0).max(), rtol=1e-6)

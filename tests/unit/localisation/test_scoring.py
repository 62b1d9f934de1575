"""Smoothed maps and distances against their literal forms."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch.nn import functional

from oneclass.localisation import scoring
from oneclass.localisation.category import Category
from oneclass.localisation.maps import align
from oneclass.objective.projector import Projectors


@pytest.mark.parametrize(("side", "image", "sigma"), [(56, 224, 4.0), (7, 32, 2.0), (16, 16, 1.0), (8, 32, 0.0)])
def test_smoothing_is_interpolation_and_then_a_gaussian(side: int, image: int, sigma: float) -> None:
    distance = np.random.default_rng(0).random((3, side, side)).astype(np.float32)
    upsampled = functional.interpolate(torch.from_numpy(distance)[None], (image, image), mode="bilinear")[0].numpy()
    smoothed = [gaussian_filter(m, sigma, mode="reflect", truncate=4) if sigma else m for m in upsampled]
    np.testing.assert_allclose(scoring.smooth(distance, image, sigma), smoothed, atol=1e-6)


def test_an_image_scores_the_maximum_of_its_smoothed_map() -> None:
    distance = np.random.default_rng(0).random((2, 70, 5, 5)).astype(np.float32)  # more than one chunk
    scores = scoring.image_scores(distance, 20, 2.0)
    assert scores.shape == (2, 70)
    np.testing.assert_allclose(scores[1, 66], scoring.smooth(distance[1, 66], 20, 2.0).max(), rtol=1e-6)


def test_distances_are_those_of_the_aligned_features(category: Callable[..., Category]) -> None:
    one = category()
    generator = torch.Generator().manual_seed(0)
    projectors = Projectors(*(torch.randn(2, *shape, generator=generator) for shape in ((15, 15), (15,), (15,))))
    scored = scoring.score(projectors, one.source, one.test)
    features = align(next(iter(one.source.batches(one.test, 10))))
    z = torch.einsum("ed,bdhw->behw", projectors.weight[1], features) + projectors.bias[1][:, None, None]
    distance = (z - projectors.center[1][:, None, None]).norm(dim=1)
    torch.testing.assert_close(torch.from_numpy(scored.distance[1]), distance, rtol=1e-4, atol=1e-4)
    place = divmod(int(distance[7].argmax()), 8)
    farthest = z[7, :, place[0], place[1]]
    assert scored.norm[1, 7] == pytest.approx(float(farthest.norm()), rel=1e-4)
    cosine = torch.cosine_similarity(farthest, projectors.center[1], dim=0)
    assert scored.cosine[1, 7] == pytest.approx(float(cosine), abs=1e-4)

import numpy as np
import torch

from oneclass.baselines.small import SIDE
from oneclass.baselines.svdd import score_images
from oneclass.objective.methods.ocsvm import score_vectors


def images(count: int, side: int, level: int, seed: int = 0) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return level + torch.randint(40, (count, 3, side, side), generator=random, dtype=torch.uint8)


def test_images_of_another_shade_score_higher() -> None:
    train, same, other = images(30, 8, 50), images(10, 8, 50, 1), images(10, 8, 150, 2)
    scores = score_images(train, torch.cat([same, other]), 0, "cpu")
    assert scores.dtype == np.float32 and scores.shape == (20,)
    assert scores[:10].max() < scores[10:].min()


def test_small_images_are_compared_pixel_by_pixel() -> None:
    train, test = images(30, 8, 50), images(10, 8, 60, 1)
    expected = score_vectors(*(part.flatten(1).numpy().astype(np.float32) / 255 for part in (train, test)))
    np.testing.assert_allclose(score_images(train, test, 0, "cpu"), expected, rtol=1e-5)


def test_large_images_are_averaged_down() -> None:
    train, test = images(12, SIDE, 50), images(6, SIDE, 90, 1)
    larger = (part.repeat_interleave(3, 2).repeat_interleave(3, 3) for part in (train, test))
    np.testing.assert_allclose(
        score_images(*larger, 0, "cpu"), score_images(train, test, 0, "cpu"), rtol=1e-4, atol=1e-6
    )

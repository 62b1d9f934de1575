"""CSI's batches, loss and score against loops, and what training does."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity, normalize

from oneclass.baselines import csi
from oneclass.training.weights import drawn

OPTIONS = {"epochs": 10, "batch": 8, "rate": 1.0, "width": 1 / 16, "side": 8, "views": 2}


def random(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def images(count: int, seed: int = 1) -> Tensor:
    """Images that are dark at the top left, brighter by rows and columns, and random a little."""
    drawing = torch.Generator().manual_seed(seed)
    ramp = torch.arange(8)[:, None] * 20 + torch.arange(8) * 9
    return (ramp + torch.randint(0, 40, (count, 3, 8, 8), generator=drawing)).to(torch.uint8)


def test_a_batch_has_two_views_in_each_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csi, "view", lambda images, share, random: images)
    monkeypatch.setattr(csi, "mirrored", lambda images, random: images)
    some = random(3, 3, 4, 4)
    found = csi.shifted(some, torch.Generator()).view(2, 4, 3, 3, 4, 4)
    for turn in range(4):
        expected = torch.rot90(some, turn, (2, 3))
        assert torch.equal(found[0, turn], expected) and torch.equal(found[1, turn], expected)


def test_only_the_other_view_in_the_same_turn_is_alike() -> None:
    z, logits = random(16, 5), random(16, 4, seed=2)  # two images
    unit, contrast, turn = normalize(z), 0.0, 0.0
    for i in range(16):
        others = sum(math.exp(unit[i] @ unit[k] / 0.5) for k in range(16) if k != i)
        contrast -= math.log(math.exp(unit[i] @ unit[(i + 8) % 16] / 0.5) / others) / 16
        right = (i % 8) // 2
        turn -= math.log(logits[i].softmax(0)[right]) / 16
    assert float(csi.loss(z, logits)) == pytest.approx(contrast + turn)


def test_the_score_is_the_paper_s_ensemble() -> None:
    known, new = (random(4, 6, 5), random(4, 6, seed=2).abs()), (random(4, 3, 5, seed=3), random(4, 3, seed=4))
    expected = np.zeros(3)
    for shift in range(4):
        scale, sure = known[0][shift].norm(dim=1).mean(), known[1][shift].mean()
        for k in range(3):
            z = new[0][shift, k]
            nearest = max(float(cosine_similarity(z, m, dim=0)) for m in known[0][shift])
            expected[k] += (nearest * z.norm() / scale + new[1][shift, k] / sure) / 4
    assert csi.normality(known, new).numpy() == pytest.approx(expected)


def test_what_is_scored_is_the_mean_over_views(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csi, "TOGETHER", 2)
    network = drawn(partial(csi.Network, 1 / 16), 1).eval()
    z, right = csi.seen(network, images(5), 3, seed=1)
    assert z.shape == (4, 5, csi.DIMENSIONS) and right.shape == (4, 5)
    monkeypatch.setattr(csi, "view", lambda images, share, random: images)
    monkeypatch.setattr(csi, "mirrored", lambda images, random: images)
    z, right = csi.seen(network, images(5), 3, seed=1)
    for turn in range(4):
        expected, logits = network(torch.rot90(images(5) / 255, turn, (2, 3)))
        torch.testing.assert_close(z[turn], expected.detach(), atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(right[turn], logits[:, turn].detach(), atol=1e-5, rtol=1e-4)


def test_the_rate_rises_and_falls() -> None:
    rates = [csi.learning_rate(2, step, 1000) for step in range(1000)]
    assert rates[0] == pytest.approx(0.2) and rates[5] == pytest.approx(2 * 0.55) and rates[10] == 2
    assert rates[510] == pytest.approx(1) and rates[999] < 0.01
    assert csi.learning_rate(2, 0, 40) == pytest.approx(0.2)


def test_turned_images_are_anomalous_and_the_seed_decides() -> None:
    train, test = images(24), torch.cat([images(6, 2), images(6, 3).flip(2)])
    scores = csi.score_images(train, test, 1, "cpu", **OPTIONS)
    assert scores.shape == (12,) and scores.dtype == np.float32
    assert (scores[:6, None] < scores[None, 6:]).mean() > 0.8
    assert np.array_equal(scores, csi.score_images(train, test, 1, "cpu", **OPTIONS))
    assert not np.array_equal(scores, csi.score_images(train, test, 2, "cpu", **OPTIONS))

"""GT's answers, fit and score against loops, and what training does."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor

from oneclass.baselines import dirichlet, gt
from oneclass.baselines.transformations import ALL, tables, transformed
from oneclass.baselines.wide_resnet import WideResNet
from oneclass.training.weights import drawn

OPTIONS = {"epochs": 1, "blocks": 1, "width": 0.25, "side": 8}


def images(count: int, seed: int = 1, low: int = 0) -> Tensor:
    """Images that are dark at the top left, brighter by rows and columns, and random a little."""
    random = torch.Generator().manual_seed(seed)
    ramp = torch.arange(8)[:, None] * 20 + torch.arange(8) * 9
    return (ramp + torch.randint(low, 40, (count, 3, 8, 8), generator=random)).clamp(0, 255).to(torch.uint8)


@pytest.fixture
def network() -> WideResNet:
    return drawn(partial(WideResNet, 1, 0.25, [72]), 1).eval()


def test_answers_are_those_to_each_transformed_image(network: WideResNet) -> None:
    some, by = images(3), tables(ALL, 8)
    answers = gt.log_answers(network, some, by)
    assert answers.shape == (72, 3, 72)
    for k in (0, 17, 71):
        for b in range(3):
            logits = network(transformed(some[b : b + 1], by[k]))[0][0].double()
            torch.testing.assert_close(answers[k, b], logits - logits.exp().sum().log(), atol=1e-5, rtol=0)


def test_the_score_is_the_paper_s_sum() -> None:
    alpha = torch.tensor([[2.0, 0.5], [1.5, 3.0]])
    answers = torch.tensor([[[0.25, 0.75]], [[0.4, 0.6]]]).log()
    expected = (1 * math.log(0.25) - 0.5 * math.log(0.75) + 0.5 * math.log(0.4) + 2 * math.log(0.6)) / 2
    assert float(gt.score(answers, alpha)) == pytest.approx(expected)


def test_the_distributions_are_those_of_all_normal_images(network: WideResNet, monkeypatch: pytest.MonkeyPatch) -> None:
    some, by = images(5), tables(ALL, 8)
    answers = gt.log_answers(network, some, by)
    expected = dirichlet.fit(answers.exp().mean(1), answers.mean(1))
    monkeypatch.setattr(gt, "TOGETHER", 2)
    torch.testing.assert_close(gt.fit(network, some, by), expected, rtol=1e-4, atol=1e-6)


def test_each_image_is_seen_under_each_transformation_in_each_epoch() -> None:
    epochs = torch.cat(list(gt.batches(300, 2, torch.Generator().manual_seed(1)))).view(2, 300)
    assert torch.equal(epochs.sort(1).values, torch.arange(300).expand(2, 300))
    assert not torch.equal(epochs[0], epochs[1])


def test_turned_images_are_anomalous_and_the_seed_decides() -> None:
    train, test = images(24), torch.cat([images(4, 2), images(4, 3).flip(2)])
    scores = gt.score_images(train, test, 1, "cpu", **OPTIONS)
    assert scores.shape == (8,) and scores.dtype == np.float32
    assert scores[:4].max() < scores[4:].min()
    assert np.array_equal(scores, gt.score_images(train, test, 1, "cpu", **OPTIONS))
    assert not np.array_equal(scores, gt.score_images(train, test, 2, "cpu", **OPTIONS))

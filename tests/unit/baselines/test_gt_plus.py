"""GT+'s heads, losses and score against loops, and what training and outliers do."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor

from oneclass.baselines import gt_plus
from oneclass.baselines.transformations import MOVED_AND_TURNED, tables, transformed
from oneclass.baselines.wide_resnet import WideResNet
from oneclass.training.weights import drawn

OPTIONS = {"epochs": 2, "blocks": 1, "width": 0.25, "side": 8}


def images(count: int, seed: int = 1) -> Tensor:
    """Images that are dark at the top left, brighter by rows and columns, and random a little."""
    random = torch.Generator().manual_seed(seed)
    ramp = torch.arange(8)[:, None] * 20 + torch.arange(8) * 9
    return (ramp + torch.randint(0, 40, (count, 3, 8, 8), generator=random)).to(torch.uint8)


def test_the_loss_is_the_mean_of_the_heads() -> None:
    logits = torch.tensor([[0.0, math.log(3)]]), torch.tensor([[math.log(2), 0.0, 0.0]])
    assert float(gt_plus.told_apart(logits, torch.tensor([[1, 0]]))) == pytest.approx(
        -(math.log(3 / 4) + math.log(2 / 4)) / 2
    )


def test_outliers_are_to_leave_each_head_undecided() -> None:
    logits = torch.tensor([[0.0, math.log(3)]]), torch.tensor([[math.log(2), 0.0, 0.0]])
    uniform = [-(math.log(1 / 4) + math.log(3 / 4)) / 2, -(math.log(2 / 4) + 2 * math.log(1 / 4)) / 3]
    assert float(gt_plus.unsure(logits)) == pytest.approx(sum(uniform) / 2)
    assert float(gt_plus.unsure((torch.zeros(2, 4),))) == pytest.approx(math.log(4))


def test_an_image_is_seen_in_each_turn_of_its_move() -> None:
    some, random = images(3), torch.Generator().manual_seed(1)
    taken, kinds = gt_plus.seen(some, torch.tensor([2 * 9 + 5, 7]), random)
    assert taken.shape == (8, 3, 8, 8) and torch.equal(taken[4:], taken[4:5].expand(4, 3, 8, 8))
    moves = [(MOVED_AND_TURNED[k].right, MOVED_AND_TURNED[k].down, MOVED_AND_TURNED[k].turns) for k in kinds]
    assert moves == [(-1, 1, turn) for turn in range(4)] + [(1, -1, turn) for turn in range(4)]
    [right, down, turns] = gt_plus.TARGETS[kinds].T.tolist()
    assert [(gt_plus.MOVES[a], gt_plus.MOVES[b], c) for a, b, c in zip(right, down, turns, strict=True)] == moves


def test_each_image_is_moved_in_each_way_beside_as_many_outliers() -> None:
    found = list(gt_plus.batches(20, 4, 2, torch.Generator().manual_seed(1)))
    normal, outliers = (torch.cat(rows) for rows in zip(*found, strict=True))
    assert torch.equal(normal.view(2, 180).sort(1).values, torch.arange(180).expand(2, 180))
    assert len(outliers) == 360 and outliers.bincount().tolist() == [10] * 36
    alone = gt_plus.batches(20, 0, 1, torch.Generator().manual_seed(1))
    assert not any(len(rows) for _, rows in alone)


def test_the_score_sums_the_right_probabilities() -> None:
    network = drawn(partial(WideResNet, 1, 0.25, gt_plus.HEADS), 1).eval()
    some, by = images(2), tables(MOVED_AND_TURNED, 8)
    expected = np.zeros(2)
    for one, table in zip(MOVED_AND_TURNED, by, strict=True):
        right, down, turns = (head.softmax(1).detach().numpy() for head in network(transformed(some, table)))
        expected += right[:, [0, -1, 1].index(one.right)] + down[:, [0, -1, 1].index(one.down)] + turns[:, one.turns]
    assert gt_plus.sureness(network, some, by).numpy() == pytest.approx(expected, rel=1e-5)


def test_turned_images_are_anomalous_and_the_seed_decides() -> None:
    train, test = images(24), torch.cat([images(4, 2), images(4, 3).flip(2)])
    scores = gt_plus.score_images(train, test, 1, "cpu", **OPTIONS)
    assert scores.shape == (8,) and scores.dtype == np.float32
    assert scores[:4].max() < scores[4:].min()
    assert np.array_equal(scores, gt_plus.score_images(train, test, 1, "cpu", **OPTIONS))
    assert not np.array_equal(scores, gt_plus.score_images(train, test, 2, "cpu", **OPTIONS))


def test_outliers_in_training_make_their_kind_more_anomalous() -> None:
    odd = (images(8, 3).flip(2).float() * 0.5).to(torch.uint8)
    train, test = images(24), torch.cat([images(4, 2), odd[:4]])
    without, shown = (
        gt_plus.score_images(train, test, 1, "cpu", outliers=outliers, **OPTIONS | {"epochs": 5})
        for outliers in (None, odd[4:])
    )
    margin = shown[4:].mean() - shown[:4].mean()
    assert margin > without[4:].mean() - without[:4].mean()

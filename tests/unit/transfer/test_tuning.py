"""Descent is PyTorch's SGD after PyTorch's clipping; batches pass through all images, epoch by epoch."""

from collections.abc import Iterator

import pytest
import torch
from torch import Generator, nn
from torch.nn.utils import clip_grad_norm_

from oneclass.transfer.tuning import Descent, Schedule, batches, fine_tune

SCHEDULE = Schedule(5, 4, 0.1, 0.9, 0.01, 0.05)


@pytest.mark.parametrize("clip", [None, 0.05, 1e6])
def test_descent_is_sgd(clip: float | None) -> None:
    weights = [torch.randn(3, 4), torch.randn(5)]
    ours, theirs = ([nn.Parameter(w.clone()) for w in weights] for _ in range(2))
    descent = Descent(ours, Schedule(5, 4, 0.1, 0.9, 0.01, clip))
    optimiser = torch.optim.SGD(theirs, lr=0.1, momentum=0.9, weight_decay=0.01)
    for step in range(4):
        descent.step((ours[0].square().sum() * (step + 1)) + ours[1].sin().sum())
        optimiser.zero_grad()
        ((theirs[0].square().sum() * (step + 1)) + theirs[1].sin().sum()).backward()
        if clip is not None:
            clip_grad_norm_(theirs, clip)
        optimiser.step()
    torch.testing.assert_close([p.data for p in ours], [p.data for p in theirs])


def test_batches_are_epochs() -> None:
    found = list(batches(10, SCHEDULE, Generator().manual_seed(0)))
    assert [len(rows) for rows in found] == [4, 4, 2, 4, 4]
    assert sorted(torch.cat(found[:3]).tolist()) == list(range(10))
    assert torch.cat(found[3:]).tolist() != torch.cat(found[:2]).tolist()


def test_a_loss_that_is_not_finite_is_an_error() -> None:
    back = nn.Linear(1, 1)
    orders: Iterator[torch.Tensor] = iter([torch.tensor([0])])
    with pytest.raises(ValueError, match=r"diverged in step 0; use a smaller learning_rate"):
        fine_tune(back, list(back.parameters()), lambda rows: back.weight.sum() * torch.inf, orders, SCHEDULE)

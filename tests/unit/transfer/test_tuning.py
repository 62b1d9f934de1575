"""Fine-tuning descends as PyTorch's SGD does; batches pass through all images, epoch by epoch."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import Generator, Tensor, nn
from torch.nn.utils import clip_grad_norm_

from oneclass.transfer.tuning import Descent, batches, fine_tune

DESCENT = Descent(5, 4, 0.1, 0.9, 0.01, 0.05)


def test_batches_are_epochs() -> None:
    found = list(batches(10, DESCENT, Generator().manual_seed(0)))
    assert [len(rows) for rows in found] == [4, 4, 2, 4, 4]
    assert sorted(torch.cat(found[:3]).tolist()) == list(range(10))
    assert torch.cat(found[3:]).tolist() != torch.cat(found[:2]).tolist()


@pytest.mark.parametrize("clip", [None, 0.05, 1e6])
def test_fine_tuning_is_sgd(clip: float | None) -> None:
    """On each batch in its order; a parameter that the loss does not depend on only decays."""
    random = Generator().manual_seed(0)
    x = torch.randn(10, 3, generator=random)
    ours, theirs = nn.Linear(3, 2), nn.Linear(3, 2)
    theirs.load_state_dict(ours.state_dict())
    descent = replace(DESCENT, clip=clip)
    optimiser = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01)
    orders = list(batches(10, descent, random))

    def loss(layer: nn.Linear, rows: Tensor) -> Tensor:
        return (x[rows] @ layer.weight.T).square().mean()

    tuned = fine_tune(ours, list(ours.parameters()), lambda rows: loss(ours, rows), iter(orders), descent)
    for rows in orders:
        optimiser.zero_grad()
        theirs.bias.grad = torch.zeros(2)
        loss(theirs, rows).backward()
        if clip is not None:
            clip_grad_norm_(theirs.parameters(), clip)
        optimiser.step()
    assert tuned is ours
    torch.testing.assert_close([p.data for p in ours.parameters()], [p.data for p in theirs.parameters()])


def test_a_loss_that_is_not_finite_is_an_error() -> None:
    back = nn.Linear(1, 1)
    orders: Iterator[Tensor] = iter([torch.tensor([0])])
    with pytest.raises(ValueError, match=r"fine-tuning diverged in step 0: .*use a smaller learning rate"):
        fine_tune(back, list(back.parameters()), lambda rows: back.weight.sum() * torch.inf, orders, DESCENT)

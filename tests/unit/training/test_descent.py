"""Steps, learning rates, and what happens when training diverges."""

import math

import pytest
import torch
from torch import nn

from oneclass.training.descent import along_cosine, cosine, descend
from oneclass.training.optimisers import Momentum


def test_each_batch_is_a_step_at_its_own_rate() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.ones_(network.weight)
    steps = Momentum(network.parameters(), 0, 0)
    descend("it", steps, [(2.0, 0.1), (3.0, 0.01)], lambda batch: network.weight.sum() * batch)
    assert network.weight.item() == pytest.approx(1 - 0.1 * 2 - 0.01 * 3)


def test_what_a_loss_does_not_depend_on_stays() -> None:
    used, unused = nn.Parameter(torch.ones(())), nn.Parameter(torch.ones(()))
    descend("it", Momentum([used, unused], 0, 0), [(2.0, 0.1)], lambda batch: used * batch)
    assert used.item() == pytest.approx(0.8) and unused.item() == 1


def test_a_loss_that_is_not_finite_ends_it() -> None:
    network = nn.Linear(1, 1, bias=False)
    optimiser = Momentum(network.parameters(), 0, 0)
    with pytest.raises(ValueError, match="it diverged in step 1: the loss is not finite; use a smaller learning rate"):
        descend("it", optimiser, [(1.0, 0.1), (math.inf, 0.1)], lambda batch: network.weight.sum() * batch)


def test_half_a_cosine() -> None:
    assert cosine(1, 0.2, 0, 8) == 1 and cosine(1, 0.2, 4, 8) == pytest.approx(0.6)
    assert cosine(1, 0.2, 8, 8) == pytest.approx(0.2)
    assert torch.tensor([cosine(1, 0, k, 8) for k in range(9)]).diff().max() < 0
    assert along_cosine(["a", "b"], 1, 0) == [("a", 1), ("b", pytest.approx(0.5))]

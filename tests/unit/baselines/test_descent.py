"""Steps, learning rates, and what happens when training diverges."""

import math

import pytest
import torch
from torch import nn

from oneclass.baselines.descent import cosine, descend
from oneclass.training.optimisers import Momentum


def test_each_batch_is_a_step_at_its_own_rate() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.ones_(network.weight)
    steps = Momentum(network.parameters(), 0, 0)
    descend(network, steps, [2.0, 3.0], lambda batch: network.weight.sum() * batch, lambda step: [0.1, 0.01][step])
    assert network.weight.item() == pytest.approx(1 - 0.1 * 2 - 0.01 * 3)
    assert not network.training


def test_a_loss_that_is_not_finite_ends_it() -> None:
    network = nn.Linear(1, 1, bias=False)
    optimiser = Momentum(network.parameters(), 0, 0)
    with pytest.raises(ValueError, match="diverged in step 1"):
        descend(network, optimiser, [1.0, math.inf], lambda batch: network.weight.sum() * batch, lambda step: 0.1)


def test_half_a_cosine() -> None:
    assert cosine(1, 0.2, 0, 8) == 1 and cosine(1, 0.2, 4, 8) == pytest.approx(0.6)
    assert cosine(1, 0.2, 8, 8) == pytest.approx(0.2)
    assert torch.tensor([cosine(1, 0, k, 8) for k in range(9)]).diff().max() < 0

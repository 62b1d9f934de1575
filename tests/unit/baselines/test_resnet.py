"""The network's shape, and its blocks."""

from functools import partial

import pytest
import torch
from torch import nn

from oneclass.baselines.resnet import Block, ResNet18
from oneclass.training.weights import drawn


def test_it_has_a_resnet_18_s_weights() -> None:
    network = drawn(partial(ResNet18, 1), 1)
    assert network.outputs == 512
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(11.17e6, rel=0.001)


def test_it_gives_features_of_images_of_any_size() -> None:
    network = drawn(partial(ResNet18, 1 / 16), 1).eval()
    assert network(torch.rand(2, 3, 16, 16)).shape == network(torch.rand(2, 3, 20, 20)).shape == (2, 32)


def test_a_block_adds_what_it_was_given() -> None:
    block = drawn(partial(Block, 4, 4, 1), 1)
    nn.init.zeros_(block.last.weight)
    x = torch.randn(2, 4, 6, 6)
    assert torch.equal(block(x), x.relu())
    assert drawn(partial(Block, 4, 8, 2), 1)(x).shape == (2, 8, 3, 3)

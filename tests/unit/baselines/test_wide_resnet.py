"""The network's shape, and where its first weights come from."""

from functools import partial

import pytest
import torch
from torch import nn

from oneclass.baselines.wide_resnet import Block, WideResNet
from oneclass.training.weights import drawn

SMALL = partial(WideResNet, 1, 0.5, [3, 4])


def test_a_10_4_has_its_paper_s_layers_and_weights() -> None:
    network = drawn(partial(WideResNet, 1, 4, [72]), 1)
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    channels = [one.out_channels for one in convolutions if one.kernel_size == (3, 3)]
    assert channels == [16, 64, 64, 128, 128, 256, 256]
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(1.2e6, rel=0.05)


def test_each_head_has_its_logits() -> None:
    network = drawn(SMALL, 1).eval()
    images = torch.randint(0, 256, (5, 3, 12, 12), dtype=torch.uint8)
    assert [logits.shape for logits in network(images)] == [(5, 3), (5, 4)]


def test_a_block_adds_what_it_was_given() -> None:
    block = drawn(partial(Block, 4, 4, 1), 1)
    nn.init.zeros_(block.last.weight)
    x = torch.randn(2, 4, 6, 6)
    assert torch.equal(block(x), x)
    wider = drawn(partial(Block, 4, 8, 2), 1)
    assert wider(x).shape == (2, 8, 3, 3)


def test_convolutions_start_with_he_s_deviation() -> None:
    weight = drawn(partial(WideResNet, 1, 4, [2]), 1).stages[3].last.weight.detach()
    assert float(weight.std()) == pytest.approx((2 / weight[0].numel()) ** 0.5, rel=0.01)

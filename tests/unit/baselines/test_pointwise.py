"""The convolution that stands in for PyTorch's own gives what that gives."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from oneclass.baselines.pointwise import Pointwise


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.usefixtures("double")
def test_it_is_a_convolution_of_a_stride(stride: int) -> None:
    mine, theirs = Pointwise(12, 5, stride), nn.Conv2d(12, 5, 1, stride, bias=False)
    theirs.load_state_dict(mine.state_dict())
    x = torch.randn(3, 12, 7, 9)
    for convolution in (mine, theirs):
        convolution(x).square().sum().backward()
    assert torch.allclose(mine(x), theirs(x))
    assert mine.weight.grad is not None and theirs.weight.grad is not None
    assert torch.allclose(mine.weight.grad, theirs.weight.grad)


def test_narrow_networks_are_trained_with_channels_last() -> None:
    """In a process of its own, which PyTorch's convolution ends on some CPUs."""
    train = """
import torch
from oneclass.baselines.resnet import ResNet18
from oneclass.baselines.wide_resnet import WideResNet
for _ in range(3):
    for network in (WideResNet(1, 0.25, [4]), ResNet18(0.05)):
        found = network(torch.rand(64, 3, 16, 16))
        (found[0] if isinstance(found, tuple) else found).square().sum().backward()
"""
    done = subprocess.run([sys.executable, "-c", train], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

"""Convolutions by Fourier transforms, against PyTorch's."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import conv2d

from oneclass.exposure.networks import fourier, lenet


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@given(n=st.integers(1, 17), reach=st.integers(0, 3), a=st.integers(1, 3), b=st.integers(1, 3), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_values_and_gradients_are_those_of_the_sum(n: int, reach: int, a: int, b: int, seed: int) -> None:
    taps = 2 * reach + 1
    inputs = random(2, a, n, n, seed=seed), random(b, a, taps, taps, seed=seed + 1), random(b, seed=seed + 2)
    for tensor in inputs:
        tensor.requires_grad_()
    ours, literal = fourier.convolved(*inputs), conv2d(*inputs, padding=reach)
    torch.testing.assert_close(ours, literal)
    weights = random(*literal.shape, seed=seed + 3)
    gradients = torch.autograd.grad(ours, inputs, weights)
    torch.testing.assert_close(gradients, torch.autograd.grad(literal, inputs, weights))


@pytest.mark.parametrize(("n", "a", "b"), [(16, 32, 64), (8, 64, 128)])
def test_float32_is_rounded_as_finely_as_pytorch_does(n: int, a: int, b: int) -> None:
    inputs = random(8, a, n, n).float(), random(b, a, 5, 5, seed=1).float() / 40, random(b, seed=2).float()
    exact = conv2d(*(tensor.double() for tensor in inputs), padding=2)
    ours, literal = ((y - exact).abs().mean() for y in (fourier.convolved(*inputs), conv2d(*inputs, padding=2)))
    assert 0 < ours < 1.5 * literal


def test_maps_come_in_channels_last_without_an_offset_too() -> None:
    x, weight = random(2, 3, 8, 8), random(5, 3, 5, 5)
    y = fourier.convolved(x, weight)
    assert y.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(y, conv2d(x, weight, padding=2), check_stride=False)


def test_a_wide_lenet_trains_by_them_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(x: Tensor, *rest: Any) -> Tensor:
        calls.append(x.shape[1])
        return convolved(x, *rest)

    convolved = fourier.convolved
    monkeypatch.setattr(fourier, "convolved", counted)
    images = random(32, 3, 32, 32).float()
    lenet.LeNet(0.25)(images)
    lenet.LeNet(1, "bfloat16")(images)
    lenet.LeNet(1).eval()(images)
    lenet.LeNet(1)(images[1:])
    assert not calls
    lenet.LeNet(1)(images)
    assert calls == [32, 64]

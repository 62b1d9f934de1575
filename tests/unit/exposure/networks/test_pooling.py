"""Normalisation, ReLU and pooling in one, against PyTorch's own on the copies that the counts stand for."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, max_pool2d

from oneclass.exposure.networks import pooling
from oneclass.exposure.networks.pooling import normalised_and_pooled

SLOPE = 0.01


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def norms(channels: int, signs: list[float]) -> tuple[nn.BatchNorm2d, nn.BatchNorm2d]:
    """Two of the same, whose scales have ``signs``."""
    both = nn.BatchNorm2d(channels, eps=1e-4).double(), nn.BatchNorm2d(channels, eps=1e-4).double()
    for norm in both:
        norm.weight.data = random(channels, seed=1).abs() * torch.tensor(signs)
        norm.bias.data = random(channels, seed=2)
    return both


@given(
    counts=st.lists(st.integers(1, 5), min_size=2, max_size=5),
    signs=st.lists(st.sampled_from([-1.0, 1.0]), min_size=3, max_size=3),
    last=st.booleans(),
    at_once=st.sampled_from([1, 2, 5]),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=25)
def test_values_and_gradients_are_those_of_the_copies(
    counts: list[int], signs: list[float], last: bool, at_once: int, seed: int
) -> None:
    ours, literal = norms(3, signs)
    times = torch.tensor(counts)
    x = (random(len(counts), 3, 4, 6, seed=seed) + 2).contiguous(
        memory_format=torch.channels_last if last else torch.contiguous_format
    )
    x.requires_grad_()
    weights = random(len(counts), 3, 2, 3, seed=seed + 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pooling, "_PART", at_once * x[0].numel())
        out, mean, variance = normalised_and_pooled(ours, x, times.double(), SLOPE)
        (out * weights * times[:, None, None, None]).sum().backward()
    copies = x.detach().repeat_interleave(times, 0)
    copies.requires_grad_()
    expected = max_pool2d(leaky_relu(literal(copies), SLOPE), 2)
    torch.testing.assert_close(out.repeat_interleave(times, 0), expected)
    torch.testing.assert_close(mean, copies.mean((0, 2, 3)))
    torch.testing.assert_close(variance, copies.var((0, 2, 3), correction=0))

    (expected * weights.repeat_interleave(times, 0)).sum().backward()
    assert x.grad is not None and copies.grad is not None
    summed = torch.stack([part.sum(0) for part in copies.grad.split(counts)])
    torch.testing.assert_close(x.grad, summed, rtol=1e-7, atol=1e-10)
    for one, two in zip(ours.parameters(), literal.parameters(), strict=True):
        torch.testing.assert_close(one.grad, two.grad, rtol=1e-7, atol=1e-10)


def test_a_constant_channel_is_no_trouble() -> None:
    norm, _ = norms(2, [1.0, 1.0])
    x = torch.full((2, 2, 4, 4), 7.0, dtype=torch.float64, requires_grad=True)
    out, _, variance = normalised_and_pooled(norm, x, torch.tensor([1.0, 3.0]).double(), SLOPE)
    assert variance.tolist() == pytest.approx([0, 0])
    out.sum().backward()
    assert x.grad is not None and x.grad.isfinite().all()


@pytest.mark.parametrize("signs", [[1.0, 1.0], [1.0, -1.0]])
def test_values_in_bfloat16_are_taken_as_they_are_and_their_gradient_is_rounded(signs: list[float]) -> None:
    one, other = (norm.float() for norm in norms(2, signs))
    rounded = random(3, 2, 4, 4).bfloat16().requires_grad_()
    exact = rounded.detach().float().requires_grad_()
    counts, weights = torch.tensor([1, 1, 4]), random(3, 2, 2, 2, seed=1).float()
    outs = [normalised_and_pooled(norm, y, counts, SLOPE)[0] for norm, y in ((one, rounded), (other, exact))]
    for out in outs:
        (out * weights).sum().backward()
    assert outs[0].dtype == torch.float32
    assert torch.equal(outs[0], outs[1])
    assert rounded.grad is not None and exact.grad is not None
    assert torch.equal(rounded.grad, exact.grad.bfloat16())

"""The functional forms of optimisers step as PyTorch's classes do."""

import pytest
import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from oneclass.training.optimisers import Adam, Lars, Momentum, Nesterov

SHAPES = [(3, 4), (5,)]
RATES = [0.1, 0.1, 0.1, 0.01, 0.01]


def gradients(step: int, dtype: torch.dtype = torch.float32) -> list[Tensor]:
    random = torch.Generator().manual_seed(step)
    return [torch.randn(shape, generator=random, dtype=dtype) for shape in SHAPES]


def steps(
    ours: Adam | Nesterov | Momentum,
    literal: torch.optim.Optimizer,
    dtype: torch.dtype = torch.float32,
    clip: float | None = None,
) -> None:
    """Take the same steps with both, at a rate that falls."""
    [group] = literal.param_groups
    for step, rate in enumerate(RATES, start=1):
        ours.step(gradients(step, dtype), rate)
        group["lr"] = rate
        for parameter, gradient in zip(group["params"], gradients(step, dtype), strict=True):
            parameter.grad = gradient
        if clip is not None:
            clip_grad_norm_(group["params"], clip)
        literal.step()


def start(dtype: torch.dtype = torch.float32) -> tuple[list[Tensor], list[Tensor]]:
    """The same parameters twice, to step with ours and with PyTorch's."""
    ours = gradients(0, dtype)
    return ours, [parameter.clone().requires_grad_() for parameter in ours]


def require_same(ours: list[Tensor], theirs: list[Tensor]) -> None:
    for mine, other, before in zip(ours, theirs, gradients(0, ours[0].dtype), strict=True):
        torch.testing.assert_close(mine, other.detach())
        assert not torch.equal(mine, before)


@pytest.mark.parametrize("weight_decay", [0, 0.1])
@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.0, 0.9)])
def test_adam_is_pytorchs(weight_decay: float, betas: tuple[float, float]) -> None:
    ours, theirs = start()
    steps(Adam(ours, weight_decay, betas), torch.optim.Adam(theirs, weight_decay=weight_decay, betas=betas))
    require_same(ours, theirs)


@pytest.mark.parametrize("swapped", [False, True], ids=["the gradient's", "the parameter's"])
def test_the_layout_in_memory_does_not_matter_to_adam(swapped: bool) -> None:
    random = torch.Generator().manual_seed(0)
    begin, slope = (torch.randn(3, 4, generator=random) for _ in range(2))
    plain, other = begin.clone(), begin.t().contiguous().t() if swapped else begin.clone()
    Adam([plain]).step([slope], 0.1)
    Adam([other]).step([slope if swapped else slope.t().contiguous().t()], 0.1)
    torch.testing.assert_close(other, plain)


def test_nesterov_is_pytorchs() -> None:
    ours, theirs = start(torch.float64)
    literal = torch.optim.SGD(theirs, lr=0.1, momentum=0.9, weight_decay=1e-3, nesterov=True)
    steps(Nesterov(ours, 0.9, 1e-3), literal, torch.float64)
    require_same(ours, theirs)


def test_nesterov_leaves_gradients_alone() -> None:
    ours, given = gradients(0), gradients(1)
    Nesterov(ours, 0.9, 1e-3).step(given, 0.1)
    assert all(torch.equal(one, other) for one, other in zip(given, gradients(1), strict=True))


@pytest.mark.parametrize("clip", [None, 0.05, 1e6])
def test_momentum_is_pytorchs_sgd_after_its_clipping(clip: float | None) -> None:
    ours, theirs = start()
    steps(Momentum(ours, 0.9, 0.01, clip), torch.optim.SGD(theirs, momentum=0.9, weight_decay=0.01), clip=clip)
    require_same(ours, theirs)


@pytest.mark.parametrize("clip", [None, 0.05, 1e6])
def test_momentum_descends_a_loss_as_pytorchs_sgd_does(clip: float | None) -> None:
    ours, theirs = ([p.requires_grad_() for p in gradients(0)] for _ in range(2))
    momentum = Momentum(ours, 0.9, 0.01, clip)
    optimiser = torch.optim.SGD(theirs, lr=0.1, momentum=0.9, weight_decay=0.01)

    def loss(parameters: list[Tensor], step: int) -> Tensor:
        return (parameters[0].square().sum() * (step + 1)) + parameters[1].sin().sum()

    for step in range(4):
        momentum.step(torch.autograd.grad(loss(ours, step), ours), 0.1)
        optimiser.zero_grad()
        loss(theirs, step).backward()
        if clip is not None:
            clip_grad_norm_(theirs, clip)
        optimiser.step()
    torch.testing.assert_close([p.data for p in ours], [p.data for p in theirs])


def test_a_parameter_without_gradient_only_decays() -> None:
    weight = torch.tensor([2.0])
    Momentum([weight], 0.9, 0.5).step([torch.zeros(1)], 0.1)
    assert weight.item() == pytest.approx(2 - 0.1 * 0.5 * 2)


def test_lars_scales_each_tensor_s_gradient_by_its_own_length() -> None:
    w, zero = torch.tensor([3.0, 4.0], dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    slope = torch.tensor([0.6, 0.8], dtype=torch.float64)
    optimiser = Lars([w, zero], momentum=0.9, weight_decay=0.1, trust=0.01)
    optimiser.step([slope, torch.ones(1, dtype=torch.float64)], 2.0)
    first = 0.01 * 5 / (1 + 0.1 * 5) * torch.tensor([0.6 + 0.3, 0.8 + 0.4], dtype=torch.float64)
    torch.testing.assert_close(w, torch.tensor([3.0, 4.0], dtype=torch.float64) - 2 * first)
    assert zero.item() == -2  # of a tensor that is 0, the gradient itself
    before = w.clone()
    optimiser.step([slope, torch.zeros(1, dtype=torch.float64)], 2.0)
    second = 0.01 * before.norm() / (1 + 0.1 * before.norm()) * (slope + 0.1 * before)
    torch.testing.assert_close(w, before - 2 * (0.9 * first + second))

"""The functional form of Adam gives what PyTorch's class gives."""

import pytest
import torch
from torch import Tensor

from oneclass.adam import Optimiser


def gradients(parameters: list[Tensor], step: int) -> list[Tensor]:
    random = torch.Generator().manual_seed(step)
    return [torch.randn(p.shape, generator=random) for p in parameters]


@pytest.mark.parametrize("weight_decay", [0, 0.1])
def test_it_is_pytorchs(weight_decay: float) -> None:
    ours = gradients([torch.empty(3, 4), torch.empty(5)], 0)
    theirs = [p.clone().requires_grad_() for p in ours]
    optimiser, literal = Optimiser(ours, weight_decay), torch.optim.Adam(theirs, lr=0.1, weight_decay=weight_decay)
    for step in range(1, 4):
        optimiser.step(gradients(ours, step), 0.1)
        for p, gradient in zip(theirs, gradients(ours, step), strict=True):
            p.grad = gradient
        literal.step()
    for mine, p in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, p.detach())


@pytest.mark.parametrize("swapped", [False, True], ids=["the gradient's", "the parameter's"])
def test_the_layout_in_memory_does_not_matter(swapped: bool) -> None:
    start, slope = gradients([torch.empty(3, 4), torch.empty(3, 4)], 0)
    plain, other = start.clone(), start.t().contiguous().t() if swapped else start.clone()
    Optimiser([plain]).step([slope], 0.1)
    Optimiser([other]).step([slope if swapped else slope.t().contiguous().t()], 0.1)
    torch.testing.assert_close(other, plain)

"""Gradient descent of a network on a loss, as all of these systems do it."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

import torch
from torch import Tensor, nn

B = TypeVar("B")


class Optimiser(Protocol):
    """One of ``training.optimisers``."""

    def step(self, gradients: Sequence[Tensor], learning_rate: float) -> None: ...


def descend(
    network: nn.Module,
    optimiser: Optimiser,
    batches: Iterable[B],
    loss: Callable[[B], Tensor],
    rate: Callable[[int], float],
) -> None:
    """Train ``network`` by a step on the ``loss`` of each of ``batches``, with the learning rate ``rate(step)``; it is
    left ready for use. Raises ``ValueError`` where the loss is not finite."""
    network.train()
    parameters = list(network.parameters())
    for step, batch in enumerate(batches):
        value = loss(batch)
        if not torch.isfinite(value):
            raise ValueError(f"training diverged in step {step}")
        optimiser.step(torch.autograd.grad(value, parameters), rate(step))
    network.eval()


def cosine(rate: float, last: float, step: float, steps: int) -> float:
    """A learning rate that falls from ``rate`` to ``last`` along half a cosine."""
    return last + (rate - last) * 0.5 * (1 + math.cos(math.pi * step / steps))

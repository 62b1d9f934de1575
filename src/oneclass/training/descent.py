"""Gradient descent on a loss, as every training of one network does it."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

import torch
from torch import Tensor

B = TypeVar("B")


class Optimiser(Protocol):
    """One of ``training.optimisers``."""

    parameters: list[Tensor]

    def step(self, gradients: Sequence[Tensor], learning_rate: float) -> None: ...


def descend(name: str, optimiser: Optimiser, steps: Iterable[tuple[B, float]], loss: Callable[[B], Tensor]) -> None:
    """Take ``steps``, each a batch and its learning rate, along the gradient of the ``loss`` of the batch; a parameter
    that it does not depend on has the gradient 0.

    Raises ``ValueError``, which says that ``name`` diverged, where the loss is not finite.
    """
    for number, (batch, rate) in enumerate(steps):
        value = loss(batch)
        if not torch.isfinite(value):
            raise ValueError(f"{name} diverged in step {number}: the loss is not finite; use a smaller learning rate")
        optimiser.step(torch.autograd.grad(value, optimiser.parameters, materialize_grads=True), rate)


def along_cosine(batches: Iterable[B], rate: float, last: float) -> list[tuple[B, float]]:
    """Each of ``batches`` with its learning rate, which falls from ``rate`` towards ``last`` along half a cosine."""
    listed = list(batches)
    return [(batch, cosine(rate, last, step, len(listed))) for step, batch in enumerate(listed)]


def cosine(rate: float, last: float, step: float, steps: int) -> float:
    """A learning rate that falls from ``rate`` to ``last`` along half a cosine."""
    return last + (rate - last) * 0.5 * (1 + math.cos(math.pi * step / steps))

"""Gradient descent with Nesterov momentum. PyTorch's class loads a compiler at its first use, five seconds a job."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor


class Nesterov:
    """As ``torch.optim.SGD(nesterov=True)`` on ``parameters``, which it changes in place.

    ``weight_decay`` is added to the gradient; a step follows gradient + momentum · (momentum · velocity + gradient).
    """

    def __init__(self, parameters: Iterable[Tensor], momentum: float, weight_decay: float) -> None:
        self._parameters, self._momentum, self._weight_decay = list(parameters), momentum, weight_decay
        self._velocities = [torch.zeros_like(p) for p in self._parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], learning_rate: float) -> None:
        """Move each parameter along its gradient."""
        for p, gradient, velocity in zip(self._parameters, gradients, self._velocities, strict=True):
            gradient = gradient.add(p, alpha=self._weight_decay)
            velocity.mul_(self._momentum).add_(gradient)
            p.sub_(gradient.add(velocity, alpha=self._momentum), alpha=learning_rate)

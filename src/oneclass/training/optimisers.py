"""Optimisers in their functional form: the first use of PyTorch's classes loads a compiler, five seconds a job.

Each changes its parameters in place, along gradients that it is given.
"""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.adamw import adamw


class Adam:
    """PyTorch's fused Adam; ``weight_decay`` is added to the gradient."""

    def __init__(
        self, parameters: Iterable[Tensor], weight_decay: float = 0, betas: tuple[float, float] = (0.9, 0.999)
    ) -> None:
        self.parameters, self._weight_decay, self._betas = list(parameters), weight_decay, betas
        self._means = [torch.zeros_like(p) for p in self.parameters]
        self._squares = [torch.zeros_like(p) for p in self.parameters]
        self._steps = [torch.zeros((), device=p.device) for p in self.parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], learning_rate: float) -> None:
        """Move each parameter along its gradient."""
        adam(
            self.parameters,
            [_laid_out(gradient, p) for gradient, p in zip(gradients, self.parameters, strict=True)],
            self._means,
            self._squares,
            [],
            self._steps,
            fused=True,
            amsgrad=False,
            beta1=self._betas[0],
            beta2=self._betas[1],
            lr=learning_rate,
            weight_decay=self._weight_decay,
            eps=1e-8,
            maximize=False,
        )


class AmsGrad:
    """``torch.optim.AdamW(amsgrad=True)``: ``weight_decay`` shrinks the weights themselves, and the square that a step
    is divided by never falls."""

    def __init__(self, parameters: Iterable[Tensor], weight_decay: float) -> None:
        self.parameters, self._weight_decay = list(parameters), weight_decay
        self._means, self._squares, self._largest = ([torch.zeros_like(p) for p in self.parameters] for _ in range(3))
        self._steps = [torch.zeros((), device=p.device) for p in self.parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], learning_rate: float) -> None:
        """Move each parameter along its gradient."""
        adamw(
            self.parameters,
            list(gradients),
            self._means,
            self._squares,
            self._largest,
            self._steps,
            amsgrad=True,
            beta1=0.9,
            beta2=0.999,
            lr=learning_rate,
            weight_decay=self._weight_decay,
            eps=1e-8,
            maximize=False,
        )


class Nesterov:
    """``torch.optim.SGD(nesterov=True)``: a step follows gradient + momentum · (momentum · velocity + gradient), where
    ``weight_decay`` is added to the gradient first."""

    def __init__(self, parameters: Iterable[Tensor], momentum: float, weight_decay: float) -> None:
        self.parameters, self._momentum, self._weight_decay = list(parameters), momentum, weight_decay
        self._velocities = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], learning_rate: float) -> None:
        """Move each parameter along its gradient."""
        for p, gradient, velocity in zip(self.parameters, gradients, self._velocities, strict=True):
            gradient = gradient.add(p, alpha=self._weight_decay)
            velocity.mul_(self._momentum).add_(gradient)
            p.sub_(gradient.add(velocity, alpha=self._momentum), alpha=learning_rate)


class Momentum:
    """``torch.optim.SGD`` after the gradients' common norm is cut to ``clip`` (None: as it is); ``weight_decay`` joins
    the gradient after that."""

    def __init__(
        self, parameters: Iterable[Tensor], momentum: float, weight_decay: float, clip: float | None = None
    ) -> None:
        self.parameters, self._momentum, self._weight_decay = list(parameters), momentum, weight_decay
        self._clip = clip
        self._velocity = [torch.zeros_like(parameter) for parameter in self.parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], learning_rate: float) -> None:
        """Move each parameter along its gradient. The tensors ``gradients`` are changed."""
        gradients = list(gradients)
        if self._clip is not None:
            norm = torch.stack([gradient.norm() for gradient in gradients]).norm()
            torch._foreach_mul_(gradients, (self._clip / (norm + 1e-6)).clamp(max=1))
        torch._foreach_add_(gradients, self.parameters, alpha=self._weight_decay)
        torch._foreach_mul_(self._velocity, self._momentum)
        torch._foreach_add_(self._velocity, gradients)
        torch._foreach_add_(self.parameters, self._velocity, alpha=-learning_rate)


class Lars:
    """LARS (You et al. 2017): gradient descent with momentum, in which the gradient g of each tensor w, with
    ``weight_decay`` · w, is scaled by ``trust`` · |w| / (|g| + ``weight_decay`` · |w|); of a w or g that is 0, by 1."""

    def __init__(self, parameters: Iterable[Tensor], momentum: float, weight_decay: float, trust: float = 1e-3) -> None:
        self.parameters, self._momentum, self._weight_decay = list(parameters), momentum, weight_decay
        self._trust = trust
        self._velocities = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], learning_rate: float) -> None:
        """Move each parameter along its gradient."""
        for p, gradient, velocity in zip(self.parameters, gradients, self._velocities, strict=True):
            size, slope = p.norm(), gradient.norm()
            scale = self._trust * size / (slope + self._weight_decay * size)
            scale = torch.where((size > 0) & (slope > 0), scale, torch.ones_like(scale))
            velocity.mul_(self._momentum).add_(gradient.add(p, alpha=self._weight_decay) * scale)
            p.sub_(velocity, alpha=learning_rate)


def _laid_out(gradient: Tensor, parameter: Tensor) -> Tensor:
    """``gradient`` in memory as ``parameter`` is: the fused kernel passes through both by address."""
    if gradient.stride() == parameter.stride():
        return gradient
    return torch.empty_like(parameter).copy_(gradient)

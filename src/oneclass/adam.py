"""PyTorch's fused Adam in its functional form: the class's first use loads a compiler, five seconds a job."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.optim.adam import adam


class Optimiser:
    """Adam on ``parameters``, which it changes in place; ``weight_decay`` is added to the gradient."""

    def __init__(self, parameters: Iterable[Tensor], weight_decay: float = 0) -> None:
        self._parameters, self._weight_decay = list(parameters), weight_decay
        self._means = [torch.zeros_like(p) for p in self._parameters]
        self._squares = [torch.zeros_like(p) for p in self._parameters]
        self._steps = [torch.zeros((), device=p.device) for p in self._parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], learning_rate: float) -> None:
        """Move each parameter along its gradient."""
        adam(
            self._parameters,
            [_laid_out(gradient, p) for gradient, p in zip(gradients, self._parameters, strict=True)],
            self._means,
            self._squares,
            [],
            self._steps,
            fused=True,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=learning_rate,
            weight_decay=self._weight_decay,
            eps=1e-8,
            maximize=False,
        )


def _laid_out(gradient: Tensor, parameter: Tensor) -> Tensor:
    """``gradient`` in memory as ``parameter`` is: the fused kernel passes through both by address."""
    if gradient.stride() == parameter.stride():
        return gradient
    return torch.empty_like(parameter).copy_(gradient)

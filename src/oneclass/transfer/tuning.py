"""What all fine-tuning here shares: stochastic gradient descent on the last blocks, and their features."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn

from oneclass.transfer.images import Images


@dataclass(frozen=True)
class Schedule:
    """``steps`` batches of normal images; the gradient's norm is cut to ``clip`` (None: as it is)."""

    steps: int
    batch_size: int
    learning_rate: float
    momentum: float
    weight_decay: float
    clip: float | None


class Descent:
    """Gradient descent with momentum; weight decay joins the gradient after it is clipped, as in PyTorch's SGD."""

    def __init__(self, parameters: Sequence[Tensor], schedule: Schedule) -> None:
        self._parameters, self._schedule = list(parameters), schedule
        self._velocity = [torch.zeros_like(parameter) for parameter in self._parameters]

    @torch.no_grad()
    def step(self, loss: Tensor) -> None:
        """Move every parameter along the gradient of ``loss``; one that it does not depend on only decays."""
        settings = self._schedule
        with torch.enable_grad():
            gradients = list(torch.autograd.grad(loss, self._parameters, materialize_grads=True))
        if settings.clip is not None:
            norm = torch.stack([gradient.norm() for gradient in gradients]).norm()
            torch._foreach_mul_(gradients, (settings.clip / (norm + 1e-6)).clamp(max=1))
        torch._foreach_add_(gradients, self._parameters, alpha=settings.weight_decay)
        torch._foreach_mul_(self._velocity, settings.momentum)
        torch._foreach_add_(self._velocity, gradients)
        torch._foreach_add_(self._parameters, self._velocity, alpha=-settings.learning_rate)


def batches(count: int, schedule: Schedule, random: Generator) -> Iterator[Tensor]:
    """Positions [B] below ``count`` for each of the steps: epochs, each in a new order, the last part short."""
    done = 0
    while done < schedule.steps:
        for rows in torch.randperm(count, generator=random).split(schedule.batch_size):
            if done < schedule.steps:
                yield rows
            done += 1


def fine_tune(
    back: nn.Module,
    parameters: Sequence[Tensor],
    loss: Callable[[Tensor], Tensor],
    orders: Iterator[Tensor],
    schedule: Schedule,
) -> nn.Module:
    """``back`` after descent on ``loss`` of each of ``orders``, in evaluation mode throughout.

    Raises ``ValueError`` where the loss is not finite.
    """
    descent = Descent(parameters, schedule)
    for step, rows in enumerate(orders):
        value = loss(rows)
        if not torch.isfinite(value):
            raise ValueError(f"fine-tuning diverged in step {step}; use a smaller learning_rate")
        descent.step(value)
    return back


@torch.no_grad()
def features(back: nn.Module, images: Images, rows: Tensor) -> Tensor:
    """Features [N, D] of the images at ``rows``."""
    return torch.cat([back(part) for part in images.batches(rows)])

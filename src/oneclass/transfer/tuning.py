"""What all fine-tuning here shares: stochastic gradient descent on the last blocks, and their features."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn

from oneclass.training.descent import descend
from oneclass.training.optimisers import Momentum
from oneclass.transfer.images import Images


@dataclass(frozen=True)
class Descent:
    """``steps`` batches of normal images by gradient descent; its norm is cut to ``clip`` (None: as it is)."""

    steps: int
    batch_size: int
    learning_rate: float
    momentum: float
    weight_decay: float
    clip: float | None


def batches(count: int, schedule: Descent, random: Generator) -> Iterator[Tensor]:
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
    steps: Iterator[Tensor],
    schedule: Descent,
) -> nn.Module:
    """``back`` after descent on ``loss`` of each of ``steps``, in evaluation mode throughout.

    Raises ``ValueError`` where the loss is not finite.
    """
    optimiser = Momentum(parameters, schedule.momentum, schedule.weight_decay, schedule.clip)
    descend("fine-tuning", optimiser, ((batch, schedule.learning_rate) for batch in steps), loss)
    return back


@torch.no_grad()
def features(back: nn.Module, images: Images, rows: Tensor) -> Tensor:
    """Features [N, D] of the images at ``rows``."""
    return torch.cat([back(part) for part in images.batches(rows)])

"""Which images are in which batch, and for how long: as many outliers as normal images, few outliers repeated (G.1)."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor


class CyclicSampler:
    """The numbers below ``count`` in random order, over and over: each comes once before any comes again."""

    def __init__(self, count: int, random: Generator) -> None:
        self._count, self._random = count, random
        self._left = torch.zeros(0, dtype=torch.int64)

    def take(self, size: int) -> Tensor:
        """The next ``size`` numbers, int64 [size]; none at all if ``count`` is 0."""
        if self._count == 1:  # the same, without the drawing
            return torch.zeros(size, dtype=torch.int64)
        while len(self._left) < size and self._count:
            self._left = torch.cat([self._left, torch.randperm(self._count, generator=self._random)])
        taken, self._left = self._left.tensor_split([size])
        return taken


def epoch(normal: int, outliers: CyclicSampler, batch_size: int, random: Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """The batches of an epoch: each of ``normal`` images once, beside as many outliers; positions, [B] each.

    A single image left at the end joins the batch before it: batch normalisation takes no batch of one.
    """
    parts = list(torch.randperm(normal, generator=random).split(batch_size))
    if len(parts) > 1 and len(parts[-1]) == 1:
        parts[-2:] = [torch.cat(parts[-2:])]
    for rows in parts:
        yield rows, outliers.take(len(rows))


@dataclass(frozen=True)
class Schedule:
    """Epochs of batches; the learning rate falls to a tenth at each of ``milestones`` (epochs)."""

    epochs: int
    milestones: tuple[int, ...]
    batch_size: int  # normal images, and as many outliers
    learning_rate: float

    def rate(self, epoch: int) -> float:
        """The learning rate in ``epoch`` (from 0)."""
        return self.learning_rate * 0.1 ** sum(epoch >= milestone for milestone in self.milestones)

    def steps(
        self, normal: int, outliers: CyclicSampler, random: Generator
    ) -> Iterator[tuple[tuple[Tensor, Tensor], float]]:
        """The batches of all epochs (``epoch``), each with its learning rate."""
        for number in range(self.epochs):
            for batch in epoch(normal, outliers, self.batch_size, random):
                yield batch, self.rate(number)

"""Deep SVDD (Ruff et al. 2018; Section 3.2): distance to a centre set before training; it takes no outliers."""

from collections.abc import Iterable

import torch
from torch import Tensor

CLEARANCE = 0.1  # no coordinate of the centre is nearer to 0: the zero network would be a solution


class Loss:
    """||z - c||², with c the mean over batches of the untrained network's mean output (in evaluation mode)."""

    classifier = False

    def __init__(self, center: Tensor | None = None) -> None:
        self.center = center

    def start(self, outputs: Iterable[Tensor]) -> "Loss":
        """With the centre set; coordinates nearer to 0 than ``CLEARANCE`` are pushed away from it."""
        center = torch.stack([z.mean(0) for z in outputs]).mean(0)
        near = center.abs() < CLEARANCE
        pushed = torch.where(center < 0, -CLEARANCE, CLEARANCE)
        return Loss(torch.where(near, pushed, center))

    def losses(self, z: Tensor, outlier: Tensor) -> Tensor:
        """||z - c||² of each sample, [B]; raises ``ValueError`` if there are outliers."""
        if outlier.any():
            raise ValueError("Deep SVDD is trained without outliers")
        return self.score(z)

    def score(self, z: Tensor) -> Tensor:
        """||z - c||², [B]; raises ``ValueError`` before ``start``."""
        if self.center is None:
            raise ValueError("Deep SVDD has no centre yet: call start")
        return (z - self.center).square().sum(-1)

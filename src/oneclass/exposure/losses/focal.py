"""Focal loss (Lin et al. 2017; Appendix F): cross-entropy in which samples that are easy weigh less."""

import torch
from torch import Tensor

from oneclass.exposure.losses import Fixed

EDGE = 1e-7  # probabilities stay this far from 0 and 1, as in the authors' code


class Loss(Fixed):
    """-(1 - p)^gamma log p with p the probability of the right side; gamma = 0 is binary cross-entropy. No alpha.

    The score is the logit, not the sigmoid.
    """

    classifier = True

    def __init__(self, gamma: float = 2) -> None:
        self._gamma = gamma

    def losses(self, z: Tensor, outlier: Tensor) -> Tensor:
        """The focal loss of each sample, [B]."""
        p = torch.sigmoid(z[:, 0])
        right = torch.where(outlier, p, 1 - p).clamp(EDGE, 1 - EDGE)
        return -((1 - right) ** self._gamma) * right.log()

    def score(self, z: Tensor) -> Tensor:
        """The logit of each sample, [B]."""
        return z[:, 0]

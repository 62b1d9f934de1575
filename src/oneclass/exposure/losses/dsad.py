"""Deep SAD (Ruff et al. 2020), with the centre at the origin as in the authors' code."""

import torch
from torch import Tensor

from oneclass.exposure.losses import Fixed


class Loss(Fixed):
    """Normal images: ||z||²; outliers: 1 / (||z||² + 1e-9). The score is ||z||²."""

    def losses(self, z: Tensor, outlier: Tensor) -> Tensor:
        """The loss of each sample, [B]."""
        squared = self.score(z)
        return torch.where(outlier, 1 / (squared + 1e-9), squared)

    def score(self, z: Tensor) -> Tensor:
        """||z||² of each sample, [B]."""
        return z.square().sum(-1)

"""Deep SAD (Ruff et al. 2020), with the centre at the origin as in the authors' code."""

import torch
from torch import Tensor

from oneclass.exposure.methods._fixed import Fixed


class DSAD(Fixed):
    """Normal images: ||z||²; outliers: 1 / (||z||² + 1e-9). The score is ||z||²."""

    def losses(self, z: Tensor, outlier: Tensor) -> Tensor:
        """[B]."""
        squared = self.score(z)
        return torch.where(outlier, 1 / (squared + 1e-9), squared)

    def score(self, z: Tensor) -> Tensor:
        """||z||², [B]."""
        return z.square().sum(-1)

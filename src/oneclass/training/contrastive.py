"""The contrastive loss of pairs of views."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def contrastive(theta: Tensor, temperature: float) -> Tensor:
    """Mean NT-Xent loss (Chen et al. 2020) of unit vectors ``theta`` [2 B, D], where k and k + B are views of one
    image."""
    count = len(theta)
    itself = torch.eye(count, dtype=torch.bool, device=theta.device)
    similarity = (theta @ theta.T / temperature).masked_fill(itself, -torch.inf)
    return cross_entropy(similarity, torch.arange(count, device=theta.device).roll(count // 2))

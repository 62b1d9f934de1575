"""Dirichlet distributions of probabilities, fitted by maximum likelihood (Minka 2000)."""

import torch
from torch import Tensor

ITERATIONS, TOLERANCE = 1000, 1e-9
NEWTON = 5  # steps, which give digamma's inverse to machine precision


def fit(mean: Tensor, mean_log: Tensor) -> Tensor:
    """The parameters alpha [..., K] of distributions of which samples had these mean probabilities and mean logarithms
    of them, [..., K] each, float64.

    The likelihood is greatest where psi(alpha_j) = psi(Σ alpha) + mean log p_j, which is iterated, from the start of
    Wicker et al. (2008): mean · (K - 1) γ / Σ_j mean_j (log mean_j - mean log p_j).
    """
    gap = (torch.xlogy(mean, mean) - mean * mean_log).sum(-1, keepdim=True)
    alpha = mean * (mean.shape[-1] - 1) * -_digamma_of_one(mean) / gap
    for _ in range(ITERATIONS):
        before, alpha = alpha, inverse_digamma(torch.digamma(alpha.sum(-1, keepdim=True)) + mean_log)
        if (alpha - before).norm(dim=-1).max() < TOLERANCE:
            break
    return alpha


def inverse_digamma(y: Tensor) -> Tensor:
    """x with psi(x) = ``y``, by Newton's method from Minka's approximation."""
    x = torch.where(y >= -2.22, y.exp() + 0.5, -1 / (y - _digamma_of_one(y)))
    for _ in range(NEWTON):
        x = x - (torch.digamma(x) - y) / torch.polygamma(1, x)
    return x


def _digamma_of_one(like: Tensor) -> Tensor:
    return torch.digamma(torch.ones_like(like[..., :1]))

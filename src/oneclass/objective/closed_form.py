"""Paper 1's training without training: its algebra (docs/closed_form.md).

With f~ = [f; 1], W~ = [W b] and M = mean f~ f~ᵀ = Q Λ Qᵀ over the normal images, the gradient flow of mean
||W~ f~ - c||² is W~_t - [0 c] = (W~_0 - [0 c]) P_t with P_t = Q exp(-2tΛ) Qᵀ. Averaged over an initialisation with
independent entries of variance σ², the squared score of an image under E outputs is
E σ² ||P_t f~||² + ||c||² (P_t f~)_last².
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from oneclass.objective.projector import augment

REMAINING_ENERGY = 0.01
"""Share of the normal images' energy tr M that is left at the chosen training time (docs/closed_form.md says why)."""


@dataclass(frozen=True)
class Spectrum:
    """The eigenvectors [D + 1, r] and eigenvalues [r] of M that normal images reach; every other eigenvalue is 0."""

    vectors: Tensor
    values: Tensor

    @property
    def rates(self) -> Tensor:
        """Eigenvalues less the smallest of all D + 1: that common factor of the score's terms could underflow."""
        full = self.vectors.shape[1] == self.vectors.shape[0]
        return self.values - self.values.min() if full else self.values


@dataclass(frozen=True)
class Residual:
    """||P_t f~||² and (P_t f~)_last² of N images at T training times, each [T, N]: all that any norm needs."""

    total: Tensor
    last: Tensor

    def scores(self, norm: float) -> Tensor:
        """Root mean squared score [T, N] with centre norm ``norm``, for PyTorch's initialisation (E σ² = 1/3)."""
        return (self.total / 3 + norm**2 * self.last).sqrt()


def decompose(images: Tensor) -> Spectrum:
    """The spectrum of M from normal features [N, D], in float64, by the singular values of the augmented features."""
    augmented = augment(images.double())
    _, singular, vectors = torch.linalg.svd(augmented / len(images) ** 0.5, full_matrices=False)
    reached = singular > singular[0] * max(augmented.shape) * torch.finfo(torch.float64).eps
    return Spectrum(vectors[reached].T, singular[reached] ** 2)


def residual(spectrum: Spectrum, features: Tensor, times: Tensor) -> Residual:
    """What training for each of ``times`` [T] leaves of ``features`` [N, D]."""
    augmented = augment(features.double())
    along = augmented @ spectrum.vectors
    outside = augmented - along @ spectrum.vectors.T
    decay = torch.exp(-2 * times[:, None] * spectrum.rates)
    total = outside.square().sum(1) + decay.square() @ along.square().T
    last = outside[:, -1] + decay @ (along * spectrum.vectors[-1]).T
    return Residual(total, last.square())


def choose_time(spectrum: Spectrum) -> float:
    """The training time τ that leaves the share ``REMAINING_ENERGY`` of the normal images' energy.

    τ solves Σ λ exp(-4τλ) = 0.01 Σ λ. The left side falls with τ, so bisection on log τ finds it.
    """
    values = spectrum.values
    goal = REMAINING_ENERGY * values.sum()
    low, high = -30.0, 30.0
    for _ in range(100):
        middle = (low + high) / 2
        left = (values * torch.exp(-4 * 10**middle * values)).sum()
        low, high = (middle, high) if left > goal else (low, middle)
    return float(10**high)

"""Paper 1's training without training: its gradient flow has an exact solution (docs/closed_form.md).

With f~ = [f; 1], W~ = [W b] and M = mean f~ f~ᵀ = Q Λ Qᵀ over the normal images, the flow of mean ||W~ f~ - c||² is
W~_t - [0 c] = (W~_0 - [0 c]) P_t with P_t = Q exp(-2tΛ) Qᵀ. Averaged over an initialisation with independent entries of
variance σ², the squared score of an image under E outputs is E σ² ||P_t f~||² + ||c||² (P_t f~)_last².
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from oneclass.objective.moments import augment


@dataclass(frozen=True)
class Spectrum:
    """The eigenvectors [D + 1, r] and eigenvalues [r] of M that normal images reach; every other eigenvalue is 0."""

    vectors: Tensor
    values: Tensor

    @property
    def rates(self) -> Tensor:
        """Eigenvalues less the smallest of all D + 1: a factor common to both terms of the score, which would underflow."""
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
    """The spectrum of M from normal features [N, D], in float64; D³ or N² D, whichever is less."""
    augmented = augment(images.double())
    _, singular, vectors = torch.linalg.svd(augmented / len(images) ** 0.5, full_matrices=False)
    reached = singular > singular[0] * max(augmented.shape) * torch.finfo(torch.float64).eps
    return Spectrum(vectors[reached].T, singular[reached] ** 2)


def residual(spectrum: Spectrum, features: Tensor, times: Tensor) -> Residual:
    """What training for each of ``times`` [T] leaves of ``features`` [N, D]."""
    augmented = augment(features.double())
    along = augmented @ spectrum.vectors
    outside = augmented - along @ spectrum.vectors.T
    decay = torch.exp(-2 * times.double()[:, None] * spectrum.rates)
    total = outside.square().sum(1) + decay.square() @ along.square().T
    last = outside[:, -1] + decay @ (along * spectrum.vectors[-1]).T
    return Residual(total, last.square())

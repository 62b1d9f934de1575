"""Hypersphere classification (Section 3.2, Appendix E): cross-entropy with a radial function around the origin."""

from collections.abc import Callable

import torch
from torch import Tensor

from oneclass.exposure.losses import Fixed


def _pseudo_huber(squared: Tensor) -> Tensor:
    """sqrt(s + 1) - 1, in a form that keeps all digits of a small s: points near the centre do not tie."""
    return squared / ((squared + 1).sqrt() + 1)


# h of l(z) = exp(-h(z)), Table 6.
RADIALS: dict[str, Callable[[Tensor], Tensor]] = {
    "norm1": lambda z: z.abs().sum(-1),
    "norm2": lambda z: torch.linalg.vector_norm(z, dim=-1),
    "squared": lambda z: z.square().sum(-1),
    "pseudo_huber": lambda z: _pseudo_huber(z.square().sum(-1)),
}


class Loss(Fixed):
    """Normal images: h(z); outliers: -log(1 - exp(-h(z)) + 1e-9). The score is h(z), not 1 - exp(-h(z))."""

    def __init__(self, radial: str = "pseudo_huber") -> None:
        self._h = RADIALS[radial]

    def losses(self, z: Tensor, outlier: Tensor) -> Tensor:
        """Equation 1 with l = exp(-h), of each sample, [B]."""
        h = self._h(z)
        return torch.where(outlier, -torch.log(-torch.expm1(-h) + 1e-9), h)

    def score(self, z: Tensor) -> Tensor:
        """h(z) of each sample, [B]."""
        return self._h(z)

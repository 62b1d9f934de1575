"""A stack of projectors: the batch dimension in which classes, centres, norms and seeds train and score together."""

from dataclasses import dataclass

import torch
from torch import Tensor

from oneclass.errors import UserError


@dataclass
class Projectors:
    """K linear projectors z = W f + b with their centres: weight [K, E, D], bias [K, E], center [K, E].

    A 1x1 convolution on a 1x1 map is this same product; ``methods.algorithm1`` holds both literal forms.
    """

    weight: Tensor
    bias: Tensor
    center: Tensor

    def __len__(self) -> int:
        return len(self.weight)

    def part(self, first: int, stop: int) -> "Projectors":
        """Projectors ``first`` to ``stop`` of the stack, sharing its memory."""
        return Projectors(self.weight[first:stop], self.bias[first:stop], self.center[first:stop])

    def distances(self, features: Tensor) -> Tensor:
        """Scores d = ||W f + b - c|| (Equation 16) of ``features`` [N, D] under every projector, [K, N]."""
        offset = (self.bias - self.center)[:, :, None]
        one_by_one = (torch.addmm(o, w, features.T).norm(dim=0) for o, w in zip(offset, self.weight, strict=True))
        return torch.stack(list(one_by_one))


def require_outside(distances: Tensor, radius: float) -> None:
    """Raise ``UserError`` if one of ``distances`` is within ``radius``: only outside the hypersphere is the loss a
    function of the second moments."""
    if (distances <= radius).any():
        raise UserError(
            f"training by moments: a sample is inside the hypersphere of radius {radius:g}; use a smaller radius or "
            "fewer epochs"
        )


def augment(features: Tensor) -> Tensor:
    """[f; 1]: features [N, D] with a constant last column, [N, D + 1]."""
    return torch.cat([features, features.new_ones(len(features), 1)], dim=1)


def concatenate(many: list[Projectors]) -> Projectors:
    """One stack of all the projectors in ``many``."""
    weights, biases, centers = zip(*((p.weight, p.bias, p.center) for p in many), strict=True)
    return Projectors(torch.cat(weights), torch.cat(biases), torch.cat(centers))


@dataclass(frozen=True)
class Projected:
    """Test images under one projector: distance to the centre, norm, cosine to the centre (each [N]), and the mean
    cosine between normal and anomalous images (Section 5.3)."""

    score: Tensor
    norm: Tensor
    cosine: Tensor
    between: float


def project(projectors: Projectors, k: int, features: Tensor, anomalous: Tensor) -> Projected:
    """What the tables and figures need of ``features`` [N, D] under projector ``k``; ``anomalous`` [N] is boolean."""
    center = projectors.center[k]
    z = torch.addmm(projectors.bias[k], features, projectors.weight[k].T)
    norm = z.norm(dim=1)
    unit = z / norm.clamp_min(torch.finfo(z.dtype).tiny)[:, None]
    between = unit[~anomalous].mean(0) @ unit[anomalous].mean(0)
    return Projected((z - center).norm(dim=1), norm, unit @ (center / center.norm()), float(between))

"""Second moments of aligned features, at each layer's own resolution.

With f_i upsampled by the separable matrices A_i, sum over positions (A_i f_i)(A_j f_j)ᵀ = sum (A_jᵀ A_i f_i) f_jᵀ, and
the last sum runs over the coarser of the two grids: a tenth of the work of aligning first, the same numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from oneclass.objective.localisation.maps import Maps

Centering = Literal["none", "channel", "position"]


def second_moments(maps: Maps) -> Tensor:
    """M = mean over positions of [f; 1][f; 1]ᵀ for each image, float32 [B, D + 1, D + 1]."""
    count = len(maps[0])
    sizes = [m.shape[-2:] for m in maps]
    axes = [[maps.interpolation(layer, axis) for axis in (0, 1)] for layer in range(len(maps))]
    blocks = [[maps[0].new_empty(0)] * len(maps) for _ in maps]
    for i, fine in enumerate(maps):
        for j in range(i, len(maps)):
            rows, columns = (axes[j][axis].T @ axes[i][axis] for axis in (0, 1))
            reduced = fine if i == j == 0 else rows @ fine @ columns.T
            blocks[i][j] = reduced.flatten(2) @ maps[j].flatten(2).transpose(1, 2)
            blocks[j][i] = blocks[i][j].transpose(1, 2)
    joint = torch.cat([torch.cat(row, dim=2) for row in blocks], dim=1) / sizes[0].numel()
    weights = [torch.outer(a.sum(0), b.sum(0)) / sizes[0].numel() for a, b in axes]
    mean = torch.cat([(m * w).sum((2, 3)) for m, w in zip(maps, weights, strict=True)], dim=1)
    last = torch.cat([mean, mean.new_ones(count, 1)], dim=1)
    return torch.cat([torch.cat([joint, mean[:, None, :]], dim=1), last[:, :, None]], dim=2)


@dataclass
class Statistics:
    """What one pass over the normal images keeps, whatever their number: ``moment`` [D + 1, D + 1], their mean second
    moments, and ``mean`` (a map [1, C, h, w] a layer), both float64."""

    moment: Tensor
    mean: Maps

    def offset(self, centering: Centering) -> list[Tensor]:
        """What is subtracted from the features: nothing, each channel's mean, or each position's mean map."""
        if centering == "position":
            return [m.float() for m in self.mean]
        sizes = [m.shape[1] for m in self.mean]
        means = self.moment[:-1, -1] if centering == "channel" else torch.zeros_like(self.moment[:-1, -1])
        return [part.float()[None, :, None, None] for part in means.split(sizes)]

    def centered(self, centering: Centering) -> Tensor:
        """The second moments after subtracting ``offset``, without another pass: E[(f-m)(f-m)ᵀ] = E[ffᵀ] - mmᵀ."""
        if centering == "none":
            return self.moment
        if centering == "channel":
            mean = self.moment[-1]
            constant = torch.outer(mean, mean)
        else:
            constant = second_moments(self.mean)[0].double()
        result = self.moment - constant
        result[-1, -1] = 1
        return result


def collect(batches: Iterable[Maps]) -> Statistics:
    """``Statistics`` of all images in ``batches``."""
    moment, mean, count = torch.zeros(()), Maps([torch.zeros(())]), 0
    for maps in batches:
        sums = Maps((m.double().sum(0, keepdim=True) for m in maps), maps.alignment)
        total = second_moments(maps).double().sum(0)
        if count:
            total, sums = moment + total, Maps((a + b for a, b in zip(mean, sums, strict=True)), maps.alignment)
        moment, mean = total, sums
        count += len(maps[0])
    return Statistics(moment / count, Maps((m / count for m in mean), mean.alignment))

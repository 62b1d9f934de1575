"""What a detector's methods compute: how far the features at each position are from those of the normal pictures.

Each is a module that consists of its tensors, so that a file of them makes it again. It takes ``Maps`` of B pictures
and gives distances [V, B, h, w] under V settings; one that is finished has V = 1.
"""

from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from oneclass.objective.localisation.closed_form import Projection
from oneclass.objective.localisation.maps import Maps, align
from oneclass.objective.localisation.smoothing import interpolation

CELL = 2
"""Positions a side that a patch of ``Nearest`` averages: a quarter of the work (docs/detector.md)."""


class Distance(nn.Module):
    """A module whose buffers are ``tensors``."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        for name, tensor in tensors.items():
            self.register_buffer(name, tensor)


class ClosedForm(Distance):
    """The closed form of paper 1's training (docs/closed_form.md) for V norms of the centre.

    ``weight``, ``bias`` and ``last`` are those of a ``Projection``, ``offset0`` and so on its offsets; ``center_norm``
    [V].
    """

    weight: Tensor
    bias: Tensor
    last: Tensor
    center_norm: Tensor

    @classmethod
    def from_projection(cls, projection: Projection, center_norms: Tensor) -> Self:
        """The distances of ``projection`` to centres of ``center_norms`` [V]."""
        tensors = {name: getattr(projection, name) for name in ("weight", "bias", "last")}
        offset = {f"offset{level}": part for level, part in enumerate(projection.offset)}
        return cls({**tensors, **offset, "center_norm": center_norms})

    def at(self, k: int) -> Self:
        """The same for the norm at position ``k`` alone."""
        return type(self)({**dict(self.named_buffers()), "center_norm": self.center_norm[k : k + 1].clone()})

    def forward(self, maps: Maps) -> Tensor:
        offset = [self.get_buffer(f"offset{level}") for level in range(len(maps))]
        return Projection(self.weight, self.bias, self.last, offset).distances(maps, self.center_norm)


class Nearest(Distance):
    """The distance to the nearest of M normal patches, as PatchCore's (Roth et al. 2022).

    ``mean`` [D] is that of normal patches, ``reference`` [D, M] some of them, less the mean: inner products cost a
    distance fewer digits around it. A distance is the root mean square over the channels.
    """

    mean: Tensor
    reference: Tensor

    def forward(self, maps: Maps) -> Tensor:
        patches = cells(maps)
        x = patches.flatten(2).transpose(1, 2) - self.mean
        least = (self.reference.square().sum(0) - 2 * (x @ self.reference)).amin(2)
        squared = (least + x.square().sum(2)).clamp(min=0) / len(self.mean)
        return squared.sqrt().unflatten(1, patches.shape[2:])[None]


class Both(nn.Module):
    """The mean of ``ClosedForm`` and ``Nearest``, each in units of its own.

    In these units 0 is ``level`` [2], the middle pixel of normal pictures, and 1 is ``unit`` [2] above it, the middle
    normal picture's highest pixel.
    """

    level: Tensor
    unit: Tensor

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.closed_form, self.nearest = (
            kind({name.removeprefix(f"{part}."): t for name, t in tensors.items() if name.startswith(f"{part}.")})
            for part, kind in (("closed_form", ClosedForm), ("nearest", Nearest))
        )
        self.register_buffer("level", tensors["level"])
        self.register_buffer("unit", tensors["unit"])

    def forward(self, maps: Maps) -> Tensor:
        first, second = (part(maps) for part in (self.closed_form, self.nearest))
        rows, columns = (
            torch.from_numpy(interpolation(first.shape[axis], second.shape[axis])).to(first) for axis in (2, 3)
        )
        second = rows @ second @ columns.T
        parts = [(d - self.level[k]) / self.unit[k] for k, d in enumerate((first, second))]
        return torch.stack(parts).mean(0)


METHODS = {"nearest": Nearest, "closed_form": ClosedForm, "both": Both}


def cells(maps: Maps) -> Tensor:
    """The aligned features, averaged over cells of ``CELL`` positions a side: [B, D, h, w]."""
    return avg_pool2d(align(maps), CELL, ceil_mode=True, count_include_pad=False)

"""Multi-scale feature maps: pooled, aligned to the finest, and projected (paper 1, Section 4.1; after CFA).

A 1x1 convolution commutes with interpolation: W concat(f1, up f2, up f3) = W1 f1 + up(W2 f2) + up(W3 f3). So maps stay
at their own resolution, and the concatenated map of D channels is never made (``align`` makes it, for comparison).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from oneclass.objective.localisation import smoothing

Alignment = Literal["bilinear", "nearest"]
_MATRICES = {"bilinear": smoothing.interpolation, "nearest": smoothing.nearest}


class Maps(list[Tensor]):
    """[B, C, h, w] for each layer, the finest first; D is the sum of their C, H x W the finest's size.

    ``alignment`` is how the others are brought to that size.
    """

    def __init__(self, layers: Iterable[Tensor], alignment: Alignment = "bilinear") -> None:
        super().__init__(layers)
        self.alignment: Alignment = alignment

    def interpolation(self, layer: int, axis: int) -> Tensor:
        """The matrix that brings ``axis`` (0: rows) of ``layer`` to the finest's size, of its kind and device."""
        like = self[layer]
        matrix = _MATRICES[self.alignment](self[0].shape[axis - 2], like.shape[axis - 2])
        return torch.from_numpy(matrix).to(like)


@dataclass(frozen=True)
class Aggregation:
    """How the levels of a backbone become one map: averages over ``patch_size`` x ``patch_size`` neighbours, then
    ``alignment``.

    CFA's are 3 and bilinear, and, we infer, the paper's; the border counts as zeros.
    """

    patch_size: int = 3
    alignment: Alignment = "bilinear"

    def apply(self, levels: Iterable[Tensor]) -> Maps:
        """Averaged maps, in float32."""
        size = self.patch_size
        pooled = (functional.avg_pool2d(m.float(), size, stride=1, padding=size // 2) for m in levels)
        return Maps(pooled, self.alignment)


def channels(maps: Maps) -> list[int]:
    """The number of channels C of each layer."""
    return [m.shape[1] for m in maps]


def align(maps: Maps) -> Tensor:
    """Every layer brought to the finest's size and concatenated: the literal features [B, D, H, W]."""
    size = maps[0].shape[-2:]
    options = {"align_corners": False} if maps.alignment == "bilinear" else {}
    coarse = [functional.interpolate(m, size, mode=maps.alignment, **options) for m in maps[1:]]
    return torch.cat([maps[0], *coarse], dim=1)


def project(maps: Maps, weight: Tensor, bias: Tensor) -> Tensor:
    """z = W f + b at every position, [B, E, H, W]: ``weight`` [E, D] at each layer's own resolution, then added.

    Written as matrix products, interpolation too: on a CPU that is three times as fast as its convolutions.
    """
    size = maps[0].shape[-2:]
    parts = weight.split(channels(maps), dim=1)
    z = (parts[0] @ maps[0].flatten(2)).add_(bias[:, None]).unflatten(2, size)
    for layer, (m, part) in enumerate(zip(maps[1:], parts[1:], strict=True), 1):
        rows, columns = (maps.interpolation(layer, axis) for axis in (0, 1))
        z += rows @ (part @ m.flatten(2)).unflatten(2, m.shape[2:]) @ columns.T
    return z


def sliced(maps: Maps, size: int) -> Iterator[Maps]:
    """The images of a batch, at most ``size`` at a time."""
    return (Maps((m[first : first + size] for m in maps), maps.alignment) for first in range(0, len(maps[0]), size))


def subtract(maps: Maps, offset: Sequence[Tensor]) -> Maps:
    """``maps`` less ``offset`` ([1, C, h, w] or [1, C, 1, 1] for each layer)."""
    return Maps((m - o for m, o in zip(maps, offset, strict=True)), maps.alignment)

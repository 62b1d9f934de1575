"""Multi-scale feature maps: pooled, aligned to the finest, and projected (paper 1, Section 4.1; after CFA).

A 1x1 convolution commutes with interpolation: W concat(f1, up f2, up f3) = W1 f1 + up(W2 f2) + up(W3 f3). So maps stay
at their own resolution, and the concatenated map of D channels is never made (``align`` makes it, for comparison).
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from oneclass.localisation import smoothing

Maps = list[Tensor]  # [B, C, h, w] for each layer, the finest first; D is the sum of their C, H x W the finest's size


def pool(maps: Maps, kernel: int) -> Maps:
    """Average over ``kernel`` x ``kernel`` neighbours, in float32; the border counts as zeros, as CFA has it."""
    return [functional.avg_pool2d(m.float(), kernel, stride=1, padding=kernel // 2) for m in maps]


def channels(maps: Maps) -> list[int]:
    """C of each layer."""
    return [m.shape[1] for m in maps]


def interpolation(fine: int, like: Tensor, axis: int) -> Tensor:
    """The matrix that interpolates ``axis`` of ``like`` [B, C, h, w] to length ``fine``, of its kind and device."""
    return torch.from_numpy(smoothing.interpolation(fine, like.shape[axis])).to(like)


def align(maps: Maps) -> Tensor:
    """Every layer interpolated (bilinear) to the finest and concatenated: the literal features [B, D, H, W]."""
    size = maps[0].shape[-2:]
    coarse = [functional.interpolate(m, size, mode="bilinear", align_corners=False) for m in maps[1:]]
    return torch.cat([maps[0], *coarse], dim=1)


def project(maps: Maps, weight: Tensor, bias: Tensor) -> Tensor:
    """z = W f + b at every position, [B, E, H, W]: ``weight`` [E, D] at each layer's own resolution, then added.

    Written as matrix products, interpolation too: on a CPU that is three times as fast as its convolutions.
    """
    size = maps[0].shape[-2:]
    parts = weight.split(channels(maps), dim=1)
    z = (parts[0] @ maps[0].flatten(2)).add_(bias[:, None]).unflatten(2, size)
    for m, part in zip(maps[1:], parts[1:], strict=True):
        rows, columns = (interpolation(size[axis], m, axis - 2) for axis in (0, 1))
        z += rows @ (part @ m.flatten(2)).unflatten(2, m.shape[2:]) @ columns.T
    return z


def sliced(maps: Maps, size: int) -> Iterator[Maps]:
    """The images of a batch, at most ``size`` at a time."""
    return ([m[first : first + size] for m in maps] for first in range(0, len(maps[0]), size))


def subtract(maps: Maps, offset: Maps) -> Maps:
    """``maps`` less ``offset`` ([1, C, h, w] or [1, C, 1, 1] for each layer)."""
    return [m - o for m, o in zip(maps, offset, strict=True)]

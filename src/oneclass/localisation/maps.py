"""Multi-scale feature maps: pooled, aligned to the finest, and projected (paper 1, Section 4.1; after CFA).

A 1x1 convolution commutes with interpolation: W concat(f1, up f2, up f3) = W1 f1 + up(W2 f2) + up(W3 f3). So maps stay
at their own resolution, and the concatenated map of D channels is never made (``align`` makes it, for comparison).
"""

import torch
from torch import Tensor
from torch.nn import functional

Maps = list[Tensor]  # [B, C, h, w] for each layer, the finest first; D is the sum of their C, H x W the finest's size


def pool(maps: Maps, kernel: int) -> Maps:
    """Average over ``kernel`` x ``kernel`` neighbours, in float32; the border counts as zeros, as CFA has it."""
    return [functional.avg_pool2d(m.float(), kernel, stride=1, padding=kernel // 2) for m in maps]


def channels(maps: Maps) -> list[int]:
    """C of each layer."""
    return [m.shape[1] for m in maps]


def align(maps: Maps) -> Tensor:
    """Every layer interpolated (bilinear) to the finest and concatenated: the literal features [B, D, H, W]."""
    return torch.cat([upsample(m, maps[0]) for m in maps], dim=1)


def upsample(values: Tensor, like: Tensor) -> Tensor:
    """``values`` [B, C, h, w] interpolated to the resolution of ``like``."""
    size = like.shape[-2:]
    if values.shape[-2:] == size:
        return values
    return functional.interpolate(values, size, mode="bilinear", align_corners=False)


def project(maps: Maps, weight: Tensor, bias: Tensor) -> Tensor:
    """z = W f + b at every position, [B, E, H, W]: ``weight`` [E, D] at each layer's own resolution, then added."""
    parts = [part[:, :, None, None] for part in weight.split(channels(maps), dim=1)]
    z = functional.conv2d(maps[0], parts[0], bias)
    for m, part in zip(maps[1:], parts[1:], strict=True):
        z = z + upsample(functional.conv2d(m, part), z)
    return z


def subtract(maps: Maps, offset: Maps) -> Maps:
    """``maps`` less ``offset`` ([1, C, h, w] or [1, C, 1, 1] for each layer)."""
    return [m - o for m, o in zip(maps, offset, strict=True)]

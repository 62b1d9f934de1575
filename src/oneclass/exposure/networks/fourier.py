"""Convolutions of small maps as products of matrices, by discrete Fourier transforms: a tenth of the multiplications.

With a kernel of 2 t + 1 weights and padding, a convolution along n positions is a cyclic one along n + t, of which t
are zero, so that in frequencies it is a product of complex numbers. Gauss makes one from three real products:

    (x + iy) (b + ic) = (k1 - k3) + i (k1 + k2),  k1 = b (x + y),  k2 = x (c - b),  k3 = y (b + c).

All else is linear. With r products an axis, a convolution of maps is therefore ``back ((of_map x) * (of_kernel w))``
with three real matrices, each along both axes; with channels, each of the r² products is one of matrices [B, a] and
[a, b]. Maps of 16×16 and kernels of 5×5 take 2.6 products a position where the sum over the kernel takes 25.
"""

from functools import cache
from math import pi

import torch
from torch import Tensor, nn

_AT_ONCE = 2  # frequencies of the first axis: what belongs to them stays in a core's cache
CHANNELS, IMAGES = 32, 32  # in and out, and in a batch, from which it is faster (benchmarks/README.md)


class Convolution(nn.Conv2d):
    """``nn.Conv2d(a, b, 2 t + 1, padding=t)`` of square maps; in training on a CPU by ``convolved`` where that is
    faster."""

    def __init__(self, a: int, b: int, taps: int, groups: int = 1, bias: bool = True) -> None:
        super().__init__(a, b, taps, padding=taps // 2, groups=groups, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, a, n, n] to [B, b, n, n]."""
        return convolved(x, self.weight, self.bias) if self._pays(x) else super().forward(x)

    def _pays(self, x: Tensor) -> bool:
        wide = self.groups == 1 and min(self.in_channels, self.out_channels) >= CHANNELS and len(x) >= IMAGES
        return self.training and wide and x.device.type == "cpu" and not torch.is_autocast_enabled("cpu")


def convolved(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``conv2d(x, weight, bias, padding=t)`` of maps x [B, a, n, n] and kernels [b, a, 2 t + 1, 2 t + 1]: [B, b, n, n].

    In channels last; the same to rounding, which is as fine as that of PyTorch's sum.
    """
    of_map, of_kernel, back = _matrices(x.shape[-1], weight.shape[-1], x.dtype)
    maps = _along_first(of_map, x.permute(2, 3, 0, 1))  # [r, n, B, a]
    kernels = _along_second(of_kernel, _along_first(of_kernel, weight.permute(2, 3, 1, 0)))  # [r, r, a, b]
    products = [
        _along_second(back, _along_second(of_map, own) @ kernel)
        for own, kernel in zip(maps.split(_AT_ONCE), kernels.split(_AT_ONCE), strict=True)
    ]
    y = _along_first(back, torch.cat(products)).permute(2, 3, 0, 1).contiguous(memory_format=torch.channels_last)
    return y if bias is None else y.add_(bias.view(1, -1, 1, 1))


def _along_first(matrix: Tensor, x: Tensor) -> Tensor:
    """``matrix`` [r, n] along the first axis of x [n, ...]: [r, ...]."""
    return (matrix @ x.flatten(1)).unflatten(1, x.shape[1:])


def _along_second(matrix: Tensor, x: Tensor) -> Tensor:
    """``matrix`` [r, n] along the second axis of x [m, n, ...]: [m, r, ...]."""
    return torch.bmm(matrix.expand(len(x), *matrix.shape), x.flatten(2)).unflatten(2, x.shape[2:])


@cache
def _matrices(n: int, taps: int, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """``of_map`` [r, n], ``of_kernel`` [r, taps] and ``back`` [n, r]."""
    reach = taps // 2
    period = n + reach
    position, offset = torch.arange(n, dtype=torch.float64), torch.arange(taps, dtype=torch.float64) - reach
    of_map, of_kernel, back = [], [], []
    for frequency in range(period // 2 + 1):
        angle = 2 * pi * frequency / period
        x, y = (angle * position).cos(), -(angle * position).sin()
        b, c = (angle * offset).cos(), (angle * offset).sin()  # conjugate: the kernel is not turned round
        if frequency == 0 or 2 * frequency == period:  # y and c are 0
            of_map += [x]
            of_kernel += [b]
            back += [x / period]
        else:  # and its conjugate, which adds as much to the real part
            of_map += [x + y, x, y]
            of_kernel += [b, c - b, b + c]
            back += [2 * (x + y) / period, 2 * y / period, -2 * x / period]
    return torch.stack(of_map).to(dtype), torch.stack(of_kernel).to(dtype), torch.stack(back, 1).to(dtype)

"""Batch normalisation of merged copies, leaky ReLU and 2×2 max-pooling in one, in few passes over the values.

Normalisation scales each channel and the ReLU rises, so the greatest of four stays the greatest (the least where the
scale is negative): pooling comes first, and the rest is done for a quarter of the values. What passes over all of them
goes through a few samples at a time on a CPU, which stay in its cache.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import leaky_relu, max_pool2d

_PART = 1 << 18  # values at a time


class _Normalised(torch.autograd.Function):
    """``forward(y, weight, bias, share, eps, slope)``: see ``normalised_and_pooled``."""

    @staticmethod
    def forward(
        ctx: Any, y: Tensor, weight: Tensor, bias: Tensor, share: Tensor, eps: float, slope: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        each = share / y[0, 0].numel()  # of one value of a sample in the batch
        mean = each @ torch.cat([part.sum((2, 3), dtype=each.dtype) for (part,) in _parts(y)])
        squares = [(part - _channels(mean)).square_().sum((2, 3)) for (part,) in _parts(y)]
        variance = each @ torch.cat(squares)
        turned = (weight < 0).any()
        signs = _channels(weight.sign())
        largest, places = max_pool2d(y * signs.to(y.dtype) if turned else y, 2, return_indices=True)
        largest = largest * signs if turned else largest.to(weight.dtype)
        inverse = (variance + eps).rsqrt()
        scale = weight * inverse
        out = torch.addcmul(_channels(bias - mean * scale), largest, _channels(scale))
        out = leaky_relu(out, slope, inplace=True)
        ctx.save_for_backward(y, largest, places, out, weight, mean, inverse, each)
        ctx.slope = slope
        ctx.mark_non_differentiable(mean, variance)
        return out, mean, variance

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """With w a value's share and x its normalised form, dy = scale · (g at its place - w · (Σ g + x Σ g x))."""
        y, largest, places, out, weight, mean, inverse, each = ctx.saved_tensors
        g = torch.ops.aten.leaky_relu_backward(gradients[0], out, ctx.slope, True)
        bias = g.sum((0, 2, 3))
        slope = ((g * largest).sum((0, 2, 3)) - mean * bias) * inverse
        scale = weight * inverse
        of_y = -scale * inverse * slope
        constant = -scale * bias - of_y * mean
        dy = torch.empty_like(y)
        shared = (each[:, None] * constant)[:, :, None, None], (each[:, None] * of_y)[:, :, None, None]
        for part, values, at, g_part, add, times in _parts(dy, y, places, g * _channels(scale), *shared):
            values = values.to(g.dtype)
            pooled = torch.ops.aten.max_pool2d_with_indices_backward(
                g_part, values, [2, 2], [2, 2], [0, 0], [1, 1], False, at
            )
            part.copy_(torch.addcmul(add, values, times).add_(pooled))
        return dy, slope, bias, None, None, None


def normalised_and_pooled(
    norm: torch.nn.BatchNorm2d, y: Tensor, counts: Tensor, slope: float
) -> tuple[Tensor, Tensor, Tensor]:
    """``max_pool2d(leaky_relu(norm(y), slope), 2)`` in training, where sample b of ``y`` is there ``counts[b]`` times.

    [B, C, H, W] to [B, C, H / 2, W / 2], in the type of the weights of ``norm``, which that of ``y`` may be shorter
    than. With it the mean and the (biased) variance of the batch.
    """
    share = counts.to(norm.weight.dtype) / counts.sum()
    out: tuple[Tensor, Tensor, Tensor] = _Normalised.apply(y, norm.weight, norm.bias, share, norm.eps, slope)
    return out


def _parts(first: Tensor, *others: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """A few samples of each at a time on a CPU, all on other devices."""
    size = max(1, _PART // first[0].numel()) if first.device.type == "cpu" else len(first)
    return zip(*(values.split(size) for values in (first, *others)), strict=True)


def _channels(values: Tensor) -> Tensor:
    return values.view(1, -1, 1, 1)

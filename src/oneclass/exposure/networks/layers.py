"""What the networks of paper 2 (Appendix G.1) are made of, at any width.

A batch may name each distinct sample once and say in ``counts`` [B] how often it occurs: batch normalisation, where
samples meet, then weighs them by it, and the outputs [B, R] are those that each of the copies would have.

Small networks may also stand beside each other as one: ``members`` networks have their channels and units one after the
other, in groups that do not meet, and map [B, K · C, ...] to [B, K · R]. Their weights and statistics are those of the
members, concatenated.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

SLOPE = 0.01  # of the leaky ReLU
EPS, MOMENTUM = 1e-4, 0.1  # of batch normalisation, in the authors' code


class Encoder(nn.Module):
    """What a method is trained on: ``forward(x, counts)`` gives ``outputs`` numbers for each sample."""

    outputs: int


class Linear(nn.Linear):
    """Linear layers of ``members`` networks, [B, K · a] to [B, K · b]; with one, PyTorch's own."""

    def __init__(self, a: int, b: int, members: int = 1) -> None:
        super().__init__(a, members * b)
        self._members = members

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, K · a] to [B, K · b]."""
        if self._members == 1:
            return linear(x, self.weight, self.bias)
        weights = self.weight.unflatten(0, (self._members, -1))
        y = x.unflatten(1, (self._members, -1)).transpose(0, 1) @ weights.mT  # [K, B, b]
        return y.transpose(0, 1).flatten(1) + self.bias


def counted(norm: nn.BatchNorm1d | nn.BatchNorm2d, x: Tensor, counts: Tensor | None) -> Tensor:
    """``norm`` of ``x`` [B, C, ...] where sample b occurs ``counts[b]`` times.

    Each of its n values has the share w_b = counts[b] / (n Σ counts) of the batch, whose mean is Σ w_b x and whose
    (biased) variance Σ w_b (x - mean)²: the statistics of the copies, from one of each.
    """
    if counts is None or not norm.training:
        return norm(x)
    extents, shape = tuple(range(2, x.dim())), (-1, *(1,) * (x.dim() - 2))
    share = counts.to(x.dtype) / (counts.sum() * x[0, 0].numel())
    mean = share @ _summed(x, extents)
    variance = share @ _summed((x - mean.view(shape)).square(), extents)
    update_running_statistics(norm, mean, variance, counts.sum() * x[0, 0].numel())
    scale = norm.weight * (variance + norm.eps).rsqrt()
    return torch.addcmul((norm.bias - mean * scale).view(shape), x, scale.view(shape))


def _summed(x: Tensor, dimensions: tuple[int, ...]) -> Tensor:
    return x.sum(dimensions) if dimensions else x


@torch.no_grad()
def update_running_statistics(
    norm: nn.BatchNorm1d | nn.BatchNorm2d, mean: Tensor, variance: Tensor, size: Tensor
) -> None:
    """Move the running statistics towards those of a batch of ``size`` values, of which ``variance`` is biased."""
    assert norm.running_mean is not None and norm.running_var is not None  # as by default
    norm.running_mean.lerp_(mean, MOMENTUM)
    norm.running_var.lerp_(variance * size / (size - 1), MOMENTUM)


def applied(layer: nn.Module, x: Tensor, precision: str) -> Tensor:
    """``layer(x)``, multiplied in ``precision`` ("float32" or "bfloat16") and rounded to it.

    In "bfloat16" numbers of eight significant bits are multiplied and added up in float32, which processors made for it
    do faster; the weights themselves are float32.
    """
    with torch.autocast(x.device.type, torch.bfloat16, enabled=precision == "bfloat16"):
        y: Tensor = layer(x)
    return y


def units(count: int, width: float) -> int:
    """How many kernels or units a layer has that has ``count`` at width 1."""
    return max(1, round(count * width))

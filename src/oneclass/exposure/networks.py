"""The networks of paper 2 (Appendix G.1), at any width, and the small head that stands on frozen features.

A batch may name each distinct sample once and say in ``counts`` [B] how often it stands there: batch normalisation,
where samples meet, then weighs them by it, and the outputs [B, R] are those that each of the copies would have.
"""

from dataclasses import dataclass
from itertools import pairwise
from threading import Lock

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, max_pool2d

from oneclass.exposure.methods import Method
from oneclass.exposure.pooling import normalised_and_pooled

SLOPE = 0.01  # of the leaky ReLU
EPS, MOMENTUM = 1e-4, 0.1  # of batch normalisation, in the authors' code
_RANDOM = Lock()  # PyTorch's initialisation draws from one generator for all threads


def counted(norm: nn.BatchNorm1d | nn.BatchNorm2d, x: Tensor, counts: Tensor | None) -> Tensor:
    """``norm`` of ``x`` [B, C, ...] where sample b stands ``counts[b]`` times.

    Each of its n values has the share w_b = counts[b] / (n Σ counts) of the batch, whose mean is Σ w_b x and whose
    (biased) variance Σ w_b (x - mean)²: the statistics of the copies, from one of each.
    """
    if counts is None or not norm.training:
        return norm(x)
    extents, shape = tuple(range(2, x.dim())), (-1, *(1,) * (x.dim() - 2))
    share = counts.to(x.dtype) / (counts.sum() * x[0, 0].numel())
    mean = share @ _summed(x, extents)
    variance = share @ _summed((x - mean.view(shape)).square(), extents)
    _remember(norm, mean, variance, counts.sum() * x[0, 0].numel())
    scale = norm.weight * (variance + norm.eps).rsqrt()
    return torch.addcmul((norm.bias - mean * scale).view(shape), x, scale.view(shape))


def _summed(x: Tensor, dimensions: tuple[int, ...]) -> Tensor:
    return x.sum(dimensions) if dimensions else x


@torch.no_grad()
def _remember(norm: nn.BatchNorm1d | nn.BatchNorm2d, mean: Tensor, variance: Tensor, size: Tensor) -> None:
    """Move the running statistics towards those of a batch of ``size`` values, of which ``variance`` is biased."""
    assert norm.running_mean is not None and norm.running_var is not None  # as by default
    norm.running_mean.lerp_(mean, MOMENTUM)
    norm.running_var.lerp_(variance * size / (size - 1), MOMENTUM)


@dataclass(frozen=True)
class Architecture:
    """A ``kind`` of network ("lenet", "cbam_resnet18", "head"), a factor on its layers' sizes, and ``precision``.

    In "bfloat16" convolutions and the first linear layer (in the ResNet all layers) multiply numbers of eight
    significant bits and add them up in float32, which processors made for it do faster; all else, the weights
    themselves too, is float32.
    """

    kind: str
    width: float = 1
    precision: str = "float32"


def applied(layer: nn.Module, x: Tensor, precision: str) -> Tensor:
    """``layer(x)``, multiplied in ``precision`` and rounded to it."""
    with torch.autocast(x.device.type, torch.bfloat16, enabled=precision == "bfloat16"):
        y: Tensor = layer(x)
    return y


class Network(nn.Module):
    """What a method is trained on: ``forward(x, counts)`` gives ``outputs`` numbers a sample."""

    outputs: int


class Head(Network):
    """Two linear layers, the first with batch normalisation: 512 and 256 units at width 1. [B, D] to [B, R]."""

    def __init__(self, inputs: int, width: float, precision: str = "float32") -> None:
        super().__init__()
        self._precision = precision
        hidden, self.outputs = units(512, width), units(256, width)
        self.first = nn.Linear(inputs, hidden)
        self.norm = nn.BatchNorm1d(hidden, eps=EPS, momentum=MOMENTUM)
        self.last = nn.Linear(hidden, self.outputs)

    def forward(self, x: Tensor, counts: Tensor | None = None) -> Tensor:
        """[B, D] to [B, R]."""
        y = applied(self.first, x, self._precision).to(x.dtype)
        return self.last(leaky_relu(counted(self.norm, y, counts), SLOPE))


class Block(nn.Module):
    """A 5×5 convolution with batch normalisation, half as wide and high. [B, a, H, W] to [B, b, H / 2, W / 2]."""

    def __init__(self, a: int, b: int, precision: str) -> None:
        super().__init__()
        self._precision = precision
        self.convolution = nn.Conv2d(a, b, 5, padding=2)
        self.norm = nn.BatchNorm2d(b, eps=EPS, momentum=MOMENTUM)

    def forward(self, x: Tensor, counts: Tensor | None = None) -> Tensor:
        """[B, a, H, W] to [B, b, H / 2, W / 2]."""
        y = applied(self.convolution, x, self._precision)
        if counts is None or not self.training:
            return max_pool2d(leaky_relu(self.norm(y.to(x.dtype)), SLOPE), 2)
        z, mean, variance = normalised_and_pooled(self.norm, y, counts, SLOPE)
        _remember(self.norm, mean, variance, counts.sum() * y[0, 0].numel())
        return z


class LeNet(Network):
    """Three blocks (32, 64, 128 kernels at width 1), then ``Head``. [B, 3, 32, 32] to [B, R]."""

    def __init__(self, width: float, precision: str = "float32") -> None:
        super().__init__()
        kernels = [3, *(units(count, width) for count in (32, 64, 128))]
        self.blocks = nn.ModuleList(Block(a, b, precision) for a, b in pairwise(kernels))
        self.head = Head(kernels[-1] * 16, width, precision)
        self.outputs = self.head.outputs

    def forward(self, x: Tensor, counts: Tensor | None = None) -> Tensor:
        """[B, 3, 32, 32] to [B, R]."""
        for block in self.blocks:
            x = block(x, counts)
        return self.head(x.flatten(1), counts)


class Classifier(nn.Module):
    """A network and the linear layer that turns its representation into one logit, [B, 1]."""

    def __init__(self, network: nn.Module, outputs: int) -> None:
        super().__init__()
        self.network = network
        self.logit = nn.Linear(outputs, 1)

    def forward(self, x: Tensor, counts: Tensor | None = None) -> Tensor:
        """As ``network``, to [B, 1]."""
        return self.logit(self.network(x, counts))


def build(architecture: Architecture, method: Method, inputs: int, seed: int) -> nn.Module:
    """An untrained network for ``method``; ``inputs`` counts the features that a head stands on.

    Its first weights are PyTorch's defaults, drawn from ``seed``; those that two methods share are the same.
    """
    with _RANDOM, torch.random.fork_rng():
        torch.manual_seed(seed)
        network = _network(architecture, inputs)
        return Classifier(network, network.outputs) if method.classifier else network


def _network(architecture: Architecture, inputs: int) -> Network:
    width, precision = architecture.width, architecture.precision
    match architecture.kind:
        case "head":
            return Head(inputs, width, precision)
        case "lenet":
            return LeNet(width, precision)
    from oneclass.exposure.cbam import CbamResNet18  # brings timm, which the others do without

    return CbamResNet18(width, precision)


def units(count: int, width: float) -> int:
    """How many kernels or units a layer has that has ``count`` at width 1."""
    return max(1, round(count * width))

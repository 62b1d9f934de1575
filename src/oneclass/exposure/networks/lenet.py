"""The network of paper 2 for 32-pixel images."""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn.functional import leaky_relu, max_pool2d

from oneclass.exposure.networks.fourier import Convolution
from oneclass.exposure.networks.head import Head
from oneclass.exposure.networks.layers import (
    EPS,
    MOMENTUM,
    SLOPE,
    Encoder,
    applied,
    units,
    update_running_statistics,
)
from oneclass.exposure.networks.pooling import normalised_and_pooled


class Block(nn.Module):
    """A 5×5 convolution with batch normalisation, half as wide and high. [B, a, H, W] to [B, b, H / 2, W / 2]."""

    def __init__(self, a: int, b: int, precision: str, members: int) -> None:
        super().__init__()
        self._precision = precision
        self.convolution = Convolution(members * a, members * b, 5, groups=members)
        self.norm = nn.BatchNorm2d(members * b, eps=EPS, momentum=MOMENTUM)

    def forward(self, x: Tensor, counts: Tensor | None = None) -> Tensor:
        """Map [B, a, H, W] to [B, b, H / 2, W / 2]."""
        y = applied(self.convolution, x, self._precision)
        if counts is None or not self.training:
            return max_pool2d(leaky_relu(self.norm(y.to(x.dtype)), SLOPE), 2)
        z, mean, variance = normalised_and_pooled(self.norm, y, counts, SLOPE)
        update_running_statistics(self.norm, mean, variance, counts.sum() * y[0, 0].numel())
        return z


class LeNet(Encoder):
    """Three blocks (32, 64, 128 kernels at width 1), then ``Head``. [B, 3, 32, 32] to [B, R]."""

    def __init__(self, width: float, precision: str = "float32", members: int = 1) -> None:
        super().__init__()
        kernels = [3, *(units(count, width) for count in (32, 64, 128))]
        self.blocks = nn.ModuleList(Block(a, b, precision, members) for a, b in pairwise(kernels))
        self.head = Head(kernels[-1] * 16, width, precision, members)
        self.outputs = self.head.outputs

    def forward(self, x: Tensor, counts: Tensor | None = None) -> Tensor:
        """Map [B, 3, 32, 32] to [B, R]."""
        for block in self.blocks:
            x = block(x, counts)
        return self.head(x.flatten(1), counts)


def build(width: float, precision: str, inputs: int, members: int = 1) -> LeNet:
    """LeNets beside each other with PyTorch's default first weights; they take pixels, whatever ``inputs``."""
    return LeNet(width, precision, members)

"""ResNet-18 (He et al. 2016) for images of about 32 pixels: its first convolution is 3×3 and keeps their size."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from oneclass.baselines.pointwise import Pointwise


class Block(nn.Module):
    """relu(x + bn(conv(relu(bn(conv(x)))))), 3×3 each; a 1×1 convolution, normalised too, brings x to another size."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.last = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.first_norm, self.last_norm = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        resized = [Pointwise(inputs, outputs, stride), nn.BatchNorm2d(outputs)]
        self.shortcut = nn.Sequential(*(resized if inputs != outputs else []))

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, inputs, H, W] to [B, outputs, H / stride, W / stride]."""
        y = relu(self.first_norm(self.first(x)))
        return relu(self.shortcut(x) + self.last_norm(self.last(y)))


class ResNet18(nn.Module):
    """Four stages of two blocks, of 64, 128, 256 and 512 channels times ``width``, and their mean: ``outputs``
    features."""

    def __init__(self, width: float) -> None:
        super().__init__()
        channels = [max(1, round(count * width)) for count in (64, 64, 128, 256, 512)]
        layers: list[nn.Module] = [nn.Conv2d(3, channels[0], 3, 1, 1, bias=False), nn.BatchNorm2d(channels[0])]
        layers.append(nn.ReLU())
        for stage, (inputs, outputs) in enumerate(pairwise(channels)):
            layers += [Block(inputs, outputs, 2 if stage else 1), Block(outputs, outputs, 1)]
        self.layers = nn.Sequential(*layers)
        self.outputs = channels[-1]

    def forward(self, x: Tensor) -> Tensor:
        """Features [B, R] of images [B, 3, S, S] in [0, 1]."""
        x = (2 * x - 1).contiguous(memory_format=torch.channels_last)  # faster on a CPU
        y: Tensor = self.layers(x).mean((2, 3))
        return y

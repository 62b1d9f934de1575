"""Wide ResNets (Zagoruyko and Komodakis 2016) for images of about 32 pixels, with heads."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from oneclass.baselines.pointwise import Pointwise


class Block(nn.Module):
    """x + conv(relu(bn(conv(relu(bn(x)))))), 3×3 each; a 1×1 convolution brings x to another size, after the first
    activation."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first_norm, self.last_norm = nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.last = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.shortcut = Pointwise(inputs, outputs, stride) if inputs != outputs else None

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, inputs, H, W] to [B, outputs, H / stride, W / stride]."""
        y = relu(self.first_norm(x))
        z = self.last(relu(self.last_norm(self.first(y))))
        return z + (x if self.shortcut is None else self.shortcut(y))


class WideResNet(nn.Module):
    """Three stages of ``blocks`` blocks, of 16, 32 and 64 channels times ``width``, and linear heads on their mean: the
    depth is 6 ``blocks`` + 4. Without dropout; the convolutions' first weights are He et al.'s (2015)."""

    def __init__(self, blocks: int, width: float, heads: Sequence[int]) -> None:
        super().__init__()
        channels = [16, *(max(1, round(count * width)) for count in (16, 32, 64))]
        layers: list[nn.Module] = [nn.Conv2d(3, channels[0], 3, 1, 1, bias=False)]
        for stage, (inputs, outputs) in enumerate(pairwise(channels)):
            layers.append(Block(inputs, outputs, 2 if stage else 1))
            layers += [Block(outputs, outputs, 1) for _ in range(blocks - 1)]
        self.stages = nn.Sequential(*layers, nn.BatchNorm2d(channels[-1]), nn.ReLU())
        self.heads = nn.Linear(channels[-1], sum(heads))
        self._sizes = list(heads)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The logits of each head, [B, heads[k]], for images uint8 [B, 3, S, S]."""
        x = (x / 127.5 - 1).contiguous(memory_format=torch.channels_last)  # a third faster on a CPU
        z: Tensor = self.stages(x).mean((2, 3))
        return self.heads(z).split(self._sizes, dim=1)

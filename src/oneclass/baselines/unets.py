"""The two networks of DRAEM: encoders and decoders of 3x3 convolutions, the second with skip connections."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d

STANDARD_DEVIATION = 0.02  # of first weights


class UNet(nn.Module):
    """Blocks of two convolutions at ever smaller sizes, and back.

    ``down`` are the channels of the blocks, ``up`` those of each step back: after its upsampling, and of its block.
    With ``skips`` a block on the way back sees the output of the one of its size on the way down, too.
    """

    def __init__(
        self, inputs: int, outputs: int, down: Sequence[int], up: Sequence[tuple[int, int, int]], skips: bool
    ) -> None:
        super().__init__()
        self._skips = skips
        self.down = nn.ModuleList(_convolutions(before, size, size) for before, size in pairwise([inputs, *down]))
        self.up, self.join = nn.ModuleList(), nn.ModuleList()
        before = down[-1]
        for (widened, first, second), beside in zip(up, down[-2::-1], strict=True):
            self.up.append(_convolutions(before, widened))
            self.join.append(_convolutions(widened + skips * beside, first, second))
            before = second
        self.last = nn.Conv2d(before, outputs, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        """Map [B, inputs, H, W] to [B, outputs, H, W]."""
        x, seen = self.down[0](images), []
        for block in self.down[1:]:
            seen.append(x)
            x = block(max_pool2d(x, 2))
        for widen, join, beside in zip(self.up, self.join, reversed(seen), strict=True):
            x = widen(interpolate(x, size=beside.shape[2:], mode="bilinear", align_corners=True))
            x = join(torch.cat([x, beside], dim=1) if self._skips else x)
        return self.last(x)


def reconstructive(width: float) -> UNet:
    """From an image to what it would be without anomalies; at ``width`` 1 its first block has 128 channels."""
    w, w2, w4, w8 = (max(1, round(width * size)) for size in (128, 256, 512, 1024))
    return UNet(3, 3, (w, w2, w4, w8, w8), ((w8, w8, w4), (w4, w4, w2), (w2, w2, w), (w, w, w)), skips=False)


def discriminative(width: float) -> UNet:
    """From a reconstruction and its image to two logits of each pixel, normal and anomalous; 64 channels."""
    w, w2, w4, w8 = (max(1, round(width * size)) for size in (64, 128, 256, 512))
    up = ((w8, w8, w8), (w4, w4, w4), (w2, w2, w2), (w, w, w), (w, w, w))
    return UNet(6, 2, (w, w2, w4, w8, w8, w8), up, skips=True)


def untrained(width: float) -> nn.ModuleList:
    """Both networks, with first weights about 0, and about 1 in batch normalisation, of ``STANDARD_DEVIATION``."""
    networks = nn.ModuleList([reconstructive(width), discriminative(width)])
    for layer in networks.modules():
        if isinstance(layer, nn.Conv2d | nn.BatchNorm2d):
            nn.init.normal_(layer.weight, float(isinstance(layer, nn.BatchNorm2d)), STANDARD_DEVIATION)
    return networks


def _convolutions(*channels: int) -> nn.Sequential:
    """From the first number of ``channels`` to the last; each with batch normalisation and a ReLU."""
    layers: list[nn.Module] = []
    for before, after in pairwise(channels):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)

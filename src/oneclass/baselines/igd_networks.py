"""The decoder and the critic of IGD (Chen et al. 2022): residual networks between 4 pixels a side and the image's.

As the authors', but that the first layer of the decoder and the last of the critic, a convolution for images of 256
pixels, is a residual block like the others: so that any power of two will do. ``width`` is a factor on all layers.
"""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from oneclass.exposure.networks.layers import units

BASE = 64  # kernels next to the image
SMALLEST = 4  # pixels a side
LARGEST = 32  # pixels a side, of an image that residual blocks reach


def _reached(side: int) -> int:
    """The side that blocks reach of an image of ``side`` pixels; one convolution does the rest."""
    return side // 2 if side > LARGEST else side


def _growth(side: int, width: float) -> list[int]:
    """The kernels at each doubling, from those next to the image to those of ``SMALLEST`` pixels a side."""
    doublings = (_reached(side) // SMALLEST).bit_length() - 1
    return [units(BASE * min(8, 2**k), width) for k in range(doublings + 1)]


class Up(nn.Module):
    """[B, a, h, w] to [B, b, 2h, 2w]."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__()
        self.shortcut = nn.Conv2d(a, b, 1)
        self.body = nn.Sequential(
            nn.BatchNorm2d(a),
            nn.ReLU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(a, b, 3, padding=1, bias=False),
            nn.BatchNorm2d(b),
            nn.ReLU(),
            nn.Conv2d(b, b, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, a, h, w] to [B, b, 2h, 2w]."""
        return interpolate(self.shortcut(x), scale_factor=2) + self.body(x)


class Down(nn.Module):
    """[B, a, h, h] to [B, b, h / 2, h / 2]."""

    def __init__(self, a: int, b: int, side: int) -> None:
        super().__init__()
        self.shortcut = nn.Conv2d(a, b, 1)
        self.body = nn.Sequential(
            nn.LayerNorm([a, side, side]),
            nn.ReLU(),
            nn.Conv2d(a, a, 3, padding=1, bias=False),
            nn.LayerNorm([a, side, side]),
            nn.ReLU(),
            nn.Conv2d(a, b, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, a, h, h] to [B, b, h / 2, h / 2]."""
        return self.shortcut(avg_pool2d(x, 2)) + avg_pool2d(self.body(x), 2)


class Decoder(nn.Module):
    """[B, ``latent``] to images [B, 3, side, side]."""

    def __init__(self, latent: int, side: int, width: float) -> None:
        super().__init__()
        kernels = _growth(side, width)[::-1]
        self.first = nn.Linear(latent, kernels[0] * SMALLEST**2)
        self.blocks = nn.Sequential(*(Up(a, b) for a, b in pairwise(kernels)))
        doubled = nn.Upsample(scale_factor=2) if side > LARGEST else nn.Identity()
        self.last = nn.Sequential(
            nn.BatchNorm2d(kernels[-1]), nn.ReLU(), doubled, nn.Conv2d(kernels[-1], 3, 3, padding=1)
        )

    def forward(self, z: Tensor) -> Tensor:
        """Map [B, latent] to [B, 3, side, side]."""
        return self.last(self.blocks(self.first(z).unflatten(1, (-1, SMALLEST, SMALLEST))))


class Critic(nn.Module):
    """Images [B, 3, side, side] to a number each, [B]: how far it is from one sample towards another."""

    def __init__(self, side: int, width: float) -> None:
        super().__init__()
        kernels = _growth(side, width)
        first = nn.Conv2d(3, kernels[0], 5, 2, padding=2) if side > LARGEST else nn.Conv2d(3, kernels[0], 3, padding=1)
        sides = [_reached(side) >> k for k in range(len(kernels) - 1)]
        blocks = (Down(a, b, at) for (a, b), at in zip(pairwise(kernels), sides, strict=True))
        self.layers = nn.Sequential(first, *blocks, nn.Flatten(), nn.Linear(kernels[-1] * SMALLEST**2, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, 3, side, side] to [B]."""
        return self.layers(x)[:, 0]

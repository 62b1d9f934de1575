"""Images of equal sides, mirrored, moved by a quarter of the side and turned by right angles: each only moves pixels.

A transformation is therefore a table of positions: pixel p of the transformed image is pixel ``table[p]`` of the image.
What a move leaves empty is filled with the mirror image beyond the border.
"""

from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

MOVES = (0, -1, 1)  # quarters of the side
TURNS = 4
_BATCH = 256


@dataclass(frozen=True)
class Transformation:
    """First ``mirror``, left to right, then a move to the ``right`` and ``down`` by these quarters of the side, then
    ``turns`` by 90°, counterclockwise."""

    mirror: bool
    right: int
    down: int
    turns: int

    def table(self, side: int) -> Tensor:
        """Where the pixels of the transformed image come from, int64 [side · side]."""
        places = torch.arange(side * side).view(side, side)
        places = places.flip(1) if self.mirror else places
        rows, columns = (_reflected(torch.arange(side) - step * (side // 4), side) for step in (self.down, self.right))
        return torch.rot90(places[rows][:, columns], self.turns).flatten()


MOVED_AND_TURNED = [Transformation(False, *one) for one in product(MOVES, MOVES, range(TURNS))]
ALL = [*MOVED_AND_TURNED, *(Transformation(True, *one) for one in product(MOVES, MOVES, range(TURNS)))]


def tables(transformations: list[Transformation], side: int) -> Tensor:
    """The table of each, int64 [K, side · side]."""
    return torch.stack([one.table(side) for one in transformations])


def transformed(images: Tensor, table: Tensor) -> Tensor:
    """``images`` [B, C, S, S], each by its own row of ``table`` [B, S · S], or all by one [S · S]."""
    pixels = images.flatten(2)
    index = table.expand(len(images), -1)[:, None].expand(pixels.shape)
    return pixels.gather(2, index).view(images.shape)


def reduced(images: Tensor, side: int) -> Tensor:
    """``images`` uint8 [N, C, S, S] averaged down to ``side`` pixels a side, uint8; smaller ones as they are."""
    if images.shape[-1] <= side:
        return images
    parts = [adaptive_avg_pool2d(part.float(), side).round_().to(torch.uint8) for part in images.split(_BATCH)]
    return torch.cat(parts)


def _reflected(positions: Tensor, side: int) -> Tensor:
    """Positions of which those outside are mirrored at the pixels on the border, which are not repeated."""
    return side - 1 - (side - 1 - positions.abs()).abs()

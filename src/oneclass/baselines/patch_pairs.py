"""The pairs of patches that Patch SVDD learns from (Yi and Yoon 2020, Sections 3.2 and 3.3)."""

import torch
from torch import Generator, Tensor

SMALL, LARGE = 32, 64  # pixels a side of patches
NOISE = 0.02  # standard deviation of a patch's shift of each colour, and of each pixel's noise, for images in [0, 1]


def pairs(train: Tensor, mean: Tensor, rows: Tensor, size: int, random: Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Pairs of patches of the images at ``rows`` [B]: those beside each other [2, B, 3, K, K] with noise, the direction
    [B] from the first to the second, and those near each other [2, B, 3, K, K]."""
    count, room = len(rows), train.shape[-1] - size

    def draw(below: int, *shape: int) -> Tensor:
        return torch.randint(below, (*shape, count), generator=random)

    def cut(first: Tensor, move: Tensor) -> Tensor:
        corners = [first, (first + move).clamp(0, room)]
        return torch.stack([standardised(train, mean, rows, corner, size) for corner in corners])

    direction, reach = draw(8), size // SMALL
    beside = cut(draw(room + 1, 2), around(direction, 1) * (3 * size // 4 + draw(size // 4, 2)))
    for shape in ((2, count, 3, 1, 1), beside.shape):
        beside = beside + NOISE * torch.randn(shape, generator=random)
    near = cut(draw(room + 1, 2), around(draw((2 * reach + 1) ** 2 - 1), reach))
    return beside, direction, near


def around(number: Tensor, reach: int) -> Tensor:
    """Rows and columns [2, B] of the moves ``number`` [B], row by row, of those by up to ``reach`` that move at all."""
    side = 2 * reach + 1
    number = number + (number >= side**2 // 2)
    return torch.stack([number // side, number % side]) - reach


def standardised(images: Tensor, mean: Tensor, rows: Tensor, corner: Tensor, size: int) -> Tensor:
    """The patches [B, 3, K, K] at ``corner`` [2, B] of the images at ``rows``, less the same of the ``mean`` image."""
    top, left = corner
    windows = images.unfold(2, size, 1).unfold(3, size, 1)[rows, :, top, left]
    return (windows.float() - mean.unfold(1, size, 1).unfold(2, size, 1)[:, top, left].transpose(0, 1)) / 255

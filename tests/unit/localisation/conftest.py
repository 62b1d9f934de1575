from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from oneclass.localisation.category import Category
from oneclass.localisation.maps import Alignment, Joining, Maps
from oneclass.localisation.results import Result
from oneclass.localisation.source import Rows

SHAPES = ((3, 8), (5, 4), (7, 2))  # channels and side of each layer


@dataclass(frozen=True)
class Memory:
    """Maps that are there already."""

    maps: Maps

    def batches(self, rows: Rows, size: int = 4) -> Iterator[Maps]:
        parts = np.array_split(rows, range(size, len(rows), size))
        return (Maps((m[some] for m in self.maps), self.maps.alignment) for some in parts)


def made(
    count: int, seed: int = 0, shapes: tuple[tuple[int, int], ...] = SHAPES, alignment: Alignment = "bilinear"
) -> Maps:
    """Pooled maps of made-up images: non-negative, correlated channels."""
    generator = torch.Generator().manual_seed(seed)
    maps = []
    for channels, side in shapes:
        mix = torch.randn(channels, channels, generator=generator)
        noise = torch.randn(count, channels, side, side, generator=generator)
        maps.append((torch.einsum("bchw,cd->bdhw", noise, mix) / 3 + 1).relu())
    return Joining(alignment=alignment).join(maps)


@pytest.fixture
def category() -> Callable[..., Category]:
    """20 training images, 6 normal and 4 anomalous test images; one corner of these is unlike anything seen."""

    def make(name: str = "tile", alignment: Alignment = "bilinear") -> Category:
        maps = made(30, seed=len(name), alignment=alignment)
        maps[0][26:, :, :4, :4] += 4
        rows = np.arange(30)
        ids = np.array([f"{name}/{k}" for k in range(20, 30)])
        return Category(name, Memory(maps), rows[:20], rows[20:], ids, np.repeat([0, 1], [6, 4]).astype(np.int8))

    return make


@pytest.fixture
def corner() -> np.ndarray:
    """Masks [10, 32, 32] of that category's defects."""
    masks = np.zeros((10, 32, 32), bool)
    masks[6:, :16, :16] = True
    return masks


@pytest.fixture
def empty() -> Callable[[], Result]:
    """A result to fill, of 32-pixel images of the category; figures show the first repetition at norm 1."""
    return lambda: Result(32, 2.0, {"tile": True}, lambda variant: variant.seed == 0 and variant.norm == 1)

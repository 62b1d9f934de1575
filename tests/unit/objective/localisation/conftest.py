from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.objective.localisation.category import Category, categories
from oneclass.objective.localisation.maps import Aggregation, Alignment, Maps
from oneclass.objective.localisation.sources import Rows

SHAPES = ((3, 8), (5, 4), (7, 2))  # channels and side of each layer


@dataclass(frozen=True)
class Memory:
    """Maps that are there already."""

    maps: Maps

    def batches(self, rows: Rows, size: int = 4) -> Iterator[Maps]:
        parts = np.array_split(rows, range(size, len(rows), size))
        return (Maps((m[some] for m in self.maps), self.maps.alignment) for some in parts)


def made(count: int, seed: int, alignment: Alignment) -> Maps:
    """Averaged maps of made-up images: non-negative, correlated channels."""
    generator = torch.Generator().manual_seed(seed)
    maps = []
    for channels, side in SHAPES:
        mix = torch.randn(channels, channels, generator=generator)
        noise = torch.randn(count, channels, side, side, generator=generator)
        maps.append((torch.einsum("bchw,cd->bdhw", noise, mix) / 3 + 1).relu())
    return Aggregation(alignment=alignment).apply(maps)


@pytest.fixture
def category() -> Callable[..., Category]:
    """20 training images, 6 normal and 4 anomalous test images; one corner of these is unlike anything seen. They have
    masks, unless ``masked`` says otherwise, but no files."""

    def make(alignment: Alignment = "bilinear", masked: bool = True) -> Category:
        maps = made(30, 4, alignment)
        maps[0][26:, :, :4, :4] += 4
        label = np.repeat([0, 1], [26, 4])
        split = np.repeat(["train", "test"], [20, 10])
        ids = [f"tile/{k}" for k in range(30)]
        table = pd.DataFrame({"id": ids, "class_name": "tile", "split": split, "label": label, "mask": ""})
        if masked:
            table.loc[label == 1, "mask"] = "corner.png"
        index = Index(table, "toy", Path("nowhere"), "a hash")
        return categories(Memory(maps), index, "defect", ["tile"], Geometry(32))[0]

    return make

"""Where the maps of some images come from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import h5py
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.features.store import require_index
from oneclass.localisation.maps import Joining, Maps, subtract

Rows = NDArray[np.int64]
BATCH = 16  # images whose maps are in memory at once


class MapSource(Protocol):
    """Pooled maps of images by their rows in the index."""

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        """The maps of ``rows`` in their order, at most ``size`` images at a time."""


@dataclass(frozen=True)
class Cached:
    """Maps read from the feature store ``path``; ``UserError`` if it belongs to another index or lacks a layer."""

    path: Path
    index: pd.DataFrame
    layers: list[int]
    joining: Joining
    device: str

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        with h5py.File(self.path) as file:
            require_index(file, self.path, self.index, self.layers)
            for some in np.array_split(rows, range(size, len(rows), size)):
                arrays = [np.stack([file[f"map{layer}"][row] for row in some]) for layer in self.layers]
                yield self.joining.join(torch.from_numpy(array).to(self.device) for array in arrays)


@dataclass(frozen=True)
class Centred:
    """A source whose maps are less a fixed ``offset``."""

    source: MapSource
    offset: list[Tensor]

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        return (subtract(maps, self.offset) for maps in self.source.batches(rows, size))


def open_maps(
    index: pd.DataFrame,
    features: str | None,
    network: Mapping[str, Any],
    transform: Mapping[str, Any],
    *,
    layers: list[int],
    joining: Mapping[str, Any],
    workers: int,
    device: str,
) -> MapSource:
    """Maps from the store ``features``; without one from the backbone that ``network`` describes (config: Backbone)."""
    if features:
        return Cached(Path(features), index, layers, Joining(**joining), device)
    from oneclass.localisation.streamed import Streamed  # brings timm along, which the cache does without

    return Streamed.load(
        index, network, transform, layers=layers, joining=Joining(**joining), workers=workers, device=device
    )

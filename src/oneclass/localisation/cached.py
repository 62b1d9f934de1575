"""Maps from the feature store, or from the backbone where nothing is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch

from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.features.store import require_index, require_layers
from oneclass.localisation.maps import Aggregation, Maps
from oneclass.localisation.source import BATCH, MapSource, Rows


@dataclass(frozen=True)
class Cached:
    """Maps read from the feature store ``path``; ``UserError`` if it belongs to another index or lacks a layer."""

    path: Path
    index: Index
    layers: list[int]
    aggregation: Aggregation
    device: str

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        with h5py.File(self.path) as file:
            require_index(file, self.path, self.index)
            require_layers(file, self.path, self.layers)
            for some in np.array_split(rows, range(size, len(rows), size)):
                arrays = [np.stack([file[f"map{layer}"][row] for row in some]) for layer in self.layers]
                yield self.aggregation.apply(torch.from_numpy(array).to(self.device) for array in arrays)


def open_maps(
    index: Index,
    features: str | None,
    network: Mapping[str, Any],
    geometry: Geometry,
    *,
    layers: list[int],
    aggregation: Mapping[str, Any],
    workers: int,
    device: str,
) -> MapSource:
    """Maps from the store ``features``; without one from the backbone that ``network`` describes (config: Backbone)."""
    how = Aggregation(**aggregation)
    if features:
        return Cached(Path(features), index, layers, how, device)
    from oneclass.localisation.streamed import Streamed  # brings timm along, which the cache does without

    return Streamed.load(index, network, geometry, layers=layers, aggregation=how, workers=workers, device=device)

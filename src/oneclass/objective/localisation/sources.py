"""Where the maps of images come from: the feature store, or the backbone where nothing is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass import hdf5
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.features.store import require_layers
from oneclass.objective.localisation.maps import Aggregation, Maps, subtract

if TYPE_CHECKING:
    from oneclass.features.backbone import Backbone

Rows = NDArray[np.int64]
BATCH = 16  # images whose maps are in memory at once


class MapSource(Protocol):
    """Averaged maps of images by their rows in the index."""

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        """The maps of ``rows`` in their order, at most ``size`` images at a time."""


@dataclass(frozen=True)
class TrainingImages:
    """The maps of the normal images, batch by batch, as often as they are read."""

    source: MapSource
    rows: Rows

    def __iter__(self) -> Iterator[Maps]:
        return self.source.batches(self.rows)

    def shuffled(self, random: np.random.Generator, size: int) -> Iterator[Maps]:
        """An epoch: all of them in random order, ``size`` at a time."""
        return self.source.batches(random.permutation(self.rows), size)


@dataclass(frozen=True)
class MeanSubtractedMaps:
    """A source whose maps are less a fixed ``offset``."""

    source: MapSource
    offset: list[Tensor]

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        return (subtract(maps, self.offset) for maps in self.source.batches(rows, size))


@dataclass(frozen=True)
class Streamed:
    """Maps computed anew at every pass; rounded as the store rounds them, so that caching changes no number."""

    index: Index
    backbone: "Backbone"
    geometry: Geometry
    layers: list[int]
    aggregation: Aggregation
    workers: int
    device: str

    @classmethod
    def load(cls, index: Index, network: Mapping[str, Any], geometry: Geometry, *, device: str, **how: Any) -> Self:
        """A source from the settings of a backbone in the config; ``how`` are the other fields."""
        from oneclass.features import backbone  # brings timm along, which the store does without

        loaded = backbone.load(**network)
        loaded.network.to(device)
        return cls(index, loaded, geometry, device=device, **how)

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        from oneclass.features.extract import infer

        for _, maps in infer(
            self.index.take(rows),
            self.backbone,
            geometry=self.geometry,
            layers=self.layers,
            workers=self.workers,
            batch_size=size,
            device=self.device,
        ):
            yield self.aggregation.apply(m.half() for m in maps)


@dataclass(frozen=True)
class Cached:
    """Maps read from the feature store ``path``; ``UserError`` if it belongs to another index or lacks a layer."""

    path: Path
    index: Index
    layers: list[int]
    aggregation: Aggregation
    device: str

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        with hdf5.opened(self.path) as file:
            self.index.require_same(hdf5.attribute(file, "index_hash"), self.path)
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
    return Streamed.load(index, network, geometry, layers=layers, aggregation=how, workers=workers, device=device)

"""Maps straight from the backbone, for features that nobody stores."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.features import backbone
from oneclass.features.backbone import Backbone
from oneclass.features.extract import infer
from oneclass.localisation.maps import Aggregation, Maps
from oneclass.localisation.source import BATCH, Rows


@dataclass(frozen=True)
class Streamed:
    """Maps computed anew at every pass; rounded as the store rounds them, so that caching changes no number."""

    index: Index
    backbone: Backbone
    geometry: Geometry
    layers: list[int]
    aggregation: Aggregation
    workers: int
    device: str

    @classmethod
    def load(cls, index: Index, network: Mapping[str, Any], geometry: Geometry, *, device: str, **how: Any) -> Self:
        """A source from the settings of a backbone in the config; ``how`` are the other fields."""
        loaded = backbone.load(**network)
        loaded.network.to(device)
        return cls(index, loaded, geometry, device=device, **how)

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
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

"""Maps straight from the backbone, for features that nobody stores."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd

from oneclass.features import backbone
from oneclass.features.backbone import Backbone
from oneclass.features.extract import infer
from oneclass.localisation.maps import Joining, Maps
from oneclass.localisation.source import BATCH, Rows


@dataclass(frozen=True)
class Streamed:
    """Maps computed anew at every pass; rounded as the store rounds them, so that caching changes no number."""

    index: pd.DataFrame
    backbone: Backbone
    resize: int
    crop: int | None
    layers: list[int]
    joining: Joining
    workers: int
    device: str

    @classmethod
    def load(
        cls, index: pd.DataFrame, network: Mapping[str, Any], transform: Mapping[str, Any], *, device: str, **how: Any
    ) -> Self:
        """From the settings of a backbone and a transform in the config."""
        loaded = backbone.load(**network)
        loaded.network.to(device)
        return cls(index, loaded, **transform, device=device, **how)

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        for _, maps in infer(
            self.index.iloc[rows],
            self.backbone,
            resize=self.resize,
            crop=self.crop,
            layers=self.layers,
            workers=self.workers,
            batch_size=size,
            device=self.device,
        ):
            yield self.joining.join(m.half() for m in maps)

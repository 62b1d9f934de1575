"""Where the maps of some images come from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from oneclass.localisation.maps import Maps, subtract

Rows = NDArray[np.int64]
BATCH = 16  # images whose maps are in memory at once


class MapSource(Protocol):
    """Averaged maps of images by their rows in the index."""

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        """The maps of ``rows`` in their order, at most ``size`` images at a time."""


@dataclass(frozen=True)
class MeanSubtractedMaps:
    """A source whose maps are less a fixed ``offset``."""

    source: MapSource
    offset: list[Tensor]

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        return (subtract(maps, self.offset) for maps in self.source.batches(rows, size))

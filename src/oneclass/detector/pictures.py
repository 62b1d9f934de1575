"""The pictures that a detector is fitted to and measured on, in the geometry of the network's input."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.data import defects, images, masks
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index, Place
from oneclass.detector.inspection import Looks
from oneclass.features.decode import decode, to_tensor
from oneclass.seeds import derive

BATCH = 16  # pictures in memory at once
DRAWN = 60  # defects that are drawn where there are no anomalies


@dataclass(frozen=True)
class Pictures:
    """The pictures of an index, as uint8 [3, S, S] each."""

    index: Index
    geometry: Geometry
    workers: int

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, position: int) -> Tensor:
        """``UserError`` names an unreadable file."""
        return to_tensor(self.geometry.apply(images.load(*self._places[position])))

    def take(self, positions: NDArray[np.int64]) -> "Pictures":
        """Those at ``positions``."""
        return replace(self, index=self.index.take(positions))

    @cached_property
    def _places(self) -> list[Place]:
        return self.index.places()

    def name(self, position: int) -> str:
        """What a reader knows the picture by."""
        return str(self.index.table["id"].iloc[position])

    def batches(self) -> Iterator[Tensor]:
        """All of them, uint8 [B, 3, S, S]; ``looks`` notes each on the way."""
        for number, batch in enumerate(decode(self._places, self.geometry, self.workers, BATCH)):
            self.looks.note(number * BATCH, batch)
            yield batch

    @cached_property
    def looks(self) -> Looks:
        """What ``batches`` has seen."""
        return Looks(len(self))

    def sizes(self) -> list[tuple[int, int]]:
        """Width and height of their files, of a thousand at most, evenly spread."""
        chosen = np.unique(np.linspace(0, len(self) - 1, min(len(self), 1000)).astype(int))
        return [images.size(*self._places[position]) for position in chosen]

    def masks(self) -> NDArray[np.bool_] | None:
        """[N, S, S], where the anomalous ones among them have masks."""
        return masks.load_all(self.index, self.geometry) if masks.has_masks(self.index) else None


@dataclass(frozen=True)
class Drawn:
    """Pictures with drawn defects, in memory: ``images`` uint8 [N, 3, S, S] and their exact masks [N, S, S]."""

    images: Tensor
    names: list[str]
    where: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, position: int) -> Tensor:
        return self.images[position]

    def name(self, position: int) -> str:
        return self.names[position]

    def batches(self) -> Iterator[Tensor]:
        yield from self.images.split(BATCH)

    def masks(self) -> NDArray[np.bool_]:
        return self.where


def draw_on(pictures: Pictures, contrast: float, seed: int) -> Drawn:
    """``DRAWN`` copies of ``pictures`` in turn, each with one defect, the kinds in turn.

    They are drawn after resizing, so that masks are exact at the resolution of the maps.
    """
    kinds, drawn = list(defects.KINDS), []
    for number in range(DRAWN):
        turn, position = divmod(number, len(pictures))
        kind, name = kinds[(position + turn) % len(kinds)], pictures.name(position)
        rng = np.random.default_rng(derive(seed, "detector", name, number))
        pixels, where = defects.draw(pictures[position].permute(1, 2, 0).numpy(), kind, contrast, rng)
        drawn.append((torch.from_numpy(pixels).permute(2, 0, 1), f"{name} with a drawn {kind}", where))
    copies, names, where_all = zip(*drawn, strict=True)
    return Drawn(torch.stack(copies), list(names), np.stack(where_all))

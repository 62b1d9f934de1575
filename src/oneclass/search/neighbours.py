"""Outliers that look like another: what mating and mutation choose from (Appendix H)."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from oneclass.errors import UserError
from oneclass.training.on_disk import OnDisk

_BATCH = 1024  # images compared at a time
_UNIT = 255**2  # of a squared distance between images in [0, 1], in theirs of bytes


@dataclass(frozen=True)
class Neighbours:
    """Of ``candidates`` rows of ``pool`` drawn with Python's generator, the ``nearest`` by squared L2 distance.

    ``pool`` [N, 3, S, S] uint8, held or on disk, is neither filtered nor normalised; or it is the features [N, D] that
    heads take. Rows nearer than ``floor`` (of images in [0, 1]) are passed over, as the authors do where it is 100;
    rows that are equal in distance stay in the order drawn.
    """

    pool: Tensor | OnDisk
    candidates: int
    nearest: int
    floor: float = 0

    def nearest_to(self, parents: Sequence[int]) -> list[int]:
        """Rows nearest to ``parents`` together, none of them among these. ``UserError`` if the floor leaves none."""
        count = len(self.pool)
        drawn = random.sample(range(count), min(self.candidates, count))
        rows = torch.tensor([row for row in drawn if row not in parents], dtype=torch.int64)
        distances = torch.stack([self._squared(rows, parent) for parent in parents])
        far = (distances >= self.floor * _UNIT).all(0)
        if not far.any():
            raise UserError(
                f"exposure.search.distance_floor: none of {len(rows)} candidates is {self.floor:g} away; lower it, or "
                "raise candidates"
            )
        order = distances.sum(0)[far].sort(stable=True).indices[: self.nearest]
        chosen: list[int] = rows[far][order].tolist()
        return chosen

    def _squared(self, rows: Tensor, parent: int) -> Tensor:
        """Squared distances [N] of ``rows`` to ``parent``: of bytes in whole numbers, which no device rounds."""
        image = _exact(self.pool[torch.tensor([parent])])
        parts = [_exact(self.pool[part.to(self.pool.device)]).sub_(image).square_() for part in rows.split(_BATCH)]
        return torch.cat([part.flatten(1).sum(1).cpu() for part in parts])


def _exact(images: Tensor) -> Tensor:
    return images.double() if images.is_floating_point() else images.int()

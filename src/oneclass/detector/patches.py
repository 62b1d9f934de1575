"""Patches of normal pictures: a random choice of them all, and how far each picture's are from those of the others."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.detector.distances import cells
from oneclass.objective.localisation.maps import Maps
from oneclass.objective.methods.patchcore import Reservoir
from oneclass.seeds import derive

CANDIDATES = 20_000
"""Normal patches that are drawn at random."""

_COMPARED = 1024  # patches at once


class Patches:
    """At most ``CANDIDATES`` patches of all pictures whose maps are added, a random choice."""

    def __init__(self, seed: int) -> None:
        # both draw the same numbers, so the same rows stay
        self._features, self._origins = (
            Reservoir(CANDIDATES, np.random.default_rng(derive(seed, "detector", "patches"))) for _ in range(2)
        )
        self._count = 0

    def add(self, maps: Maps) -> None:
        """Consider the patches of further pictures."""
        for picture in cells(maps):
            rows = picture.flatten(1).T
            self._features.add(rows)
            self._origins.add(torch.full((len(rows), 1), self._count))
            self._count += 1

    def features(self) -> Tensor:
        """Those that stayed, [N, D]."""
        return self._features.rows()

    def origins(self) -> Tensor:
        """The number of the picture [N] that each is from, in the order in which pictures were added."""
        return self._origins.rows()[:, 0]


def apart(points: Tensor, origins: Tensor, reference: Tensor) -> NDArray[np.float32]:
    """How far each picture is from the others: of its patches' distances to the nearest patch of another, the largest.

    ``points`` [N, D] are patches, those of picture ``origins`` [N]; those at the positions ``reference`` [M] stand for
    all. 0 for a picture without patches, and where all are from one.
    """
    kept, owners = points[reference], origins[reference]
    norms = kept.square().sum(1)
    squared = []
    for some, of in zip(points.split(_COMPARED), origins.split(_COMPARED), strict=True):
        found = torch.addmm(norms, some, kept.T, alpha=-2)
        found[(of[:, None] == owners).to(found.device)] = torch.inf
        squared.append(found.amin(1) + some.square().sum(1))
    distances = (torch.cat(squared).clamp(min=0) / points.shape[1]).sqrt().cpu().numpy()
    pictures = np.zeros(int(origins.max()) + 1, np.float32)
    np.maximum.at(pictures, origins.numpy(), np.where(np.isinf(distances), 0, distances))
    return pictures

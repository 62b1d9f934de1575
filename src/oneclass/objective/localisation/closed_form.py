"""The closed form on maps: the algebra of ``objective.closed_form``, where positions take the place of images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from oneclass.objective.closed_form import Spectrum
from oneclass.objective.localisation.maps import Maps, project, sliced, subtract
from oneclass.objective.localisation.scoring import Scored
from oneclass.objective.localisation.sources import MapSource, Rows


@dataclass(frozen=True)
class Projection:
    """z = W (f - offset) + b, and the direction of the constant: ||z||² and (z . last)² are the two terms of a score.

    ``weight`` [D + 1, D], ``bias`` and ``last`` [D + 1], in the eigenbasis of the second moments; ``offset`` as in
    ``objective.localisation.maps.subtract``, or empty.
    """

    weight: Tensor
    bias: Tensor
    last: Tensor
    offset: Sequence[Tensor] = ()

    def to(self, like: Tensor) -> "Projection":
        """The same in the kind and on the device of ``like``."""
        weight, bias, last, *offset = (part.to(like) for part in (self.weight, self.bias, self.last, *self.offset))
        return Projection(weight, bias, last, offset)

    def distances(self, maps: Maps, center_norms: Tensor) -> Tensor:
        """Root mean squared distance to a centre of each of ``center_norms`` [V] at every position, [V, B, H, W]."""
        z = project(subtract(maps, self.offset) if self.offset else maps, self.weight, self.bias)
        total = z.square().sum(1) / 3  # E σ² for PyTorch's initialisation
        constant = torch.tensordot(z, self.last, dims=([1], [0])).square()
        return (total + center_norms.square()[:, None, None, None] * constant).sqrt()


def spectrum_of(moment: Tensor) -> Spectrum:
    """The spectrum of second moments [D + 1, D + 1], in float64."""
    values, vectors = torch.linalg.eigh(moment.double())
    return Spectrum(vectors, values.clamp_min(0))


def project_residual(spectrum: Spectrum, time: float) -> Projection:
    """The projection to what training for ``time`` leaves of a feature."""
    decay = torch.exp(-2 * time * spectrum.rates)
    joined = (decay * spectrum.vectors).T.float()
    return Projection(joined[:, :-1].contiguous(), joined[:, -1].contiguous(), spectrum.vectors[-1].float())


@torch.no_grad()
def score(spectrum: Spectrum, time: float, center_norms: list[float], source: MapSource, rows: Rows) -> Scored:
    """The images ``rows`` for every norm; there is no single projected feature, so its norm and cosine are NaN."""
    projection = project_residual(spectrum, time)
    parts = [
        projection.to(maps[0]).distances(maps, maps[0].new_tensor(center_norms)).cpu()
        for batch in source.batches(rows)
        for maps in sliced(batch, 4)
    ]
    distance = torch.cat(parts, dim=1).numpy()
    nothing = np.full(distance.shape[:2], np.nan, np.float32)
    return Scored(distance, nothing, nothing)

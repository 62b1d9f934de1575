"""From features to anomaly maps: distances at the features' resolution, then interpolated and smoothed (after CFA)."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from oneclass.localisation.maps import Maps, interpolation, project, sliced
from oneclass.localisation.source import MapSource, Rows
from oneclass.objective.projector import Projectors

Floats = NDArray[np.float32]
_TOGETHER = 4  # images projected at once: more fall out of a CPU's cache
_CHUNK = 64  # maps that are smoothed at once: 64 of 224 pixels a side take 13 MB


@cache
def smoother(map_size: int, image_size: int, sigma: float) -> Tensor:
    """The matrix A [image_size, map_size] of one axis: bilinear interpolation, then a Gaussian of ``sigma`` pixels.

    Both are linear and separable, so a smoothed map is A d Aᵀ: three products of small matrices instead of filters
    over every pixel. The Gaussian reflects at the border and ends at 4 sigma.
    """
    matrix = interpolation(image_size, map_size).double().numpy()
    if sigma > 0:
        matrix = gaussian_filter1d(matrix, sigma, axis=0, mode="reflect", truncate=4)
    return torch.from_numpy(matrix).float()


def smooth(distance: Floats, image_size: int, sigma: float) -> Floats:
    """Anomaly maps [..., image_size, image_size] of distance maps [..., h, w]."""
    rows, columns = (smoother(size, image_size, sigma) for size in distance.shape[-2:])
    maps: Floats = (rows @ torch.from_numpy(distance) @ columns.T).numpy()
    return maps


def image_scores(distance: Floats, image_size: int, sigma: float) -> Floats:
    """The maximum of each smoothed map, [...] of distance maps [..., h, w]."""
    flat = distance.reshape(-1, *distance.shape[-2:])
    parts = [
        smooth(flat[start : start + _CHUNK], image_size, sigma).max((1, 2)) for start in range(0, len(flat), _CHUNK)
    ]
    return np.concatenate(parts).reshape(distance.shape[:-2])


@dataclass(frozen=True)
class Scored:
    """T images under K projectors: ``distance`` [K, T, H, W] to the centre at every position; ``norm`` and ``cosine``
    [K, T] of the projected feature, to the centre, at the position farthest from it."""

    distance: Floats
    norm: Floats
    cosine: Floats


@torch.no_grad()
def score(projectors: Projectors, source: MapSource, rows: Rows) -> Scored:
    """Distances d = ||W f + b - c|| (Equation 16) of the images ``rows`` under every projector."""
    batches = []
    for maps in source.batches(rows):
        for some in sliced(maps, _TOGETHER):
            by_projector = [_score_one(projectors, k, some) for k in range(len(projectors))]
            batches.append([torch.stack(values) for values in zip(*by_projector, strict=True)])
    return Scored(*(torch.cat(values, dim=1).cpu().numpy() for values in zip(*batches, strict=True)))


def distances(projectors: Projectors, maps: Maps) -> Tensor:
    """``Scored.distance`` [K, B, H, W] of one batch."""
    return torch.stack([_score_one(projectors, k, maps)[0] for k in range(len(projectors))])


def _score_one(projectors: Projectors, k: int, maps: Maps) -> tuple[Tensor, Tensor, Tensor]:
    """``Scored`` of one batch under projector ``k``."""
    center = projectors.center[k]
    residual = project(maps, projectors.weight[k], projectors.bias[k] - center)
    distance = torch.linalg.vector_norm(residual, dim=1)
    farthest = distance.flatten(1).argmax(1)
    place = farthest[:, None, None].expand(-1, len(center), 1)
    z = residual.flatten(2).gather(2, place)[:, :, 0] + center
    norm = z.norm(dim=1)
    return distance, norm, z @ center / (norm * center.norm()).clamp_min(torch.finfo(z.dtype).tiny)

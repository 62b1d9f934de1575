"""From distances at the features' resolution to anomaly maps of the image: interpolated, then smoothed (after CFA)."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Floats = NDArray[np.float32]
_CHUNK = 64  # maps that are smoothed at once: 64 of 224 pixels a side take 13 MB


@cache
def interpolation(fine: int, coarse: int) -> Floats:
    """The matrix [fine, coarse] by which bilinear interpolation (align_corners=False) acts on one axis."""
    place = np.clip((np.arange(fine) + 0.5) * coarse / fine - 0.5, 0, coarse - 1)
    below = np.minimum(place.astype(int), coarse - 1)
    above = np.minimum(below + 1, coarse - 1)
    matrix = np.zeros((fine, coarse))
    np.add.at(matrix, (np.arange(fine), below), 1 - (place - below))
    np.add.at(matrix, (np.arange(fine), above), place - below)
    return matrix.astype(np.float32)


@cache
def nearest(fine: int, coarse: int) -> Floats:
    """The matrix [fine, coarse] by which nearest-neighbour interpolation acts on one axis."""
    matrix = np.zeros((fine, coarse), np.float32)
    matrix[np.arange(fine), np.arange(fine) * coarse // fine] = 1
    return matrix


@cache
def smoother(map_size: int, image_size: int, sigma: float) -> Floats:
    """The matrix A [image_size, map_size] of one axis: bilinear interpolation, then a Gaussian of ``sigma`` pixels.

    Both are linear and separable, so a smoothed map is A d Aᵀ: two products of small matrices instead of filters
    over every pixel. The Gaussian reflects at the border and ends at 4 sigma.
    """
    matrix = interpolation(image_size, map_size)
    if sigma > 0:
        matrix = gaussian_filter1d(matrix.astype(np.float64), sigma, axis=0, mode="reflect", truncate=4)
    return matrix.astype(np.float32)


def smooth(distance: Floats, image_size: int, sigma: float) -> Floats:
    """Anomaly maps [..., image_size, image_size] of distance maps [..., h, w]."""
    rows, columns = (smoother(size, image_size, sigma) for size in distance.shape[-2:])
    maps: Floats = rows @ (distance @ columns.T)
    return maps


def image_scores(distance: Floats, image_size: int, sigma: float) -> Floats:
    """The maximum of each smoothed map, [...] of distance maps [..., h, w]."""
    flat = distance.reshape(-1, *distance.shape[-2:])
    parts = [
        smooth(flat[start : start + _CHUNK], image_size, sigma).max((1, 2)) for start in range(0, len(flat), _CHUNK)
    ]
    return np.concatenate(parts).reshape(distance.shape[:-2])

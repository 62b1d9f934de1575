"""Mahalanobis distance to one Gaussian: of the normal images' pooled features, or of all channels over all positions.

On pooled features, where there are fewer images than dimensions, the covariance is shrunk (Ledoit and Wolf); on maps
``RIDGE`` is added to each variance, as PaDiM does.
"""

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf
from torch import Tensor

from oneclass.objective.localisation.maps import Maps, project, sliced
from oneclass.objective.localisation.moments import collect
from oneclass.objective.localisation.scoring import Floats, concatenated

RIDGE = 0.01  # PaDiM's addition to each variance: a covariance from few images is singular


def score_vectors(train: NDArray[np.float32], test: NDArray[np.float32]) -> NDArray[np.float64]:
    """Distances [T] of ``test`` [T, D] to the Gaussian of ``train`` [N, D]."""
    return np.sqrt(LedoitWolf().fit(train.astype(np.float64)).mahalanobis(test.astype(np.float64)))


def score_maps(train: Iterable[Maps], test: Iterable[Maps], seed: int) -> Floats:
    """Distance maps [T, H, W] of the test images; draws nothing from ``seed``.

    The distance is the norm of a fixed projection, which commutes with interpolation as the trained one does.
    """
    statistics = collect(train)
    mean, covariance = statistics.moment[:-1, -1], statistics.centered("channel")[:-1, :-1]
    factor = whitening(covariance)
    weight, bias = factor.float(), -(factor @ mean).float()
    return concatenated(project(image, weight, bias).norm(dim=1) for maps in test for image in sliced(maps, 1))


def whitening(covariance: Tensor) -> Tensor:
    """W [..., d, d] such that ||W (x - mean)|| is the Mahalanobis distance, with ``RIDGE`` added to each variance."""
    unit = torch.eye(covariance.shape[-1]).to(covariance)
    factor = torch.linalg.cholesky(covariance + RIDGE * unit)
    return torch.linalg.solve_triangular(factor, unit.expand_as(factor), upper=False)

"""kNN, as in DN2 (Bergman et al. 2020): distance to the nearest normal images."""

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors


def score_vectors(train: NDArray[np.float32], test: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean distance [T] of ``test`` [T, D] to the two nearest of ``train`` [N, D]."""
    distances, _ = NearestNeighbors(n_neighbors=min(2, len(train))).fit(train).kneighbors(test)
    mean: NDArray[np.float64] = distances.mean(axis=1)
    return mean

"""What the projector is compared with, on the same features and splits. Higher scores are more anomalous."""

import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import OneClassSVM

from oneclass.objective.classes import Data
from oneclass.objective.results import Result

Features = NDArray[np.float32]
Scores = NDArray[np.float64]


def run(classes: list[Data[Features]], comparators: list[str]) -> Result:
    """The scores of ``comparators`` on every class."""
    result = Result()
    for data, name in itertools.product(classes, comparators):
        scores = COMPARATORS[name](data.train, data.test)
        result.add_scores(data, name, score=scores)
    return result


def ocsvm(train: Features, test: Features) -> Scores:
    """One-class SVM with a Gaussian kernel, which is SVDD (Tax and Duin 2004); nu = 0.1, scikit-learn's width."""
    return -OneClassSVM(kernel="rbf", gamma="scale", nu=0.1).fit(train).score_samples(test)


def knn(train: Features, test: Features) -> Scores:
    """DN2 (Bergman et al. 2020): mean distance to the two nearest normal images."""
    distances, _ = NearestNeighbors(n_neighbors=min(2, len(train))).fit(train).kneighbors(test)
    return distances.mean(axis=1)


def mahalanobis(train: Features, test: Features) -> Scores:
    """Mahalanobis distance to the normal images; Ledoit-Wolf's shrinkage, as there are fewer images than dimensions."""
    return np.sqrt(LedoitWolf().fit(train.astype(np.float64)).mahalanobis(test.astype(np.float64)))


COMPARATORS: dict[str, Callable[[Features, Features], Scores]] = {
    "ocsvm": ocsvm,
    "knn": knn,
    "mahalanobis": mahalanobis,
}

"""One-class SVM with a Gaussian kernel, which is SVDD (Tax and Duin 2004); nu = 0.1, scikit-learn's width."""

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import OneClassSVM


def score_vectors(train: NDArray[np.float32], test: NDArray[np.float32]) -> NDArray[np.float64]:
    """Scores [T] of ``test`` [T, D], after fitting to ``train`` [N, D]."""
    return -OneClassSVM(kernel="rbf", gamma="scale", nu=0.1).fit(train).score_samples(test)

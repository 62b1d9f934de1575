"""SVDD (Tax and Duin 2004) on pixels: the smallest hypersphere, in the space of a Gaussian kernel, about the images.

With a kernel k that depends on x - y alone, its dual, min Σ a_i a_j k(x_i, x_j) over 0 <= a_i <= 1 / (nu N), Σ a_i = 1,
is that of the one-class SVM, and the squared distance to the centre, 1 - 2 Σ a_i k(x_i, x) + constant, its score.
Ruff et al. (2018), who measured it on CIFAR10, keep the principal components with 95 % of the variance and choose
width and nu by some of the test images; here pixels are taken as they are, the width is scikit-learn's, from the
variance of the training pixels, and nu = 0.1. Larger images are averaged down to 32 pixels a side.
"""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from oneclass.baselines.small import small
from oneclass.objective.methods import ocsvm


def score_images(train: Tensor, test: Tensor, seed: int, device: str) -> NDArray[np.float32]:
    """Scores [T] of ``test`` [T, 3, S, S], after fitting to ``train`` [N, 3, S, S], uint8; draws nothing from ``seed``
    and has no use for ``device``."""
    return ocsvm.score_vectors(*(small(images).flatten(1).numpy() for images in (train, test))).astype(np.float32)

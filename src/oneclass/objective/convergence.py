"""How far training has come in norm and in angle (paper 1, Equations 10 to 14).

With equal weights α the loss of Equation 10 is mean ||z||² - ||mean z||², over the normal images. In its polar form
(Equation 12) the norm is r = sqrt(mean ||z||²), and the cosine between two images is ||mean z||² / r² on average: both
follow from second moments.
"""

import torch
from torch import Tensor

from oneclass.objective.projector import Projectors

IMAGES = 64  # training images that are projected after each epoch: all would cost a third of the training


def of_images(projectors: Projectors, k: int, train: Tensor) -> dict[str, float]:
    """What training has done with the features ``train`` [N, D] under projector ``k``, on at most ``IMAGES`` of them,
    evenly spaced: ``training_norm`` r, ``training_cosine`` between two images, and ``center_cosine`` of the mean
    projection and the centre."""
    z = torch.addmm(projectors.bias[k], train[:: -(-len(train) // IMAGES)], projectors.weight[k].T)
    [found] = _polar(z.square().sum(1).mean()[None], z.mean(0)[None], projectors.center[k][None])
    return found


def of_moments(projectors: Projectors, moment: Tensor) -> list[dict[str, float]]:
    """The same for each of the projectors, over all positions whose mean of [f; 1][f; 1]ᵀ is ``moment``
    [D + 1, D + 1]."""
    joined = torch.cat([projectors.weight, projectors.bias[..., None]], dim=2)
    square = ((joined @ moment) * joined).sum((1, 2))
    return _polar(square, joined @ moment[:, -1], projectors.center)


def _polar(square: Tensor, mean: Tensor, center: Tensor) -> list[dict[str, float]]:
    """From mean ||z||² [K], mean z [K, E] and centres [K, E]."""
    between = mean.square().sum(1) / square
    values = torch.stack([square.sqrt(), between, torch.cosine_similarity(mean, center)], dim=1)
    names = ("training_norm", "training_cosine", "center_cosine")
    return [dict(zip(names, row, strict=True)) for row in values.tolist()]

"""The paper's loss with its exact full-batch gradient, from second moments.

While every sample is outside the hypersphere, mean ||W f + b - c||² has the gradient 2([W b] M - c mᵀ) with
M = mean [f; 1][f; 1]ᵀ and m its last column. A step costs D² E whatever the number of images; with fewer than D/2 images,
M is used through its factor, which costs less still and is the same product in another order.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from oneclass.errors import UserError
from oneclass.objective.minibatch import adam
from oneclass.objective.projector import Projectors


def fit(
    projectors: Projectors,
    images: Tensor,
    *,
    epochs: int,
    steps_per_epoch: int,
    learning_rate: float,
    weight_decay: float,
    radius: float,
    loss_scale: float,
    on_epoch: Callable[[int], None],
) -> None:
    """Train ``projectors`` (weight [K, E, D]) in place on the features ``images`` [N, D] they share.

    Raises ``UserError`` if a sample enters the hypersphere: the loss is no longer a function of the moments there.
    """
    augmented = augment(images)
    size = augmented.shape[1]
    joined = torch.cat([projectors.weight, projectors.bias[..., None]], dim=2).flatten(0, 1)
    center = projectors.center.flatten()[:, None]
    apply_moment = _moment_product(augmented)
    pull = center * augmented.mean(0)
    optimiser = adam([joined], learning_rate, weight_decay)
    for epoch in range(epochs):
        for _ in range(steps_per_epoch):
            joined.grad = (apply_moment(joined) - pull).mul_(2 * loss_scale)
            optimiser.step()
        trained = joined.view(len(projectors), -1, size)
        projectors.weight.copy_(trained[..., :-1])
        projectors.bias.copy_(trained[..., -1])
        _require_outside(projectors, images, radius)
        on_epoch(epoch)


def augment(features: Tensor) -> Tensor:
    """[f; 1]: features [N, D] with a constant last column, [N, D + 1]."""
    return torch.cat([features, features.new_ones(len(features), 1)], dim=1)


def _moment_product(augmented: Tensor) -> Callable[[Tensor], Tensor]:
    """The map W -> W M, through M itself or through its factor, whichever multiplies less."""
    count, size = augmented.shape
    if 2 * count < size:
        return lambda weight: (weight @ augmented.T) @ augmented / count
    moment = augmented.T @ augmented / count
    return lambda weight: weight @ moment


def _require_outside(projectors: Projectors, images: Tensor, radius: float) -> None:
    if (projectors.distances(images) <= radius).any():
        raise UserError(
            f"training by moments: a sample is inside the hypersphere of radius {radius:g}; use a smaller radius, fewer "
            "epochs, or the mini-batch trainer"
        )

"""The paper's loss with its exact full-batch gradient, from second moments: row ``ours_moments`` of the tables.

While every sample is outside the hypersphere, mean ||W f + b - c||² has the gradient 2([W b] M - c mᵀ) with
M = mean [f; 1][f; 1]ᵀ and m its last column. A step costs D² E whatever the number of images; with fewer than D/2
images, M is used through its factor, which costs less still and is the same product in another order.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from tqdm import tqdm

from oneclass.errors import UserError
from oneclass.objective.projector import Projectors
from oneclass.objective.results import Result
from oneclass.objective.training import Adam, Keep, Member, Seeds, TensorData, record, record_epoch
from oneclass.objective.variants import Variant


@torch.no_grad()
def run(
    classes: list[TensorData],
    variants: list[Variant],
    adam: Adam,
    seeds: Seeds,
    *,
    epochs: int,
    batch_size: int,
    keep: Keep,
) -> Result:
    """Train and score every variant of every class, for as many steps as the mini-batch loop takes."""
    result = Result()
    for data in tqdm(classes, unit="class", desc=f"{seeds.dataset}, moments"):
        projectors = seeds.start(data, variants)
        members = [Member(data, variant, k) for k, variant in enumerate(variants)]
        after = partial(record_epoch, result, projectors, members)
        steps = -(-len(data.train) // batch_size)
        fit(projectors, data.train, adam, epochs=epochs, steps_per_epoch=steps, on_epoch=after)
        record(result, projectors, members, "ours_moments", keep)
    return result


def fit(
    projectors: Projectors,
    images: Tensor,
    adam: Adam,
    *,
    epochs: int,
    steps_per_epoch: int,
    on_epoch: Callable[[int], None] = lambda epoch: None,
) -> None:
    """Train ``projectors`` (weight [K, E, D]) in place on the features ``images`` [N, D] they share.

    Raises ``UserError`` if a sample enters the hypersphere: the loss is no longer a function of the moments there.
    """
    augmented = augment(images)
    joined = torch.cat([projectors.weight, projectors.bias[..., None]], dim=2).flatten(0, 1)
    slope_at = _gradient(augmented, projectors.center.flatten(), 2 * adam.loss_scale)
    step = adam.over([joined])
    for epoch in range(epochs):
        for _ in range(steps_per_epoch):
            step([slope_at(joined)])
        trained = joined.view(len(projectors), -1, augmented.shape[1])
        projectors.weight.copy_(trained[..., :-1])
        projectors.bias.copy_(trained[..., -1])
        _require_outside(projectors, images, adam.radius)
        on_epoch(epoch)


def augment(features: Tensor) -> Tensor:
    """[f; 1]: features [N, D] with a constant last column, [N, D + 1]."""
    return torch.cat([features, features.new_ones(len(features), 1)], dim=1)


def _gradient(augmented: Tensor, center: Tensor, scale: float) -> Callable[[Tensor], Tensor]:
    """The map W -> scale (W M - c mᵀ), through M itself or through its factor, whichever multiplies less.

    It writes into one buffer: memory fresh from the system would cost as much as the product.
    """
    count, size = augmented.shape
    pull = -scale * torch.outer(center, augmented.mean(0))
    slope = torch.empty_like(pull)
    if 2 * count < size:
        factor = augmented.T * (scale / count)
        return lambda weight: torch.addmm(pull, weight @ factor, augmented, out=slope)
    moment = augmented.T @ augmented * (scale / count)
    return lambda weight: torch.addmm(pull, weight, moment, out=slope)


def _require_outside(projectors: Projectors, images: Tensor, radius: float) -> None:
    if (projectors.distances(images) <= radius).any():
        raise UserError(
            f"training by moments: a sample is inside the hypersphere of radius {radius:g}; use a smaller radius, "
            "fewer epochs, or the mini-batch trainer"
        )

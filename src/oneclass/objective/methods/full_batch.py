"""Paper 1's loss with its exact full-batch gradient, from second moments.

While every sample is outside the hypersphere, mean ||W f + b - c||² has the gradient 2([W b] M - c mᵀ) with
M = mean [f; 1][f; 1]ᵀ and m its last column. A step costs D² E whatever the number of images; with fewer than D/2
images, M is used through its factor, which costs less still and is the same product in another order.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from tqdm import tqdm

from oneclass.objective.job import Job, Training
from oneclass.objective.localisation import learning
from oneclass.objective.localisation.category import Category
from oneclass.objective.projector import Projectors, augment, require_outside
from oneclass.objective.recording import Member, record, record_progress
from oneclass.objective.starts import start
from oneclass.objective.vectors import VectorClass

METHOD = "full_batch"


@torch.no_grad()
def on_vectors(classes: list[VectorClass], job: Job) -> None:
    """Train and score every variant of every class, for as many steps as the mini-batch loop takes."""
    variants = job.variants["none"]
    for data in tqdm(classes, unit="class", desc=f"{job.seeds.dataset}, full batch"):
        projectors = start(job.seeds, data.class_name, data.train.mean(0), variants)
        members = [Member(data, variant, k) for k, variant in enumerate(variants)]
        record_progress(job.result, METHOD, projectors, members, 0)
        fit(projectors, data.train, job.training, partial(record_progress, job.result, METHOD, projectors, members))
        record(job.result, METHOD, projectors, members, job.training.epochs)


def on_maps(categories: list[Category], job: Job) -> None:
    """Train and score every variant of every category, on the second moments of all images."""
    learning.fit_all(METHOD, categories, job, learning.full_batch)


def fit(
    projectors: Projectors,
    images: Tensor,
    training: Training,
    on_epoch: Callable[[int], None] = lambda done: None,
) -> None:
    """Train ``projectors`` (weight [K, E, D]) in place on the features ``images`` [N, D] they share, for as many steps
    as mini-batches would take. ``on_epoch(done)`` is called after each epoch.

    Raises ``UserError`` if a sample enters the hypersphere: the loss is no longer a function of the moments there.
    """
    augmented = augment(images)
    joined = torch.cat([projectors.weight, projectors.bias[..., None]], dim=2).flatten(0, 1)
    slope_at = _gradient(augmented, projectors.center.flatten(), 2 * training.loss_scale)
    steps = -(-len(images) // training.batch_size)
    step = training.stepper([joined])
    for epoch in range(training.epochs):
        for _ in range(steps):
            step([slope_at(joined)])
        trained = joined.view(len(projectors), -1, augmented.shape[1])
        projectors.weight.copy_(trained[..., :-1])
        projectors.bias.copy_(trained[..., -1])
        require_outside(projectors.distances(images), training.radius)
        on_epoch(epoch + 1)


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

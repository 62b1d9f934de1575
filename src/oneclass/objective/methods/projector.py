"""Paper 1's training (Equation 15, Algorithm 1) by mini-batches, for many projectors at once.

Projectors that see the same images in the same order differ in centre and norm only, so their rows stack into one tall
matrix; runs with images or orders of their own are a batch dimension. Every update is elementwise in the weights, so
a projector trains as it would alone (``algorithm1.train``), to rounding.
"""

from collections.abc import Callable
from functools import partial
from itertools import product

import torch
from torch import Tensor
from tqdm import tqdm

from oneclass.objective.job import Job, Training
from oneclass.objective.localisation import learning
from oneclass.objective.localisation.category import Category
from oneclass.objective.projector import Projectors, concatenate
from oneclass.objective.recording import Member, record, record_progress
from oneclass.objective.starts import orders, start
from oneclass.objective.variants import Variant, stacks
from oneclass.objective.vectors import VectorClass

METHOD = "projector"


@torch.no_grad()
def on_vectors(classes: list[VectorClass], job: Job) -> None:
    """Train and score every variant of every class; those with equally many images together, within the memory."""
    named = {data.class_name: data for data in classes}
    counts = {name: len(data.train) for name, data in named.items()}
    variants, seeds, training = job.variants["none"], job.seeds, job.training
    size = classes[0].train.shape[1]
    with tqdm(total=len(classes) * len(variants), unit="projector", desc=f"{seeds.dataset}, mini-batch") as progress:
        for runs, pairs in stacks(counts, size, variants, job.memory_mb):
            members = [
                Member(named[name], Variant(*pair, repetition), k)
                for k, ((name, repetition), pair) in enumerate(product(runs, pairs))
            ]
            starts = [
                start(seeds, name, named[name].train.mean(0), [Variant(*pair, n) for pair in pairs]) for name, n in runs
            ]
            projectors = concatenate(starts)
            images = torch.stack([named[name].train for name, _ in runs])
            order = torch.stack([orders(seeds, name, counts[name], training.epochs, n) for name, n in runs])
            record_progress(job.result, METHOD, projectors, members, 0)
            after = partial(record_progress, job.result, METHOD, projectors, members)
            fit(projectors, images, order.to(images.device), training, after)
            record(job.result, METHOD, projectors, members, training.epochs)
            progress.update(len(members))


def on_maps(categories: list[Category], job: Job) -> None:
    """Train and score every variant of every category, on the second moments of each mini-batch."""
    learning.fit_all(METHOD, categories, job, learning.minibatch)


def fit(
    projectors: Projectors,
    images: Tensor,
    orders: Tensor,
    training: Training,
    on_epoch: Callable[[int], None] = lambda done: None,
) -> None:
    """Train ``projectors`` in place with Adam on mean max(||z - c||² - R², 0).

    ``images`` [G, N, D] are the training features of G runs, ``orders`` [G, epochs, N] the order of each run's images
    in each epoch; the K projectors are G equal parts, one a run. ``on_epoch(done)`` is called after each.
    """
    runs, _, size = images.shape
    weight = projectors.weight.view(runs, -1, size)
    bias = projectors.bias.view(runs, -1, 1)
    center = projectors.center.view(runs, -1, 1)
    outputs = projectors.weight.shape[1]
    step = training.stepper([weight, bias])
    slopes = [torch.empty_like(weight), torch.empty_like(bias)]
    for epoch in range(orders.shape[1]):
        for rows in orders[:, epoch].split(training.batch_size, dim=1):
            batch = images.gather(1, rows[:, :, None].expand(-1, -1, size))
            residual = torch.baddbmm(bias - center, weight, batch.transpose(1, 2))
            _mask_inside(residual, outputs, training.radius)
            residual *= 2 * training.loss_scale / batch.shape[1]
            torch.bmm(residual, batch, out=slopes[0])
            torch.sum(residual, dim=2, keepdim=True, out=slopes[1])
            step(slopes)
        on_epoch(epoch + 1)


def _mask_inside(residual: Tensor, outputs: int, radius: float) -> None:
    """Zero the residuals [G, V*E, B] of samples inside the hypersphere: the hinge of Equation 15 has no slope there."""
    by_projector = residual.unflatten(1, (-1, outputs))
    outside = by_projector.square().sum(2, keepdim=True) > radius**2
    if not outside.all():
        by_projector.mul_(outside)

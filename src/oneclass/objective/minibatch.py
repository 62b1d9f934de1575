"""The paper's training (Equation 15, Algorithm 1), for many projectors at once: row ``ours`` of the tables.

Projectors that see the same images in the same order differ in centre and norm only, so their rows stack into one tall
matrix; runs with images or orders of their own are a batch dimension. Every update is elementwise in the weights, so
a projector trains as it would alone (``reference.train``), to rounding.
"""

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor
from tqdm import tqdm

from oneclass.objective.projector import Projectors, concatenate
from oneclass.objective.results import Result
from oneclass.objective.training import Adam, Keep, Member, Seeds, TensorData, record, record_epoch
from oneclass.objective.variants import Pair, Variant

Run = tuple[TensorData, int]  # a class and a repetition: its own images, first weights and order
T = TypeVar("T")


@torch.no_grad()
def run(
    classes: list[TensorData],
    variants: list[Variant],
    adam: Adam,
    seeds: Seeds,
    *,
    epochs: int,
    batch_size: int,
    memory_mb: int,
    keep: Keep,
) -> Result:
    """Train and score every variant of every class; those with equally many images together, within ``memory_mb``."""
    result = Result()
    with tqdm(total=len(classes) * len(variants), unit="projector", desc=f"{seeds.dataset}, mini-batch") as progress:
        for runs, pairs in groups(classes, variants, memory_mb):
            members = [
                Member(data, Variant(*pair, repetition), k)
                for k, ((data, repetition), pair) in enumerate(itertools.product(runs, pairs))
            ]
            projectors = concatenate([seeds.start(data, [Variant(*pair, n) for pair in pairs]) for data, n in runs])
            after = partial(record_epoch, result, projectors, members)
            images = torch.stack([data.train for data, _ in runs])
            orders = torch.stack([seeds.orders(data, epochs, n) for data, n in runs]).to(images.device)
            fit(projectors, images, orders, adam, batch_size=batch_size, on_epoch=after)
            record(result, projectors, members, "ours", keep)
            progress.update(len(members))
    return result


def fit(
    projectors: Projectors,
    images: Tensor,
    orders: Tensor,
    adam: Adam,
    *,
    batch_size: int,
    on_epoch: Callable[[int], None] = lambda epoch: None,
) -> None:
    """Train ``projectors`` in place with Adam on mean max(||z - c||² - R², 0).

    ``images`` [G, N, D] are the training features of G runs, ``orders`` [G, epochs, N] the order of each run's images
    in each epoch; the K projectors are G equal parts, one a run. ``on_epoch(epoch)`` is called after each.
    """
    runs, _, size = images.shape
    weight = projectors.weight.view(runs, -1, size)
    bias = projectors.bias.view(runs, -1, 1)
    center = projectors.center.view(runs, -1, 1)
    outputs = projectors.weight.shape[1]
    step = adam.over([weight, bias])
    slopes = [torch.empty_like(weight), torch.empty_like(bias)]
    for epoch in range(orders.shape[1]):
        for rows in orders[:, epoch].split(batch_size, dim=1):
            batch = images.gather(1, rows[:, :, None].expand(-1, -1, size))
            residual = torch.baddbmm(bias - center, weight, batch.transpose(1, 2))
            _mask_inside(residual, outputs, adam.radius)
            residual *= 2 * adam.loss_scale / batch.shape[1]
            torch.bmm(residual, batch, out=slopes[0])
            torch.sum(residual, dim=2, keepdim=True, out=slopes[1])
            step(slopes)
        on_epoch(epoch)


def _mask_inside(residual: Tensor, outputs: int, radius: float) -> None:
    """Zero the residuals [G, V*E, B] of samples inside the hypersphere: the hinge of Equation 15 has no slope there."""
    by_projector = residual.unflatten(1, (-1, outputs))
    outside = by_projector.square().sum(2, keepdim=True) > radius**2
    if not outside.all():
        by_projector.mul_(outside)


def groups(
    classes: list[TensorData], variants: list[Variant], memory_mb: int
) -> Iterator[tuple[list[Run], list[Pair]]]:
    """Runs and (center, norm) pairs that train together: their product fits ``memory_mb``, all have as many images."""
    size = classes[0].train.shape[1]
    copies = 5  # the weights, their gradient, Adam's two moments, and the parts the stack is made from
    room = max(1, memory_mb * 2**20 // (4 * copies * size * (size + 1)))
    pairs = list(dict.fromkeys((variant.center, variant.norm) for variant in variants))
    repetitions = sorted({variant.seed for variant in variants})
    by_count: dict[int, list[Run]] = {}
    for data, repetition in itertools.product(classes, repetitions):
        by_count.setdefault(len(data.train), []).append((data, repetition))
    for some_pairs in _batched(pairs, room):
        for runs in by_count.values():
            for some_runs in _batched(runs, max(1, room // len(some_pairs))):
                yield some_runs, some_pairs


def _batched(items: list[T], size: int) -> Iterator[list[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))

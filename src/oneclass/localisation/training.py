"""Training by second moments: the mini-batch loop (Protocol B), the full-batch one, and one pass online (Protocol C).

While every position is outside the hypersphere, the mean of ||W f + b - c||² over a batch has the gradient
2([W b] M - c mᵀ), with M the mean of the images' second moments and m its last column. So one pass over the features
gives a matrix for each image, and every training after that is the paper's own, step for step, at a cost that depends
on neither the resolution nor the number of positions. ``reference`` is the literal loop.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from oneclass.errors import UserError
from oneclass.localisation.category import Category
from oneclass.localisation.maps import Maps
from oneclass.localisation.moments import Centring, second_moments
from oneclass.localisation.results import Result
from oneclass.localisation.scoring import distances, score
from oneclass.localisation.source import MapSource, Rows
from oneclass.objective.classes import Data
from oneclass.objective.minibatch import groups
from oneclass.objective.projector import Projectors
from oneclass.objective.starts import batch_orders
from oneclass.objective.training import Adam, Seeds, TensorData
from oneclass.objective.variants import Variant

Steps = Callable[[list[int]], Iterator[Tensor]]
"""From the seeds of G orders of the images to the moments [G, D + 1, D + 1] of each step."""


class Learner:
    """Adam on a stack of projectors that are G equal parts, each with moments of its own."""

    def __init__(self, projectors: Projectors, parts: int, adam: Adam) -> None:
        self._outputs = projectors.weight.shape[1]
        joined = torch.cat([projectors.weight, projectors.bias[..., None]], dim=2)
        self._joined = joined.view(parts, -1, joined.shape[2])
        self._center = projectors.center
        self._targets = projectors.center.view(parts, -1, 1)
        self._slope = torch.empty_like(self._joined)
        self._scale = 2 * adam.loss_scale
        self._step = adam.over([self._joined])

    def step(self, moments: Tensor) -> None:
        """One step on the loss of images whose mean second moments are ``moments`` [G, D + 1, D + 1]."""
        moments = self._scale * moments
        pull = self._targets * moments[:, -1:]
        torch.baddbmm(pull, self._joined, moments, beta=-1, out=self._slope)
        self._step([self._slope])

    @property
    def projectors(self) -> Projectors:
        """The projectors as they are now."""
        joined = self._joined.view(len(self._center), self._outputs, -1)
        return Projectors(joined[..., :-1], joined[..., -1], self._center)


class Moments:
    """Second moments of the N training images: kept where they fit ``memory_mb``, else computed when asked for."""

    def __init__(self, source: MapSource, rows: Rows, dimension: int, memory_mb: int) -> None:
        self._source, self._rows = source, rows
        fits = 4 * len(rows) * (dimension + 1) ** 2 <= memory_mb * 2**20
        self._kept = torch.cat([second_moments(maps) for maps in source.batches(rows)]) if fits else None

    def __len__(self) -> int:
        return len(self._rows)

    def mean(self, images: Tensor) -> Tensor:
        """Their mean [D + 1, D + 1] over ``images``, int64 positions among the N."""
        if self._kept is not None:
            return self._kept[images.to(self._kept.device)].mean(0)
        batches = self._source.batches(self._rows[images.numpy()])
        return torch.stack([second_moments(maps).sum(0) for maps in batches]).sum(0) / len(images)


def minibatch(category: Category, centring: Centring, epochs: int, batch_size: int, memory_mb: int) -> Steps:
    """The paper's loop: ``epochs`` over the images in random orders, ``batch_size`` images a step."""
    moments = Moments(category.centred(centring), category.train, category.dimension, memory_mb)

    def steps(seeds: list[int]) -> Iterator[Tensor]:
        orders = torch.stack([batch_orders(len(moments), epochs, seed) for seed in seeds])
        for epoch in range(epochs):
            for rows in orders[:, epoch].split(batch_size, dim=1):
                yield torch.stack([moments.mean(images) for images in rows])

    return steps


def full_batch(category: Category, centring: Centring, epochs: int, batch_size: int, memory_mb: int) -> Steps:
    """The moments of all images in every step, and as many steps as ``minibatch`` takes."""
    moment = category.statistics.centred(centring).float()
    count = epochs * -(-len(category.train) // batch_size)
    return lambda seeds: itertools.repeat(moment.expand(len(seeds), -1, -1), count)


STEPS = {"ours": minibatch, "ours_moments": full_batch}


@dataclass(frozen=True)
class Group:
    """Variants that train as one stack, its parts the repetitions, each with its own order of the images."""

    variants: list[Variant]
    orders: list[int]  # their seeds
    learner: Learner


def untrained(
    name: str, mean: Tensor, variants: list[Variant], adam: Adam, seeds: Seeds, memory_mb: int
) -> Iterator[Group]:
    """Groups of ``variants`` that fit ``memory_mb``, for category ``name`` whose features have the ``mean`` [D]."""
    data = start(name, mean)
    for runs, pairs in groups([data], variants, memory_mb):
        members = [Variant(*pair, repetition) for _, repetition in runs for pair in pairs]
        orders = [seeds.of("order", data, repetition) for _, repetition in runs]
        yield Group(members, orders, Learner(seeds.start(data, members), len(runs), adam))


def start(name: str, mean: Tensor) -> TensorData:
    """What a start depends on: the category's name, and the ``mean`` [D] of its features, one of the centres."""
    return Data(name, mean[None], mean[None], np.empty(0, str), np.empty(0, np.int8))


@torch.no_grad()
def run(
    categories: list[Category],
    method: str,
    grids: dict[Centring, list[Variant]],
    steps_of: Callable[[Category, Centring], Steps],
    adam: Adam,
    seeds: Seeds,
    memory_mb: int,
    result: Result,
) -> None:
    """Train every variant of every category and add its test images' scores to ``result`` (Protocol B)."""
    for category in tqdm(categories, unit="category", desc=f"{seeds.dataset}, {method}"):
        for centring, variants in grids.items():
            source, steps = category.centred(centring), steps_of(category, centring)
            mean = category.statistics.centred(centring)[-1, :-1].float()
            for group in untrained(category.name, mean, variants, adam, seeds, memory_mb):
                for moments in steps(group.orders):
                    group.learner.step(moments)
                projectors = group.learner.projectors
                _require_outside(projectors, next(iter(source.batches(category.train))), adam.radius)
                scored = score(projectors, source, category.test)
                result.add(category, method, group.variants, scored, centring=centring)
                _keep_models(result, category, centring, group.variants, projectors)


def _keep_models(
    result: Result, category: Category, centring: Centring, variants: list[Variant], projectors: Projectors
) -> None:
    for k, variant in enumerate(variants):
        if result.shown(variant):
            for part in ("weight", "bias", "center"):
                name = f"{category.name}.{centring}.{part}"
                result.models[name] = getattr(projectors, part)[k].contiguous().cpu().numpy()


def _require_outside(projectors: Projectors, maps: Maps, radius: float) -> None:
    """The loss is a function of the moments only while no position is inside the hypersphere."""
    if (distances(projectors, maps) <= radius).any():
        raise UserError(
            f"training by moments: a position is inside the hypersphere of radius {radius:g}; use a smaller radius or "
            "fewer epochs"
        )

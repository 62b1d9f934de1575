"""Training by second moments: the mini-batch loop (Protocol B), the full-batch one, and one pass online (Protocol C).

While every position is outside the hypersphere, the mean of ||W f + b - c||² over a batch has the gradient
2([W b] M - c mᵀ), with M the mean of the images' second moments and m its last column. So one pass over the features
gives a matrix for each image, and every training after that is the paper's own, step for step, at a cost that depends
on neither the resolution nor the number of positions. ``objective.methods.algorithm1`` is the literal loop.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from tqdm import tqdm

from oneclass.objective import convergence
from oneclass.objective.job import Job, Training
from oneclass.objective.localisation import scoring
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.moments import Centering, second_moments
from oneclass.objective.localisation.sources import MapSource, Rows
from oneclass.objective.projector import Projectors, require_outside
from oneclass.objective.result import Result
from oneclass.objective.starts import batch_orders, start
from oneclass.objective.variants import Variant, stacks

Steps = Callable[[list[int]], Iterator[Tensor]]
"""From the seeds of G orders of the images to the moments [G, D + 1, D + 1] of each step."""


class Learner:
    """Adam on a stack of projectors that are G equal parts, each with moments of its own."""

    def __init__(self, projectors: Projectors, parts: int, training: Training) -> None:
        self._outputs = projectors.weight.shape[1]
        joined = torch.cat([projectors.weight, projectors.bias[..., None]], dim=2)
        self._joined = joined.view(parts, -1, joined.shape[2])
        self._center = projectors.center
        self._targets = projectors.center.view(parts, -1, 1)
        self._slope = torch.empty_like(self._joined)
        self._scale = 2 * training.loss_scale
        self._step = training.stepper([self._joined])

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


def minibatch(category: Category, centering: Centering, job: Job) -> Steps:
    """The paper's loop: epochs over the images in random orders, a batch of images each step."""
    moments = Moments(category.centered(centering), category.train, category.dimension, job.memory_mb)
    epochs = job.training.epochs

    def steps(seeds: list[int]) -> Iterator[Tensor]:
        orders = torch.stack([batch_orders(len(moments), epochs, seed) for seed in seeds])
        for epoch in range(epochs):
            for rows in orders[:, epoch].split(job.training.batch_size, dim=1):
                yield torch.stack([moments.mean(images) for images in rows])

    return steps


def full_batch(category: Category, centering: Centering, job: Job) -> Steps:
    """The moments of all images in every step, and as many steps as ``minibatch`` takes."""
    moment = category.statistics.centered(centering).float()
    count = job.training.epochs * -(-len(category.train) // job.training.batch_size)
    return lambda seeds: itertools.repeat(moment.expand(len(seeds), -1, -1), count)


@dataclass(frozen=True)
class Group:
    """Variants that train as one stack, its parts the repetitions, each with its own order of the images."""

    variants: list[Variant]
    orders: list[int]  # their seeds
    learner: Learner


def untrained(job: Job, class_name: str, mean: Tensor, variants: list[Variant]) -> Iterator[Group]:
    """Groups of ``variants`` that fit the memory, for a category whose features have the ``mean`` [D]."""
    for runs, pairs in stacks({class_name: 1}, len(mean), variants, job.memory_mb):
        members = [Variant(*pair, repetition) for _, repetition in runs for pair in pairs]
        orders = [job.seeds.derive("order", class_name, repetition) for _, repetition in runs]
        learner = Learner(start(job.seeds, class_name, mean, members), len(runs), job.training)
        yield Group(members, orders, learner)


@torch.no_grad()
def fit_all(
    method: str, categories: list[Category], job: Job, steps_of: Callable[[Category, Centering, Job], Steps]
) -> None:
    """Train every variant of every category and add its test images to the job's result (Protocol B)."""
    for category in tqdm(categories, unit="category", desc=f"{job.seeds.dataset}, {method}"):
        per_epoch = -(-len(category.train) // job.training.batch_size)
        for centering, variants in job.variants.items():
            source, steps = category.centered(centering), steps_of(category, centering, job)
            for group in untrained(job, category.class_name, category.mean(centering), variants):
                record = partial(_record_progress, job.result, method, category, centering, group)
                for done, moments in enumerate(steps(group.orders)):
                    if done % per_epoch == 0:
                        record(done // per_epoch)
                    group.learner.step(moments)
                record(job.training.epochs)
                projectors = group.learner.projectors
                first = next(iter(source.batches(category.train)))
                require_outside(scoring.distances(projectors, first), job.training.radius)
                scored = scoring.score(projectors, source, category.test)
                scoring.record(job.result, category, method, group.variants, scored, job.sigma, centering=centering)
                _keep(job, method, category, centering, group.variants, projectors)


def _record_progress(
    result: Result, method: str, category: Category, centering: Centering, group: Group, epoch: int
) -> None:
    """Add norm and angle (``convergence``) of each variant after ``epoch`` epochs."""
    projectors = group.learner.projectors
    moment = category.statistics.centered(centering).to(projectors.weight)
    for variant, found in zip(group.variants, convergence.of_moments(projectors, moment), strict=True):
        for metric, value in found.items():
            result.log(category, result.columns(method, variant, centering=centering), epoch, metric, value)


def _keep(
    job: Job, method: str, category: Category, centering: Centering, variants: list[Variant], projectors: Projectors
) -> None:
    """Keep the models that the result wants, and the norms of centres that have their own."""
    for k, variant in enumerate(variants):
        if variant.center_norm is None:
            columns = job.result.columns(method, variant, centering=centering)
            job.result.log(category, columns, math.nan, "center_norm", float(projectors.center[k].norm()))
        if job.result.keeps(category.class_name, variant):
            for part in ("weight", "bias", "center"):
                name = f"{category.class_name}.{centering}.{part}"
                job.result.models[name] = getattr(projectors, part)[k].contiguous().cpu().numpy()

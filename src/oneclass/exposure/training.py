"""Training one network (Appendix G.1), and a sweep of them side by side in one job. Images stay on the device, shared.

(`benchmarks/README.md` has the numbers of other ways, stacked weights and grouped convolutions, slower for LeNets.)
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn
from tqdm import tqdm

from oneclass.catalogue import records
from oneclass.exposure.losses import Method
from oneclass.exposure.networks import build
from oneclass.training.batches import CyclicSampler, Schedule, epoch
from oneclass.training.finished import Finished
from oneclass.training.inputs import Inputs, Statistics
from oneclass.training.optimisers import Adam
from oneclass.training.outcomes import side_by_side
from oneclass.training.trials import Seeds, Trial

_BATCH = 512  # images at a time where nothing is trained


@dataclass(frozen=True)
class Architecture:
    """A network of the catalogue, a factor on its layers' sizes, and the ``precision`` of its products."""

    network: records.Network
    width: float = 1
    precision: str = "float32"


@dataclass(frozen=True)
class Recipe:
    """How every network of a run is trained: ``losses`` are the modules of the methods, by name."""

    architecture: Architecture
    losses: Mapping[str, str]
    schedule: Schedule
    seeds: Seeds

    @classmethod
    def create(cls, settings: Mapping[str, Any], seeds: Seeds) -> Self:
        """The recipe that ``settings`` (of ``plan.exposure`` or ``plan.search``) describe."""
        network = records.Network(**settings["network"])
        architecture = Architecture(network, settings["width"], settings["precision"])
        return cls(architecture, settings["losses"], Schedule(**settings["schedule"]), seeds)

    def method(self, trial: Trial) -> Method:
        """The method of ``trial``, before training."""
        method: Method = records.load(self.losses[trial.method]).Loss(**trial.options)
        return method


@dataclass(frozen=True)
class Task:
    """What one trial is trained on and scores: positions in ``data`` and in ``pool``, where each has its images."""

    data: Inputs
    train: Tensor  # normal training images, [N]
    test: Tensor  # [T]
    pool: Inputs
    outliers: Tensor  # [M], none if empty
    inputs: int  # features of a sample, for heads


def train_all(
    trials: Sequence[Trial], task: Callable[[Trial], Task], recipe: Recipe, finished: Finished, threads: int
) -> Iterator[NDArray[np.float32]]:
    """The scores [T] of each of ``trials`` on its test images, in order, trained ``threads`` at a time.

    Those that are ``finished`` are not trained again.
    """

    def one(trial: Trial) -> NDArray[np.float32]:
        return finished.get(trial, lambda: train(trial, task(trial), recipe))

    outcomes = side_by_side([partial(one, trial) for trial in trials], threads)
    yield from tqdm(outcomes, total=len(trials), unit="network", desc=recipe.seeds.dataset)


def train(trial: Trial, task: Task, recipe: Recipe) -> NDArray[np.float32]:
    """Train the network of ``trial`` and give its scores [T], higher for anomalies."""
    network, method, statistics = fit(trial, task, recipe)
    parts = [method.score(z) for z in _outputs(network, task, recipe, task.test, statistics)]
    scores: NDArray[np.float32] = torch.cat(parts).cpu().numpy()
    return scores


def fit(trial: Trial, task: Task, recipe: Recipe) -> tuple[nn.Module, Method, Statistics | None]:
    """A trained network, its method (which knows the centre if it has one), and the normal images' statistics."""
    method, seeds, schedule = recipe.method(trial), recipe.seeds, recipe.schedule
    place = trial.class_name, trial.repetition  # what shares both shares first weights and orders
    network = _untrained(recipe.architecture, method, task.inputs, seeds, place)
    network = network.to(task.train.device).to(memory_format=_layout(task, recipe))
    statistics = task.data.statistics(task.train)
    method = method.start(_outputs(network, task, recipe, task.train, statistics))
    parameters = list(network.parameters())
    optimiser = Adam(parameters)
    order, augmenting = seeds.generator("order", *place), seeds.generator("augmentation", *place)
    outliers = CyclicSampler(len(task.outliers), seeds.generator("outlier order", *place))
    network.train()
    for number in range(schedule.epochs):
        for normal, exposed in epoch(len(task.train), outliers, schedule.batch_size, order):
            rows = task.train[normal], task.outliers[exposed]
            x, outlier, counts = _batch(task, recipe, *rows, statistics, augmenting)
            loss = _mean(method.losses(network(x, counts), outlier), counts)
            optimiser.step(torch.autograd.grad(loss, parameters), schedule.rate(number))
    return network, method, statistics


def _untrained(
    architecture: Architecture, method: Method, inputs: int, seeds: Seeds, place: tuple[str, int]
) -> nn.Module:
    seed = seeds.derive(f"network {architecture.network.name}", *place)
    return build(architecture.network, architecture.width, architecture.precision, method, inputs, seed)


def _batch(
    task: Task, recipe: Recipe, normal: Tensor, exposed: Tensor, statistics: Statistics | None, random: Generator
) -> tuple[Tensor, Tensor, Tensor | None]:
    """A batch: samples [B, ...], which are outliers [B], and how often each occurs [B], or None for once.

    Copies of an outlier that look the same are computed once: one outlier occurs as often as there are normal images,
    which about halves the work and changes nothing.
    """
    counts = None
    if task.pool.repeats and len(exposed):
        distinct, times = exposed.unique(return_counts=True)
        if len(distinct) < len(exposed):
            exposed, counts = distinct, torch.cat([times.new_ones(len(normal)), times]).to(normal.device)
    parts = [_normalised(task.data.batch(normal, random), statistics, task, recipe)]
    if len(exposed):
        parts.append(_normalised(task.pool.batch(exposed, random), statistics, task, recipe))
    outlier = torch.arange(len(normal) + len(exposed), device=normal.device) >= len(normal)
    return torch.cat(parts), outlier, counts


def _mean(losses: Tensor, counts: Tensor | None) -> Tensor:
    return losses.mean() if counts is None else losses @ counts.to(losses.dtype) / counts.sum()


@torch.no_grad()
def _outputs(
    network: nn.Module, task: Task, recipe: Recipe, rows: Tensor, statistics: Statistics | None
) -> Iterator[Tensor]:
    """The network's outputs in evaluation mode for the images at ``rows``, as at test."""
    network.eval()
    for part in rows.split(_BATCH):
        yield network(_normalised(task.data.batch(part, None), statistics, task, recipe))


def _normalised(samples: Tensor, statistics: Statistics | None, task: Task, recipe: Recipe) -> Tensor:
    normal = samples if statistics is None else (samples - statistics[0]) / statistics[1]
    return normal.contiguous(memory_format=_layout(task, recipe)) if normal.dim() == 4 else normal


def _layout(task: Task, recipe: Recipe) -> torch.memory_format:
    """How images lie in memory: channels last is faster."""
    safe = recipe.architecture.network.channels_last or task.train.device.type != "cpu"
    return torch.channels_last if safe else torch.contiguous_format

"""Training one network (Appendix G.1). Images stay on the device, shared by all that are trained there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from oneclass.catalogue import records
from oneclass.exposure.losses import Method
from oneclass.exposure.networks import build
from oneclass.training.batches import CyclicSampler, Schedule, epoch
from oneclass.training.inputs import Inputs, Statistics
from oneclass.training.optimisers import Adam
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
    stacked: bool | None = None  # whether small networks train as one stack; None: on a GPU

    @classmethod
    def create(cls, settings: Mapping[str, Any], seeds: Seeds) -> Self:
        """The recipe that ``settings`` (of ``plan.exposure`` or ``plan.search``) describe."""
        network = records.Network(**settings["network"])
        architecture = Architecture(network, settings["width"], settings["precision"])
        return cls(architecture, settings["losses"], Schedule(**settings["schedule"]), seeds, settings["stacked"])

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


@dataclass(frozen=True)
class Step:
    """A batch: samples [B, ...], which of them are outliers [B], how often each occurs ([B]; None: once), and the
    learning rate."""

    samples: Tensor
    outlier: Tensor
    counts: Tensor | None
    rate: float


@dataclass(frozen=True)
class Trainee:
    """A network, its method (which knows the centre if it has one), the normal images' statistics, and what it sees.

    First weights and batches are drawn by name: those of a class and repetition are the same for all that trains there.
    """

    trial: Trial
    task: Task
    recipe: Recipe
    network: nn.Module
    method: Method
    statistics: Statistics | None

    @classmethod
    def untrained(cls, trial: Trial, task: Task, recipe: Recipe) -> Self:
        """Before its first step, on the device of the ``task``."""
        method = recipe.method(trial)
        network = first_network(trial, task, recipe)
        network = network.to(task.train.device).to(memory_format=_layout(task, recipe))
        statistics = task.data.statistics(task.train)
        method = method.start(_outputs(network, task, recipe, task.train, statistics))
        return cls(trial, task, recipe, network, method, statistics)

    def batches(self) -> Iterator[tuple[Tensor, Tensor, float]]:
        """Of all epochs: positions among the normal training images [B] and the outliers, on the CPU, and the rate."""
        schedule, order = self.recipe.schedule, self.generator("order")
        outliers = CyclicSampler(len(self.task.outliers), self.generator("outlier order"))
        for number in range(schedule.epochs):
            for normal, exposed in epoch(len(self.task.train), outliers, schedule.batch_size, order):
                yield normal, exposed, schedule.rate(number)

    def generator(self, name: str) -> Generator:
        """What is drawn under a ``name`` in a class and repetition."""
        return self.recipe.seeds.generator(name, self.trial.class_name, self.trial.repetition)

    def steps(self) -> Iterator[Step]:
        """The batches of all epochs; on a CPU copies of an outlier are merged where that pays."""
        task, augmenting = self.task, self.generator("augmentation")
        merged = task.train.device.type == "cpu"  # a single small network leaves a GPU idle, and needs more calls so
        for normal, exposed, rate in self.batches():
            rows = task.train[normal], task.outliers[exposed]
            yield Step(*_batch(task, self.recipe, *rows, self.statistics, augmenting, merged), rate)

    def scores(self) -> NDArray[np.float32]:
        """Of the test images, [T], higher for anomalies."""
        outputs = _outputs(self.network, self.task, self.recipe, self.task.test, self.statistics)
        scores: NDArray[np.float32] = torch.cat([self.method.score(z) for z in outputs]).cpu().numpy()
        return scores


def train(trial: Trial, task: Task, recipe: Recipe) -> NDArray[np.float32]:
    """Train the network of ``trial`` and give its scores [T]."""
    return fit(trial, task, recipe).scores()


def fit(trial: Trial, task: Task, recipe: Recipe) -> Trainee:
    """The network of ``trial``, trained."""
    trainee = Trainee.untrained(trial, task, recipe)
    parameters = list(trainee.network.parameters())
    optimiser = Adam(parameters)
    trainee.network.train()
    for step in trainee.steps():
        losses = trainee.method.losses(trainee.network(step.samples, step.counts), step.outlier)
        optimiser.step(torch.autograd.grad(mean(losses, step.counts), parameters), step.rate)
    return trainee


def first_network(trial: Trial, task: Task, recipe: Recipe) -> nn.Module:
    """The untrained network of ``trial``, on the CPU."""
    architecture = recipe.architecture
    seed = recipe.seeds.derive(f"network {architecture.network.name}", trial.class_name, trial.repetition)
    method = recipe.method(trial)
    return build(architecture.network, architecture.width, architecture.precision, method, task.inputs, seed)


def _batch(
    task: Task,
    recipe: Recipe,
    normal: Tensor,
    exposed: Tensor,
    statistics: Statistics | None,
    random: Generator,
    merged: bool,
) -> tuple[Tensor, Tensor, Tensor | None]:
    """A batch: samples [B, ...], which are outliers [B], and how often each occurs [B], or None for once.

    Copies of an outlier that look the same are computed once: one outlier occurs as often as there are normal images,
    which about halves the work and changes nothing.
    """
    counts = None
    if merged and task.pool.repeats and len(exposed):
        distinct, times = exposed.unique(return_counts=True)
        if len(distinct) < len(exposed):
            exposed, counts = distinct, torch.cat([times.new_ones(len(normal)), times]).to(normal.device)
    parts = [_normalised(task.data.batch(normal, random), statistics, task, recipe)]
    if len(exposed):
        parts.append(_normalised(task.pool.batch(exposed, random), statistics, task, recipe))
    outlier = torch.arange(len(normal) + len(exposed), device=normal.device) >= len(normal)
    return torch.cat(parts), outlier, counts


def mean(losses: Tensor, counts: Tensor | None) -> Tensor:
    """Of ``losses`` [..., B] over the batch, in which each sample occurs ``counts`` [B] times (None: once)."""
    return losses.mean(-1) if counts is None else losses @ counts.to(losses.dtype) / counts.sum()


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

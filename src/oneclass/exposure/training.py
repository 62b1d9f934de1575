"""Training one network (Appendix G.1), and a sweep of them side by side in one job.

On a CPU a small network keeps no two cores busy: the members of a sweep are trained a core each, which is faster than
one after another on all cores and gives the same weights. Images stay on the device, shared by all.
(`benchmarks/README.md` has the numbers, and those of stacked weights and grouped convolutions, slower for LeNets.)
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn
from tqdm import tqdm

from oneclass.adam import Optimiser
from oneclass.exposure.batches import Endless, epoch
from oneclass.exposure.inputs import Inputs, Statistics
from oneclass.exposure.members import Member
from oneclass.exposure.methods import Method, make
from oneclass.exposure.networks import Architecture, build
from oneclass.seeds import derive

T = TypeVar("T")
_BATCH = 512  # images at a time where nothing is trained


@dataclass(frozen=True)
class Schedule:
    """Adam, whose learning rate falls to a tenth at each of ``milestones`` (epochs)."""

    epochs: int
    milestones: tuple[int, ...]
    batch_size: int  # normal images, and as many outliers
    learning_rate: float

    def rate(self, epoch: int) -> float:
        """The learning rate in ``epoch`` (from 0)."""
        return self.learning_rate * 0.1 ** sum(epoch >= milestone for milestone in self.milestones)


@dataclass(frozen=True)
class Task:
    """What one member is trained on and scores: positions in ``data`` and in ``pool``, on one device."""

    data: Inputs
    train: Tensor  # normal training images, [N]
    test: Tensor  # [T]
    pool: Inputs
    outliers: Tensor  # [M], none if empty
    architecture: Architecture
    inputs: int  # features a sample, for heads


@dataclass(frozen=True)
class Seeds:
    """Seeds by name. Members of a class and repetition share first weights and orders: they compare in pairs."""

    run: int
    dataset: str

    def of(self, purpose: str, member: Member) -> int:
        """The seed of one random choice."""
        return derive(self.run, purpose, self.dataset, member.class_name, member.seed)

    def generator(self, purpose: str, member: Member) -> Generator:
        """The same as a generator."""
        return Generator().manual_seed(self.of(purpose, member))


def population(
    members: Sequence[Member], task: Callable[[Member], Task], schedule: Schedule, seeds: Seeds, threads: int
) -> Iterator[NDArray[np.float32]]:
    """The scores [T] of each of ``members`` on its test images, in order, trained ``threads`` at a time."""

    jobs = [lambda member=member: run(member, task(member), schedule, seeds) for member in members]
    yield from tqdm(side_by_side(jobs, threads), total=len(members), unit="network", desc=seeds.dataset)


def side_by_side(jobs: Iterable[Callable[[], T]], threads: int) -> Iterator[T]:
    """What each of ``jobs`` returns, in order; ``threads`` of them at a time, a core each."""

    def one(job: Callable[[], T]) -> T:
        torch.set_num_threads(1)
        return job()

    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(one, jobs)


def run(member: Member, task: Task, schedule: Schedule, seeds: Seeds) -> NDArray[np.float32]:
    """Train ``member`` and give its scores [T], higher for anomalies. Raises ``ValueError`` if one is not finite."""
    network, method, statistics = fit(member, task, schedule, seeds)
    parts = [method.score(z) for z in _outputs(network, task, task.test, statistics)]
    scores: NDArray[np.float32] = torch.cat(parts).cpu().numpy()
    if not np.isfinite(scores).all():
        raise ValueError(f"{member}: training diverged, a score is not finite; use a smaller learning_rate")
    return scores


def fit(member: Member, task: Task, schedule: Schedule, seeds: Seeds) -> tuple[nn.Module, Method, Statistics | None]:
    """A trained network, its method (which knows the centre if it has one), and the normal images' statistics."""
    method = make(member.method, member.radial, member.gamma)
    network = build(task.architecture, method, task.inputs, seeds.of(f"network {task.architecture.kind}", member))
    network = network.to(task.train.device).to(memory_format=_layout(task))
    statistics = task.data.statistics(task.train)
    method = method.start(_outputs(network, task, task.train, statistics))
    parameters = list(network.parameters())
    optimiser = Optimiser(parameters)
    order, augmenting = seeds.generator("order", member), seeds.generator("augmentation", member)
    outliers = Endless(len(task.outliers), seeds.generator("outlier order", member))
    network.train()
    for number in range(schedule.epochs):
        for normal, exposed in epoch(len(task.train), outliers, schedule.batch_size, order):
            x, outlier, counts = _batch(task, task.train[normal], task.outliers[exposed], statistics, augmenting)
            loss = _mean(method.losses(network(x, counts), outlier), counts)
            optimiser.step(torch.autograd.grad(loss, parameters), schedule.rate(number))
    return network, method, statistics


def _batch(
    task: Task, normal: Tensor, exposed: Tensor, statistics: Statistics | None, random: Generator
) -> tuple[Tensor, Tensor, Tensor | None]:
    """A batch: samples [B, ...], which are outliers [B], and how often each stands for itself [B], or None for once.

    Copies of an outlier that look the same are computed once: one outlier stands for as many as there are normal
    images, which about halves the work and changes nothing.
    """
    counts = None
    if task.pool.repeats and len(exposed):
        distinct, times = exposed.unique(return_counts=True)
        if len(distinct) < len(exposed):
            exposed, counts = distinct, torch.cat([times.new_ones(len(normal)), times])
    parts = [_normalised(task.data.batch(normal, random), statistics, task)]
    if len(exposed):
        parts.append(_normalised(task.pool.batch(exposed, random), statistics, task))
    outlier = torch.arange(len(normal) + len(exposed), device=normal.device) >= len(normal)
    return torch.cat(parts), outlier, counts


def _mean(losses: Tensor, counts: Tensor | None) -> Tensor:
    return losses.mean() if counts is None else losses @ counts.to(losses.dtype) / counts.sum()


@torch.no_grad()
def _outputs(network: nn.Module, task: Task, rows: Tensor, statistics: Statistics | None) -> Iterator[Tensor]:
    """The network's outputs in evaluation mode for the images at ``rows``, as at test."""
    network.eval()
    for part in rows.split(_BATCH):
        yield network(_normalised(task.data.batch(part, None), statistics, task))


def _normalised(samples: Tensor, statistics: Statistics | None, task: Task) -> Tensor:
    normal = samples if statistics is None else (samples - statistics[0]) / statistics[1]
    return normal.contiguous(memory_format=_layout(task)) if normal.dim() == 4 else normal


def _layout(task: Task) -> torch.memory_format:
    """How images lie in memory. Channels last is faster, but crashes PyTorch 2.15 in narrow ResNets on a CPU."""
    crashes = task.architecture.kind == "cbam_resnet18" and task.train.device.type == "cpu"
    return torch.contiguous_format if crashes else torch.channels_last

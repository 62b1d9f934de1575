"""Trainings an hour in a search for single outliers: one by one as the paper's code does, and as the library does.

One by one, on all cores, every step filters and normalises 128 normal images and 128 copies of the outlier, with
PyTorch's convolutions. The library merges the copies into one sample, trains a core each, convolves wide layers by
Fourier transforms, and filters and normalises once for all trainings; then also in bfloat16 (``exposure.precision``).
All train LeNets on the same random images with the same batches, by Adam on HSC's loss, and score the same few test
images.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks import timing
from benchmarks.population import LOSSES, Same, in_float64
from oneclass.catalogue.networks import NETWORKS
from oneclass.exposure.networks import fourier
from oneclass.exposure.training import Architecture, Recipe, Task, train
from oneclass.filters import Filter
from oneclass.metrics import auroc
from oneclass.search.fitness import Fitness
from oneclass.training.batches import Schedule
from oneclass.training.inputs import Inputs, Pixels
from oneclass.training.outcomes import side_by_side
from oneclass.training.trials import Seeds, Trial

SEEDS = Seeds(1024, "search")
LENET = NETWORKS["lenet"]
TRIAL = Trial("random", 0, "hsc", outlier_count=1)
TESTED = 64  # images
LABELS = (np.arange(TESTED) % 2).astype(np.int8)
TRAINING = 1200  # steps of one of the paper's trainings: 30 epochs of 5,000 images
ONE_BY_ONE, MERGED = "one by one, copies", "a core each, merged"
FOURIER, SEARCH = f"{MERGED}, Fourier", f"{MERGED}, Fourier, prepared once"
ROUNDED = f"{MERGED}, prepared once, bfloat16"

Aurocs = NDArray[np.float64]  # in percent, of each outlier


@dataclass(frozen=True)
class Problem:
    """``members`` outliers to try under a filter."""

    members: int
    filter: str
    width: float
    batch_size: int
    threads: int

    def recipe(self, precision: str = "float32") -> Recipe:
        architecture = Architecture(LENET, self.width, precision)
        return Recipe(architecture, LOSSES, Schedule(1, (), self.batch_size, 1e-3), SEEDS)

    def pixels(self, count: int, seed: int) -> Pixels:
        random = torch.Generator().manual_seed(seed)
        images = torch.randint(256, (count, 3, 32, 32), dtype=torch.uint8, generator=random)
        return Pixels(images, LENET, Filter.parse(self.filter), frozenset())

    def fitness(self, steps: int, precision: str = "float32") -> Fitness:
        rows = torch.arange(steps * self.batch_size + TESTED)
        parts = self.pixels(len(rows), 0), rows[:-TESTED], rows[-TESTED:], LABELS, self.pixels(self.members, 1)
        return Fitness(TRIAL, *parts, self.recipe(precision), self.threads)

    def jobs(self, steps: int, merged: bool) -> list[Callable[[], float]]:
        """Each filters and normalises its own batches."""
        all_of = self.fitness(steps)
        pool: Inputs = all_of.pool if merged else Same(all_of.pool, False)

        def one(row: int) -> float:
            task = Task(all_of.data, all_of.train, all_of.test, pool, torch.tensor([row]), 3)
            return 100 * float(auroc(LABELS, train(TRIAL, task, all_of.recipe)))

        return [partial(one, row) for row in range(self.members)]

    def exact(self) -> dict[str, Callable[[int], Aurocs]]:
        return {ONE_BY_ONE: self.one_by_one, MERGED: self.merged, FOURIER: self.by_fourier, SEARCH: self.search}

    def one_by_one(self, steps: int) -> Aurocs:
        torch.set_num_threads(self.threads)
        with literally():
            return np.array([job() for job in self.jobs(steps, merged=False)])

    def merged(self, steps: int) -> Aurocs:
        with literally():
            return self.by_fourier(steps)

    def by_fourier(self, steps: int) -> Aurocs:
        return np.array(list(side_by_side(self.jobs(steps, merged=True), self.threads)))

    def search(self, steps: int, precision: str = "float32") -> Aurocs:
        return np.array(list(self.fitness(steps, precision).measure([(row, 0) for row in range(self.members)])))


def literally() -> AbstractContextManager[object]:
    """With PyTorch's convolutions."""
    return patch.object(fourier.Convolution, "_pays", lambda layer, x: False)


def measure(problem: Problem, steps: int, rounds: int) -> list[dict[str, object]]:
    """A row for each way; the AUROCs are compared after one small step, before rounding grows, in float64 if exact."""
    ways = problem.exact() | {ROUNDED: partial(problem.search, precision="bfloat16")}
    small = replace(problem, batch_size=min(problem.batch_size, 8))
    first = in_float64(small.exact()) | {ROUNDED: small.search(1, "bfloat16")}
    timed = timing.compare({name: partial(way, steps) for name, way in ways.items()}, rounds)
    each = {name: side.seconds / problem.members / steps for name, side in timed.items()}
    return [
        {
            "filter": problem.filter,
            "way": name,
            "ms a step": 1000 * each[name],
            "trainings an hour": 3600 / (TRAINING * each[name]),
            "times faster": each[ONE_BY_ONE] / each[name],
            "largest difference": float(np.abs(first[name] - first[ONE_BY_ONE]).max()),
        }
        for name in ways
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=4, help="outliers to try (%(default)s)")
    parser.add_argument("--steps", type=int, default=20, help="that each network is trained (%(default)s)")
    parser.add_argument("--batch-size", type=int, default=128, help="normal images, and as many copies (%(default)s)")
    parser.add_argument("--width", type=float, default=1, help="of the LeNets (%(default)s)")
    parser.add_argument("--filters", nargs="+", default=["none", "lpf14", "hpf14"], help="(default: %(default)s)")
    options = timing.parse(parser, arguments, rounds=2)
    table = []
    for name in options.filters:
        problem = Problem(options.members, name, options.width, options.batch_size, options.threads)
        table += measure(problem, options.steps, options.rounds)
    print(f"LeNet, width {options.width:g}, {options.threads} threads; a training has {TRAINING} steps\n")
    print(timing.table(table))


if __name__ == "__main__":
    main()

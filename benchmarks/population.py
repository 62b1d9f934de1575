"""Many small networks: one after another, a core each, as a stack, or in processes; and one outlier, copied or merged.

All are trained on the same random images or features with the same batches, by Adam on HSC's loss, and score the same
test images. There are as many training images as a batch holds, so that a step is an epoch.
"""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from benchmarks import timing
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Network
from oneclass.exposure.population import train_all, train_stack
from oneclass.exposure.training import Architecture, Recipe, Task, train
from oneclass.filters import Filter
from oneclass.seeds import derive
from oneclass.training.batches import Schedule
from oneclass.training.inputs import FeatureVectors, Inputs, Pixels, Statistics
from oneclass.training.outcomes import CPU
from oneclass.training.trials import Seeds, Trial

SEEDS = Seeds(1024, "population")
LOSSES = {"hsc": "exposure.losses.hsc"}
RATE = 1e-3
TESTED = 64  # images
TRAINING = 1200  # steps of a whole training: 30 epochs of 5,000 images
ONE_BY_ONE, CORES, STACK, PROCESSES = "one after another", "a core each", "a stack", "a process each"
COPIES, MERGED = "copies", "merged"

Scores = NDArray[np.floating]  # [networks, images]


@dataclass(frozen=True)
class Same:
    """A pool whose images in a batch are said to repeat, or not to: then every copy is computed."""

    pool: Inputs
    repeats: bool
    augmented = False

    def __len__(self) -> int:
        return len(self.pool)

    def statistics(self, rows: Tensor) -> Statistics | None:
        return self.pool.statistics(rows)

    def batch(self, rows: Tensor, random: Generator | None) -> Tensor:
        return self.pool.batch(rows, random)


@dataclass(frozen=True)
class Problem:
    """``members`` networks of a kind, and what they are trained on."""

    kind: str
    width: float
    members: int
    batch_size: int
    features: int
    threads: int
    device: str = "cpu"

    @property
    def network(self) -> Network:
        return NETWORKS[self.kind]

    def trial(self, number: int) -> Trial:
        return Trial("random", number, "hsc")

    def recipe(self, steps: int) -> Recipe:
        schedule = Schedule(steps, (), self.batch_size, RATE)
        return Recipe(Architecture(self.network, self.width), LOSSES, schedule, SEEDS)

    def task(self, outliers: int | None = None, repeats: bool = False) -> Task:
        """With so many ``outliers`` (all if not given), whose copies are computed once if they are to repeat."""
        rows = torch.arange(self.batch_size + TESTED, device=self.device)
        normal, exposed = rows[: self.batch_size], rows[: self.batch_size if outliers is None else outliers]
        data, pool = self._inputs("data", len(rows)), Same(self._inputs("pool", self.batch_size), repeats)
        return Task(data, normal, rows[len(normal) :], pool, exposed, self.features)

    def _inputs(self, name: str, count: int) -> Inputs:
        random = torch.Generator().manual_seed(derive(SEEDS.run, SEEDS.dataset, self.kind, name))
        if self.network.on_features:
            return FeatureVectors(torch.randn(count, self.features, generator=random).to(self.device))
        size = self.network.image_size
        images = torch.randint(256, (count, 3, size, size), dtype=torch.uint8, generator=random)
        return Pixels(images.to(self.device), self.network, Filter(), frozenset())

    def one_after_another(self, steps: int) -> Scores:
        """On all cores."""
        torch.set_num_threads(self.threads)
        task, recipe = self.task(), self.recipe(steps)
        return np.stack([train(self.trial(k), task, recipe) for k in range(self.members)])

    def a_core_each(self, steps: int, outliers: int | None = None, repeats: bool = False) -> Scores:
        """As many at a time as there are cores, in one process."""
        task = self.task(outliers, repeats)
        jobs = [(self.trial(k), lambda: task) for k in range(self.members)]
        return np.stack(list(train_all(jobs, self.recipe(steps), CPU, self.threads)))

    def a_process_each(self, count: int, steps: int) -> Scores:
        """The first ``count`` networks, as many processes at a time as there are cores."""
        environment = os.environ | {"OMP_NUM_THREADS": "1"}

        def start(number: int) -> list[float]:
            code = f"from benchmarks.population import alone; alone({asdict(self)}, {number}, {steps})"
            command = [sys.executable, "-c", code]
            return json.loads(subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout)

        with ThreadPoolExecutor(self.threads) as pool:
            return np.array(list(pool.map(start, range(count))), np.float32)

    def as_a_stack(self, steps: int) -> Scores:
        """All in each step, as the library does on a GPU."""
        torch.set_num_threads(self.threads)
        trials, task = [self.trial(k) for k in range(self.members)], self.task()
        return np.stack([one.scores() for one in train_stack(trials, [task] * self.members, self.recipe(steps))])


def alone(problem: dict[str, Any], number: int, steps: int) -> None:
    """Train one network of a ``Problem`` and print its scores: what each of the processes does."""
    one = Problem(**problem)
    torch.set_num_threads(1)
    json.dump(train(one.trial(number), one.task(), one.recipe(steps)).tolist(), sys.stdout)


def difference(scores: Scores, expected: Scores) -> float:
    """The largest relative one."""
    return float(np.abs(scores / expected[: len(scores)] - 1).max())


def in_float64(sides: Mapping[str, Callable[[int], Scores]]) -> dict[str, Scores]:
    """Scores after a single step: rounding, which grows with every step, does not hide what is not the same."""
    torch.set_default_dtype(torch.float64)
    try:
        return {name: side(1) for name, side in sides.items()}
    finally:
        torch.set_default_dtype(torch.float32)


def measure(problem: Problem, steps: int, processes: int, rounds: int) -> str:
    """One network's table, and what processes cost in a whole training."""
    sides: dict[str, Callable[[int], Scores]] = {
        ONE_BY_ONE: problem.one_after_another,
        CORES: problem.a_core_each,
        STACK: problem.as_a_stack,
    }
    for name in (COPIES, MERGED):
        sides[name] = partial(problem.a_core_each, outliers=1, repeats=name == MERGED)
    first = in_float64(sides)
    sides[PROCESSES] = partial(problem.a_process_each, processes)
    timed = timing.compare({name: partial(side, steps) for name, side in sides.items()}, rounds)
    first[PROCESSES], first[f"{PROCESSES}, expected"] = timed[PROCESSES].result, timed[CORES].result
    each = {name: side.seconds / len(side.result) / steps for name, side in timed.items()}

    def row(outliers: int, name: str, compared: str, expected: str) -> dict[str, object]:
        return {
            "outliers": outliers,
            "way": name,
            "networks": len(timed[name].result),
            "ms a network and step": 1000 * each[name],
            "times faster": each[compared] / each[name],
            "largest difference": difference(first[name], first[expected]),
        }

    whole = [name for name in sides if name not in (COPIES, MERGED, PROCESSES)]
    rows = [row(problem.batch_size, name, ONE_BY_ONE, ONE_BY_ONE) for name in whole]
    rows += [row(problem.batch_size, PROCESSES, ONE_BY_ONE, f"{PROCESSES}, expected")]
    rows += [row(1, name, COPIES, COPIES) for name in (COPIES, MERGED)]
    start = steps * (each[PROCESSES] - each[CORES])
    return (
        f"{problem.kind}, width {problem.width:g}: {steps} steps of {problem.batch_size} normal images and as many "
        f"outliers, {problem.threads} threads\n\n{timing.table(rows)}\n\n"
        f"A process adds {start:.3g} s a network; in a training of {TRAINING} steps it is "
        f"{1 + start / (TRAINING * each[CORES]):.3g} times slower than a core each\n"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    default = ["lenet:0.25", "lenet:1", "head:1"]
    parser.add_argument("--networks", nargs="+", default=default, help="kind:width (default: %(default)s)")
    parser.add_argument("--members", type=int, default=8, help="networks of each kind (%(default)s)")
    parser.add_argument("--steps", type=int, default=20, help="that each is trained (%(default)s)")
    parser.add_argument("--batch-size", type=int, default=128, help="normal images, and as many outliers (%(default)s)")
    parser.add_argument("--features", type=int, default=1280, help="that a head stands on (%(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="to stand for one a network (%(default)s)")
    options = timing.parse(parser, arguments, rounds=2)
    for name in options.networks:
        kind, width = name.split(":")
        problem = Problem(kind, float(width), options.members, options.batch_size, options.features, options.threads)
        print(measure(problem, options.steps, options.processes, options.rounds), flush=True)


if __name__ == "__main__":
    main()

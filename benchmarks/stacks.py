"""Small networks on a GPU: one after another and as stacks of several sizes; and a generation of a search.

The networks are those of ``population``, timed for some steps and for three times as many: the difference tells what a
step takes, the rest what it takes to start a network and to score its test images. A generation tries 64 outliers with
two LeNets each on 5,000 random images of 32 pixels, tests on 10,000, and is timed for fewer epochs than the paper's 30,
in the same manner.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch

from benchmarks import timing
from benchmarks.population import LOSSES, ONE_BY_ONE, STACK, TRAINING, Problem, Scores
from benchmarks.search import LENET, SEEDS, TRIAL
from oneclass.exposure.population import train_stack
from oneclass.exposure.training import Architecture, Recipe, train
from oneclass.filters import Filter
from oneclass.search.fitness import Fitness
from oneclass.training.batches import Schedule
from oneclass.training.inputs import Pixels

EPOCHS, GENERATIONS = 30, 50  # the paper's


def one_by_one(problem: Problem, merged: bool, steps: int) -> Scores:
    task, recipe = problem.task(1 if merged else None, merged), problem.recipe(steps)
    return np.stack([train(problem.trial(k), task, recipe) for k in range(problem.members)])


def stack(problem: Problem, merged: bool, steps: int) -> Scores:
    task, recipe = problem.task(1 if merged else None, merged), problem.recipe(steps)
    trials = [problem.trial(k) for k in range(problem.members)]
    return np.stack([one.scores() for one in train_stack(trials, [task] * problem.members, recipe)])


def compare(kind: str, merged: bool, options: Namespace) -> list[dict[str, object]]:
    """A row for a network alone, and for each size of a stack."""

    def row(name: str, way: Callable[[Problem, bool, int], Scores], members: int) -> dict[str, object]:
        problem = Problem(kind, 1, members, options.batch_size, 1280, options.threads, options.device)
        lengths = {steps: partial(way, problem, merged, steps) for steps in (options.steps, 3 * options.steps)}
        short, long = (one.seconds / members for one in timing.compare(lengths, options.rounds).values())
        each = (long - short) / (2 * options.steps)
        start = short - options.steps * each
        return {
            "network": kind,
            "outliers": 1 if merged else options.batch_size,
            "way": name,
            "networks": members,
            "ms a network and step": 1000 * each,
            "ms to start a network": 1000 * start,
            "trainings an hour": 3600 / (start + TRAINING * each),
        }

    return [row(ONE_BY_ONE, one_by_one, 1), *(row(STACK, stack, members) for members in options.members)]


def generation(options: Namespace, precision: str) -> dict[str, object]:
    """Hours of a search, from one generation."""
    train_images, test_images = options.images, 2 * options.images
    random = torch.Generator().manual_seed(0)

    def pixels(count: int) -> Pixels:
        images = torch.randint(256, (count, 3, 32, 32), dtype=torch.uint8, generator=random)
        return Pixels(images.to(options.device), LENET, Filter(), frozenset())

    data, pool = pixels(train_images + test_images), pixels(options.outliers)
    rows = torch.arange(len(data), device=options.device)
    labels = (np.arange(test_images) % 10 > 0).astype(np.int8)
    wanted = [(row, repetition) for row in range(options.outliers) for repetition in (0, 1)]

    def trained(epochs: int) -> list[float]:
        schedule = Schedule(epochs, (), options.batch_size, 1e-3)
        recipe = Recipe(Architecture(LENET, 1, precision), LOSSES, schedule, SEEDS)
        parts = rows[:train_images], rows[train_images:], labels, pool
        return list(Fitness(TRIAL, data, *parts, recipe, options.threads).measure(wanted))

    some = {epochs: partial(trained, epochs) for epochs in options.epochs}
    timed = {epochs: one.seconds for epochs, one in timing.compare(some, 1).items()}
    few, more = options.epochs
    each = (timed[more] - timed[few]) / (more - few)
    whole = timed[few] + (EPOCHS - few) * each
    return {
        "precision": precision,
        "networks": len(wanted),
        "s an epoch": each,
        "s a generation": whole,
        "trainings an hour": 3600 * len(wanted) / whole,
        f"h of {GENERATIONS} generations": GENERATIONS * whole / 3600,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="(%(default)s)")
    parser.add_argument("--networks", nargs="+", default=["lenet", "head"], help="(default: %(default)s)")
    parser.add_argument("--members", nargs="+", type=int, default=[1, 8, 64, 128], help="(default: %(default)s)")
    parser.add_argument("--steps", type=int, default=20, help="that each is trained (%(default)s)")
    parser.add_argument("--batch-size", type=int, default=128, help="normal images, and as many outliers (%(default)s)")
    parser.add_argument("--images", type=int, default=5000, help="of a search's class in training (%(default)s)")
    parser.add_argument("--outliers", type=int, default=64, help="that a generation tries (%(default)s)")
    parser.add_argument("--epochs", nargs=2, type=int, default=[1, 3], help="that are timed (default: %(default)s)")
    options = timing.parse(parser, arguments, rounds=2)
    if options.device == "cuda":
        print(torch.cuda.get_device_name(), torch.__version__, end="\n\n")
    kinds = [(kind, merged) for kind in options.networks for merged in (False, True) if kind == "lenet" or not merged]
    print(timing.table([row for kind in kinds for row in compare(*kind, options)]), end="\n\n", flush=True)
    print(timing.table([generation(options, precision) for precision in ("float32", "bfloat16")]))


if __name__ == "__main__":
    main()

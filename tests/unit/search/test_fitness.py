"""The AUROC of networks trained as any other, from images prepared once."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from oneclass.exposure import training
from oneclass.exposure.inputs import Pixels
from oneclass.exposure.members import Member
from oneclass.exposure.networks import Architecture
from oneclass.exposure.training import Schedule, Seeds, Task
from oneclass.filters import Filter
from oneclass.metrics import auroc
from oneclass.search.fitness import Fitness

SCHEDULE, SEEDS = Schedule(3, (2,), 4, 1e-2), Seeds(1024, "toy")
LENET = Architecture("lenet", 0.1)
LABELS = (np.arange(10) >= 5).astype(np.int8)


def random_pixels(count: int, seed: int, filter: str) -> Pixels:
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(256, (count, 3, 32, 32), dtype=torch.uint8, generator=generator)
    return Pixels(images, "lenet", Filter.parse(filter), frozenset(), "code")


@pytest.fixture
def fitness(double: None) -> Callable[..., Fitness]:
    def make(method: str = "hsc", filter: str = "none", threads: int = 1) -> Fitness:
        member = Member("cat", 0, method, "pseudo_huber", 2.0, outliers=1, filter=filter)
        data, pool = random_pixels(22, 1, filter), random_pixels(5, 2, filter)
        rows = torch.arange(22)
        return Fitness(member, data, rows[:12], rows[12:], LABELS, pool, LENET, SCHEDULE, SEEDS, threads)

    return make


def literal(fitness: Fitness, row: int, repetition: int) -> float:
    """Filtered and normalised in every batch."""
    one = torch.tensor([row])
    task = Task(fitness.data, fitness.train, fitness.test, fitness.pool, one, LENET, 3)
    return 100 * auroc(LABELS, training.run(replace(fitness.member, seed=repetition), task, SCHEDULE, SEEDS))


@pytest.mark.parametrize("method", ["hsc", "bce", "dsad", "focal"])
@pytest.mark.parametrize("filter", ["none", "lpf14", "hpf3"])
def test_it_is_the_auroc_of_the_literal_training(method: str, filter: str, fitness: Callable[..., Fitness]) -> None:
    measured = fitness(method, filter)
    wanted = [(3, 0), (0, 1)]
    assert list(measured.of(wanted)) == pytest.approx([literal(measured, *each) for each in wanted])


def test_company_and_threads_change_nothing(fitness: Callable[..., Fitness]) -> None:
    wanted = [(row, repetition) for row in range(5) for repetition in range(2)]
    together = list(fitness(threads=2).of(wanted))
    assert together == [next(iter(fitness().of([each]))) for each in wanted]
    assert len(set(together)) > 1


def test_images_are_prepared_once(fitness: Callable[..., Fitness], monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    batch = Pixels.batch

    def counted(self: Pixels, rows: Tensor, random: object) -> Tensor:
        seen.append(len(rows))
        return batch(self, rows, None)

    monkeypatch.setattr(Pixels, "batch", counted)
    list(fitness(threads=3).of([(0, 0), (1, 0), (1, 1)]))
    assert seen == [22, 1, 1, 1]


def test_images_that_are_cropped_at_random_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    images = torch.randint(256, (8, 3, 36, 36), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    cropped = Pixels(images, "lenet", Filter(), frozenset({"crop"}), "code")
    rows, labels, one = torch.arange(8), LABELS[3:7], Member("cat", 0, "bce", outliers=1)
    measured = Fitness(one, cropped, rows[:4], rows[4:], labels, cropped, LENET, SCHEDULE, SEEDS, 1)
    task = Task(cropped, rows[:4], rows[4:], cropped, torch.tensor([6]), LENET, 3)
    expected = 100 * auroc(labels, training.run(one, task, SCHEDULE, SEEDS))
    assert list(measured.of([(6, 0)])) == [expected]

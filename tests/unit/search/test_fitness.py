"""The AUROC of networks trained as any other, from images prepared once."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Loss
from oneclass.exposure import training
from oneclass.exposure.training import Architecture, Recipe, Task
from oneclass.filters import Filter
from oneclass.metrics import auroc
from oneclass.search.fitness import Fitness
from oneclass.training.batches import Schedule
from oneclass.training.inputs import FeatureVectors, Pixels
from oneclass.training.trials import Seeds, Trial

LENET = NETWORKS["lenet"]
LOSSES = of_kind(Loss)
RECIPE = Recipe(
    Architecture(LENET, 0.1),
    {name: loss.module for name, loss in LOSSES.items()},
    Schedule(3, (2,), 4, 1e-2),
    Seeds(1024, "toy"),
)
LABELS = (np.arange(10) >= 5).astype(np.int8)


def random_pixels(count: int, seed: int, filter: str) -> Pixels:
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(256, (count, 3, 32, 32), dtype=torch.uint8, generator=generator)
    return Pixels(images, LENET, Filter.parse(filter), frozenset())


@pytest.fixture
def fitness(double: None) -> Callable[..., Fitness]:
    def make(method: str = "hsc", filter: str = "none", threads: int = 1) -> Fitness:
        options = {name: option.default for name, option in LOSSES[method].options.items()}
        trial = Trial("cat", 0, method, options, outlier_count=1, filter=filter)
        data, pool = random_pixels(22, 1, filter), random_pixels(5, 2, filter)
        rows = torch.arange(22)
        return Fitness(trial, data, rows[:12], rows[12:], LABELS, pool, RECIPE, threads)

    return make


def literal(fitness: Fitness, row: int, repetition: int) -> float:
    """Filtered and normalised in every batch."""
    one = torch.tensor([row])
    task = Task(fitness.data, fitness.train, fitness.test, fitness.pool, one, 3)
    return 100 * auroc(LABELS, training.train(replace(fitness.trial, repetition=repetition), task, RECIPE))


@pytest.mark.parametrize("method", ["hsc", "bce", "dsad", "focal"])
@pytest.mark.parametrize("filter", ["none", "lpf14", "hpf3"])
def test_it_is_the_auroc_of_the_literal_training(method: str, filter: str, fitness: Callable[..., Fitness]) -> None:
    measured = fitness(method, filter)
    wanted = [(3, 0), (0, 1)]
    assert list(measured.measure(wanted)) == pytest.approx([literal(measured, *each) for each in wanted])


def test_company_and_threads_change_nothing(fitness: Callable[..., Fitness]) -> None:
    wanted = [(row, repetition) for row in range(5) for repetition in range(2)]
    together = list(fitness(threads=2).measure(wanted))
    assert together == [next(iter(fitness().measure([each]))) for each in wanted]
    assert len(set(together)) > 1


def test_images_are_prepared_once(fitness: Callable[..., Fitness], monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    batch = Pixels.batch

    def counted(self: Pixels, rows: Tensor, random: object) -> Tensor:
        seen.append(len(rows))
        return batch(self, rows, None)

    monkeypatch.setattr(Pixels, "batch", counted)
    list(fitness(threads=3).measure([(0, 0), (1, 0), (1, 1)]))
    assert seen == [22, 1, 1]


def test_images_that_are_cropped_at_random_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    images = torch.randint(256, (8, 3, 36, 36), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    cropped = Pixels(images, LENET, Filter(), frozenset({"crop"}))
    rows, labels, one = torch.arange(8), LABELS[3:7], Trial("cat", 0, "bce", outlier_count=1)
    measured = Fitness(one, cropped, rows[:4], rows[4:], labels, cropped, RECIPE, 1)
    task = Task(cropped, rows[:4], rows[4:], cropped, torch.tensor([6]), 3)
    expected = 100 * auroc(labels, training.train(one, task, RECIPE))
    assert list(measured.measure([(6, 0)])) == [expected]


@pytest.mark.parametrize("method", ["hsc", "bce"])
def test_of_heads_it_is_the_auroc_of_the_literal_training_on_features(method: str) -> None:
    data, pool = (
        FeatureVectors(torch.randn(count, 6, generator=torch.Generator().manual_seed(count))) for count in (22, 5)
    )
    recipe = replace(RECIPE, architecture=Architecture(NETWORKS["head"], 0.1))
    rows, trial = torch.arange(22), Trial("cat", 0, method, outlier_count=1)
    measured = Fitness(trial, data, rows[:12], rows[12:], LABELS, pool, recipe, 2)
    tasks = [Task(data, rows[:12], rows[12:], pool, torch.tensor([row]), 6) for row in (3, 0)]
    expected = [100 * auroc(LABELS, training.train(trial, task, recipe)) for task in tasks]
    assert list(measured.measure([(3, 0), (0, 0)])) == expected
    assert len({*expected}) == 2


def test_a_diverged_training_is_an_error_that_names_its_repetition(
    fitness: Callable[..., Fitness], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oneclass.exposure.population.train", lambda *_: np.full(10, np.nan, np.float32))
    with pytest.raises(ValueError, match=r"repetition=1, method='hsc'.* training diverged"):
        list(fitness().measure([(3, 1)]))

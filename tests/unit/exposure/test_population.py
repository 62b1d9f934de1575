"""Networks in a stack are those that train one by one, whatever else is in it and wherever they are."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Loss
from oneclass.errors import UserError
from oneclass.exposure import population
from oneclass.exposure.population import Job, is_stacked, train_all, train_stack
from oneclass.exposure.training import Architecture, Recipe, Task, fit, train
from oneclass.training.batches import Schedule
from oneclass.training.inputs import FeatureVectors, Inputs, Pixels
from oneclass.training.outcomes import CPU
from oneclass.training.trials import Seeds, Trial

LOSSES = {name: loss.module for name, loss in of_kind(Loss).items()}
PARTS = ("jitter", "flip", "crop", "noise")


def recipe(network: str, stacked: bool | None = True, precision: str = "float32") -> Recipe:
    architecture = Architecture(NETWORKS[network], 0.1, precision)
    return Recipe(architecture, LOSSES, Schedule(3, (2,), 4, 1e-2), Seeds(1, "toy"), stacked)


def task_of(data: Inputs, pool: Inputs, outliers: int, device: str = "cpu") -> Task:
    inputs = data.features.shape[1] if isinstance(data, FeatureVectors) else 3
    rows = torch.arange(16, device=device)
    return Task(data, rows[:10], rows[10:], pool, torch.arange(outliers, device=device), inputs)


@pytest.fixture
def seen(pictures: Callable[..., Tensor], pixels: Callable[..., Pixels]) -> Callable[..., tuple[Inputs, Inputs]]:
    """A data set and a pool as a network sees them, on a device."""

    def make(network: str, *augmentation: str, device: str = "cpu") -> tuple[Inputs, Inputs]:
        if network == "head":
            random = torch.Generator().manual_seed(0)
            features = (torch.randn(count, 6, generator=random).to(device) for count in (16, 8))
            return FeatureVectors(next(features)), FeatureVectors(next(features))
        return (
            pixels(pictures(16).to(device), *augmentation),
            pixels(pictures(8, seed=1).to(device), *augmentation),
        )

    return make


def trials(method: str) -> list[Trial]:
    count = 0 if method == "dsvdd" else 5
    return [Trial("cat", repetition, method, outlier_count=count) for repetition in range(3)]


@pytest.mark.parametrize("method", ["hsc", "bce", "dsad", "focal", "dsvdd"])
@pytest.mark.parametrize("network", ["head", "lenet"])
def test_weights_and_statistics_are_those_of_one_by_one(
    network: str, method: str, seen: Callable[..., tuple[Inputs, Inputs]], double: None
) -> None:
    some = trials(method)
    tasks = [task_of(*seen(network), int(trial.outlier_count)) for trial in some]
    for trial, task, trainee in zip(some, tasks, train_stack(some, tasks, recipe(network)), strict=True):
        alone = fit(trial, task, recipe(network))
        expected = alone.network.state_dict()
        assert len(expected) > 5
        for name, tensor in trainee.network.state_dict().items():
            if name.endswith("num_batches_tracked"):
                continue  # of which nothing depends here, and which merged copies do not count
            torch.testing.assert_close(tensor, expected[name], rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(trainee.scores(), alone.scores(), rtol=1e-5)


@pytest.mark.parametrize("method", ["hsc", "bce"])
def test_copies_of_single_outliers_are_merged_to_the_same_weights(
    method: str, seen: Callable[..., tuple[Inputs, Inputs]], double: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, some = seen("lenet"), [Trial("cat", repetition, method, outlier_count=1) for repetition in range(3)]
    tasks = [replace(task_of(*both, 1), outliers=torch.tensor([row])) for row in (5, 2, 5)]
    expected = [train(trial, task, recipe("lenet")) for trial, task in zip(some, tasks, strict=True)]
    taken, batch = [], Pixels.batch

    def watched(self: Pixels, rows: Tensor, random: torch.Generator | None) -> Tensor:
        taken.append(len(rows))
        return batch(self, rows, random)

    monkeypatch.setattr(Pixels, "batch", watched)
    trained = train_stack(some, tasks, recipe("lenet"))
    assert taken[:2] == [12, 3], "four normal images of each network and one outlier"
    np.testing.assert_allclose([one.scores() for one in trained], expected, rtol=1e-5)


def test_each_is_augmented_by_its_own_draws(seen: Callable[..., tuple[Inputs, Inputs]], double: None) -> None:
    task, some = task_of(*seen("lenet", *PARTS), 5), trials("hsc")
    found = [trainee.scores() for trainee in train_stack(some, [task] * 3, recipe("lenet"))]
    expected = [train(trial, task, recipe("lenet")) for trial in some]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert not np.allclose(found[0], found[1], rtol=0.1)


@pytest.mark.parametrize("network", ["head", "lenet"])
def test_on_a_device_networks_of_any_kind_come_in_order(
    network: str,
    seen: Callable[..., tuple[Inputs, Inputs]],
    pretend: ModuleType,
    double: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    some = [Trial("dog", 0, "bce", outlier_count=5), *trials("hsc"), *trials("dsvdd"), *trials("bce")]

    def jobs(device: str) -> list[Job]:
        both = seen(network, device=device)
        return [(trial, partial(task_of, *both, int(trial.outlier_count), device)) for trial in some]

    monkeypatch.setattr(population, "train", None)  # none is trained alone
    pretend.free = 10**9
    found = list(train_all(jobs("pretend"), recipe(network, None), torch.device("pretend"), 2))
    monkeypatch.undo()
    expected = list(train_all(jobs("cpu"), recipe(network, None), CPU, 2))
    for one, two in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5)


def test_in_bfloat16_too(seen: Callable[..., tuple[Inputs, Inputs]]) -> None:
    task, some, brief = task_of(*seen("lenet"), 5), trials("hsc"), Schedule(1, (), 4, 1e-5)
    coarse, exact = (replace(recipe("lenet", precision=name), schedule=brief) for name in ("bfloat16", "float32"))
    found, fine = (np.array([one.scores() for one in train_stack(some, [task] * 3, how)]) for how in (coarse, exact))
    np.testing.assert_allclose(found, [train(trial, task, coarse) for trial in some], rtol=0.02)
    assert np.abs(found / fine - 1).max() > 1e-4, "products were not rounded"


def test_what_is_stacked(pretend: ModuleType) -> None:
    device = torch.device(pretend.DEVICE)
    assert [is_stacked(recipe("lenet", None), where) for where in (CPU, device)] == [False, True]
    assert [is_stacked(recipe("head", True), where) for where in (CPU, device)] == [True, True]
    assert [is_stacked(recipe("head", False), where) for where in (CPU, device)] == [False, False]
    assert not is_stacked(recipe("cbam_resnet18", True), device), "large ones never are"


def test_when_memory_runs_out_fewer_train_at_once_to_the_same_scores(
    seen: Callable[..., tuple[Inputs, Inputs]], double: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, some = seen("head"), [Trial("cat", repetition, "hsc") for repetition in range(7)]
    jobs: list[Job] = [(trial, partial(task_of, *both, 5)) for trial in some]
    expected = list(train_all(jobs, recipe("head"), CPU, 1))
    sizes, room = [], 2

    def tight(trials: list[Trial], *others: Any) -> Any:
        sizes.append(len(trials))
        if len(trials) > room:
            raise torch.OutOfMemoryError
        return train_stack(trials, *others)

    monkeypatch.setattr(population, "train_stack", tight)
    np.testing.assert_allclose(list(train_all(jobs, recipe("head"), CPU, 1)), expected, rtol=1e-5)
    assert sizes == [7, 3, 1, 1, 1, 1, 1, 1, 1]
    room = 0
    with pytest.raises(UserError, match=r"^one network does not fit into the GPU's memory; lower batch_size"):
        list(train_all(jobs, recipe("head"), CPU, 1))


def test_large_networks_train_one_after_another_on_a_device(
    seen: Callable[..., tuple[Inputs, Inputs]], pretend: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[str] = []

    def alone(trial: Trial, *_: object) -> np.ndarray:
        assert not running
        running.append("")
        running.pop()
        return np.zeros(1, np.float32)

    monkeypatch.setattr(population, "train", alone)
    jobs: list[Job] = [(trial, partial(task_of, *seen("head"), 5)) for trial in trials("hsc")]
    large = replace(recipe("cbam_resnet18", None))
    assert len(list(train_all(jobs, large, torch.device("pretend"), 8))) == 3

    def too_large(*_: object) -> np.ndarray:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(population, "train", too_large)
    with pytest.raises(UserError, match="one network does not fit"):
        list(train_all(jobs, large, torch.device("pretend"), 8))

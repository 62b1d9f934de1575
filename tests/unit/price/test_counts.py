"""Networks and gradient steps, against those that training takes."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from oneclass.catalogue.networks import NETWORKS
from oneclass.exposure.training import Architecture, Recipe, Task, train
from oneclass.objective.job import Job as Fitting
from oneclass.objective.job import Training
from oneclass.objective.methods import full_batch, projector
from oneclass.objective.result import Result, keeper
from oneclass.objective.variants import grid as variants
from oneclass.objective.vectors import VectorClass
from oneclass.price.exposure import batches
from oneclass.price.makers import Job
from oneclass.price.model import Price
from oneclass.search.evolution import Evolution, Parameters, RandomSearch
from oneclass.training.batches import CyclicSampler, Schedule, epoch
from oneclass.training.inputs import FeatureVectors
from oneclass.training.optimisers import Adam
from oneclass.training.trials import Seeds, Trial, grid
from oneclass.transfer import run as transfer

METHODS = ("initial", "information", "knn", "knn_cosine", "mean_shifted_loss", "panda_early", "panda_ewc", "panda_oe")
Prices = Callable[..., Price]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many steps of Adam were taken."""
    taken, step = [0], Adam.step

    def counted(self: Adam, gradients: Any, learning_rate: float) -> None:
        taken[0] += 1
        step(self, gradients, learning_rate)

    monkeypatch.setattr(Adam, "step", counted)
    yield taken


@pytest.mark.parametrize("name", ["ci", "config", "paper"])
def test_a_sweep_trains_as_many_networks_as_its_grid_has(name: str, price: Prices) -> None:
    made = price(name)
    plan = made.plan.exposure
    for job in made.jobs:
        if plan and job.rule == "train_exposure":
            settings = plan.settings(plan.sweep_of(job))
            trials = grid(settings["sweep"], settings["filters"], plan.classes(job.dataset, job.part))
            assert made.cost(job.rule, job).networks == len(trials)


@pytest.mark.parametrize(("count", "size"), [(40, 8), (41, 8), (42, 8), (1, 8), (9, 8), (7, 8)])
def test_an_epoch_has_as_many_batches(count: int, size: int) -> None:
    generator = torch.Generator().manual_seed(0)
    assert batches(count, size) == len(list(epoch(count, CyclicSampler(3, generator), size, generator)))


def test_a_network_takes_as_many_steps(price: Prices, steps: list[int]) -> None:
    made = price("ci")
    job = next(job for job in made.jobs if job.rule == "train_exposure")
    cost, plan = made.cost(job.rule, job), made.plan.exposure
    assert plan
    schedule = Schedule(**plan.settings(plan.sweep_of(job))["schedule"])
    count = made.sizes.train(job.dataset)
    images = FeatureVectors(torch.rand(count + 20, 4, generator=torch.Generator().manual_seed(0)))
    rows = torch.arange(count + 20)
    recipe = Recipe(Architecture(NETWORKS["head"], 0.1), {"hsc": "exposure.losses.hsc"}, schedule, Seeds(0, "cats"))
    train(Trial("cat", 0, "hsc", {"radial": "norm2"}), Task(images, rows[:count], rows, images, rows[-5:], 4), recipe)
    assert steps == [cost.steps // cost.networks]


@pytest.mark.parametrize(("method", "rule"), [(projector, "projector"), (full_batch, "full_batch")])
def test_a_projector_takes_as_many_steps(method: Any, rule: str, price: Prices, steps: list[int]) -> None:
    made = price("ci")
    job = next(job for job in made.jobs if job.rule == f"vectors_{rule}" and job.dataset == "elpv")
    cost, plan = made.cost(job.rule, job), made.plan.vectors
    assert plan
    fit = next(fit for fit in plan.fits if fit.name == rule)
    settings = plan.settings(fit, job.dataset, job.backbone)
    trained = variants(**settings["variants"]["none"])
    features = torch.rand(made.sizes.train("elpv"), 6, generator=torch.Generator().manual_seed(0))
    other = torch.rand(4, 6, generator=torch.Generator().manual_seed(1))
    labels = torch.tensor([0, 0, 1, 1], dtype=torch.int8).numpy()
    one = VectorClass("mono", features, other, labels.astype(str), labels)
    method.on_vectors(
        [one],
        Fitting(Seeds(0, "elpv"), Training(**settings["training"]), {"none": trained}, 1, 512, Result("A", keeper(1))),
    )
    assert cost.networks == len(trained) * len(plan.classes("elpv", "0"))
    assert cost.steps == cost.networks * steps[0]  # which all of them take together


class Blind:
    """Neighbours without pictures."""

    def nearest_to(self, parents: list[int]) -> list[int]:
        return random.sample(range(100_000), 50)


@pytest.mark.parametrize("directions", [["best", "worst", "random"], ["best"], ["random"]])
def test_a_search_trains_about_as_many_networks(directions: list[str], price: Prices) -> None:
    whole = price("paper").plan.search
    assert whole
    asked = whole.section.model_dump(exclude_unset=True) | {"directions": directions}
    made = price("paper", exposure={"search": asked})
    assert made.plan.search
    parameters = Parameters(**made.plan.search.section.parameters())
    order, fitness = list(range(100_000)), random.Random(1)
    blind: Any = Blind()  # in place of Neighbours, which hold pictures
    known: dict[int, float] = {}
    for number, direction in enumerate(directions):
        search: Any = RandomSearch(parameters, order)
        if direction != "random":
            seed = partial(int.__add__, 1000 * number)  # of each direction and generation its own
            search = Evolution(direction, parameters, blind, order, seed)
        before: list[tuple[int, float]] = []
        for generation in range(search.generations):
            rows = search.propose(generation, before)
            for row in rows:
                known.setdefault(row, fitness.random())
            before = [(row, known[row]) for row in rows]
    job = next(job for job in made.jobs if job.rule == "search")
    expected = made.cost("search", job).networks / made.plan.search.section.repetitions
    assert expected == pytest.approx(len(known), rel=0.05)


@pytest.mark.parametrize("pools", [{"elpv": "crops"}, {}])
def test_fine_tuning_trains_as_many_networks(pools: dict[str, str], price: Prices) -> None:
    transform = price("ci").plan.config.datasets["elpv"].transform.model_dump()
    crops = {"crops": {"source": "photo_crops", "transform": transform}}
    made = price("ci", transfer={"pools": pools}, oe_pools=crops)
    section, nothing = made.plan.config.transfer, torch.zeros(0)
    assert section
    methods: Any = SimpleNamespace(pool="some" if pools else None, **dict.fromkeys(METHODS, id))
    one, workers = transfer.Task("mono", nothing, nothing), ThreadPoolExecutor(1)
    rows = len(transfer._jobs(methods, one, section.repetitions, workers))
    trained = rows - 2  # neither DN2 nor its cosine is trained
    job = Job("train_transfer", {"dataset": "elpv", "backbone": "efficientnet_lite0"})
    classes = len(made.plan.config.normal_classes("elpv"))
    assert made.cost("train_transfer", job).networks == trained * classes
    evaluated = made.cost("transfer_evaluate", Job("transfer_evaluate", job.wildcards)).work["score"]
    assert evaluated == rows * classes * made.sizes.test("elpv")


def test_half_of_the_classes_are_half_of_the_networks(price: Prices) -> None:
    whole, half = (price("paper", objective={"classes_per_job": count}) for count in (10, 5))
    job = Job("", {"dataset": "cifar10", "backbone": "resnet152", "part": "0"})
    assert whole.cost("vectors_projector", job).networks == 2 * half.cost("vectors_projector", job).networks


@pytest.mark.parametrize("fit", ["comparators", "cfa", "projector"])
def test_a_map_is_measured_for_each_method_or_projector(fit: str, price: Prices) -> None:
    """Maps are of the crop: those of 224 pixels a side count as one each."""
    made = price("paper")
    job = Job(
        "maps_evaluate", {"folder": "localisation", "dataset": "mvtec_ad", "backbone": "wide_resnet50_2", "fit": fit}
    )
    part = made.plan.maps
    assert part and made.plan.config.datasets["mvtec_ad"].transform.crop == 224
    settings = part.settings(part.fit(fit), "mvtec_ad", "wide_resnet50_2")
    trained = sum(len(variants(**grid)) for grid in settings["variants"].values())
    methods = {
        "comparators": len(part.section.comparators) - len(part.trained_comparators),
        "cfa": 1,
        "projector": trained,
    }
    images = len(made.plan.config.normal_classes("mvtec_ad")) * made.sizes.test("mvtec_ad")
    assert made.cost(job.rule, job).work["map measured"] == pytest.approx(methods[fit] * images)


def test_without_outliers_half_as_many_images_are_trained_on_and_as_many_scored(price: Prices) -> None:
    def work(**benchmark: Any) -> dict[str, float]:
        whole = price("paper").plan.config.exposure
        assert whole and whole.benchmark
        asked = whole.benchmark.model_dump(exclude_unset=True) | benchmark
        made = price("paper", exposure={"benchmark": asked})
        where = {"sweep": "benchmark", "dataset": "cifar10", "pool": "random_images", "network": "lenet", "part": "0"}
        return dict(made.cost("train_exposure", Job("train_exposure", where)).work)

    exposed, alone, mixed = work(methods=["hsc"]), work(methods=["dsvdd"]), work(methods=["hsc"], outlier_counts=[0])
    assert alone["lenet scored"] == mixed["lenet scored"] == exposed["lenet scored"]
    assert 2 * alone["lenet pair"] == 2 * mixed["lenet pair"] == exposed["lenet pair"]

"""What rules ask for is more than jobs took, on small data and scaled up."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from oneclass.price import exposure, images
from oneclass.price.makers import Job
from oneclass.price.model import Price

HERE = Path(__file__).parent
ROWS = {"outlier drawn": images.CHOSEN, "image listed": images.ROW, "score": exposure.SCORE_ROW}  # bytes of one
GB = 1000


def read(name: str) -> list[dict[str, str]]:
    lines = (HERE / name).read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def asked(price: Price, rule: str, **wildcards: str) -> dict[str, int]:
    return {name: of(Job(rule, wildcards)) for name, of in price.resources(rule).items()}


def test_every_job_asks_for_more_than_it_took_in_the_default_run(price: Callable[..., Price]) -> None:
    made = price("config")
    took = {row["log"]: row for row in read("default_run.csv")}
    measured = [job for job in made.jobs if job.log in took]
    assert len(measured) == len(took) == 73
    for job in measured:
        resources = {name: of(job) for name, of in made.resources(job.rule).items()}
        assert resources["mem_mb"] > 1.2 * float(took[job.log]["memory_mb"]), job
        assert resources["runtime"] > 2 * float(took[job.log]["seconds"]) / 60, job


def by_priority(price: Price) -> list[Job]:
    return sorted(price.jobs, key=lambda job: -price.priority(job.rule)(job))


def test_a_table_and_a_figure_that_take_little_come_before_all_else(price: Callable[..., Price]) -> None:
    made = price("config")
    first = by_priority(made)[: len({job.key for job in made._first})]
    assert {job.key for job in first} == {job.key for job in made._first}
    assert {job.rule for job in first if job.rule.startswith(("exposure_", "objective_"))} >= {
        *("exposure_table13", "exposure_fig21")
    }
    took = {row["log"]: float(row["seconds"]) for row in read("default_run.csv")}
    assert sum(took.get(job.log, 5) for job in first) < 120


def test_the_first_jobs_are_known_by_the_wildcards_that_snakemake_has(price: Callable[..., Price]) -> None:
    made = price("transistor")
    job = next(job for job in made._first if "folder" in job.wildcards and made._trains(job.rule))
    known = {name: value for name, value in job.items() if name not in ("folder", "fit")}
    assert made.priority(job.rule)(Job(job.rule, known)) > 1e9


def test_what_others_wait_for_starts_first_and_then_the_longest_training(price: Callable[..., Price]) -> None:
    made = price("config")
    waiting = by_priority(made)
    rules = [job.rule for job in waiting]
    trainings = rules[rules.index("train_transfer") :]
    assert not {"index", "features", "train_clip", "vectors_evaluate", "objective_table1"} & set(trainings)
    assert {"vectors_projector", "train_exposure", "search"} <= set(trainings)
    took = {row["log"]: float(row["seconds"]) for row in read("default_run.csv")}
    half = [took[job.log] for job in waiting[-len(trainings) :] if job.log in took]
    assert sum(half[: len(half) // 2]) > 2 * sum(half[len(half) // 2 :])


@pytest.mark.parametrize("row", read("by_hand.csv"), ids=lambda row: row["what"])
def test_what_grows_with_the_data_grows_as_it_was_measured(row: dict[str, str]) -> None:
    assert ROWS[row["what"]] * int(row["amount"]) / 1e6 > 1.2 * float(row["memory_mb"])


def test_large_images_and_their_pool_fit(price: Callable[..., Price]) -> None:
    """42,000 images of ImageNet-30 and 50,000 outliers are 18 GB as pixels of 256 x 256."""
    where = {"dataset": "imagenet30", "pool": "imagenet22k", "network": "cbam_resnet18"}
    made = price("paper", oe_pools={"imagenet22k": {"source": "imagenet22k", "limit": 50_000}})
    assert asked(made, "train_exposure", sweep="benchmark", part="0", **where)["mem_mb"] > 20 * GB
    assert asked(made, "search", filter="none", class_name="acorn", method="hsc", **where)["mem_mb"] > 20 * GB


def test_scores_of_many_networks_fit(price: Callable[..., Price]) -> None:
    """36 million scores of the counts on CIFAR10, 239 bytes each where they are joined."""
    where = {"sweep": "counts", "dataset": "cifar10", "pool": "random_images", "network": "lenet"}
    assert asked(price("paper"), "exposure_evaluate", **where)["mem_mb"] > 34e6 * 239 / 1e6


def test_a_whole_pool_of_14_million_images_can_be_listed(price: Callable[..., Price]) -> None:
    made = price("paper", oe_pools={"imagenet22k": {"source": "imagenet22k"}})
    assert asked(made, "index", images="imagenet22k")["mem_mb"] > 11 * GB


def test_a_job_of_some_days_may_take_them(price: Callable[..., Price]) -> None:
    made = price("paper")
    assert asked(made, "train_transfer", dataset="imagenet30", backbone="resnet152")["runtime"] > 4 * 1440
    assert all(30 <= made.resources(job.rule)["runtime"](job) <= 7 * 1440 for job in made.jobs)


def test_more_classes_ask_for_more(price: Callable[..., Price]) -> None:
    few, many = (price("paper", exposure={"classes_per_job": count}) for count in (1, 10))
    where = {"sweep": "counts", "dataset": "cifar10", "pool": "random_images", "network": "lenet", "part": "0"}
    for name, amount in asked(few, "train_exposure", **where).items():
        assert amount < asked(many, "train_exposure", **where)[name]

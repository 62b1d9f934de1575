"""The jobs that are priced are those that Snakemake runs."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from oneclass.price import jobs
from oneclass.price.model import Price

ROOT = Path(__file__).parents[3]
PLANS = yaml.safe_load((ROOT / "tests/dag/plans.yaml").read_text())
SHIPPED = ["config", *sorted(path.stem for path in (ROOT / "configs").glob("*.yaml"))]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_jobs_are_those_of_the_dry_run(name: str, price: Callable[..., Price]) -> None:
    found = Counter(job.rule for job in price(name).jobs)
    assert dict(found) == {rule: count for rule, count in PLANS[name]["jobs"].items() if rule != "detector"}


@pytest.mark.parametrize("name", SHIPPED)
def test_those_with_a_gpu_are_those_that_ask_for_one(name: str, price: Callable[..., Price]) -> None:
    made = price(name)
    assert sorted({job.rule for job in made.jobs if made.gpu(job.rule)}) == PLANS[name]["gpu"].split()


def test_a_file_that_no_rule_makes_is_an_error() -> None:
    with pytest.raises(ValueError, match="no rule is known to make results/elsewhere/one"):
        jobs._made("results/elsewhere/one", {})


def test_every_job_has_a_log_of_its_own(price: Callable[..., Price]) -> None:
    logs = [job.log for job in price("paper").jobs]
    assert len(set(logs)) == len(logs)


def test_each_page_has_its_own_job_and_those_before_it(price: Callable[..., Price]) -> None:
    made = price("ci")
    behind = jobs.behind(made.plan)
    assert behind["objective_figS1"][0] == "figures/objective_figS1"
    assert {"drawn/textures_drawn", "index/elpv", "index/textures"} <= set(behind["objective_figS1"][1:])
    assert not [log for log in behind["objective_figS1"] if log.startswith(("features", "objective"))]
    assert {log for each in behind.values() for log in each} <= {job.log for job in made.jobs}
    assert all(len(set(each)) == len(each) for each in behind.values())

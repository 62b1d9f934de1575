"""Which jobs a run is made of: dry runs of every shipped configuration, whole and in part.

``plans.yaml`` holds what each consists of. `make plans` writes it anew; its diff belongs in the review of a change.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

SNAPSHOT = Path(__file__).with_name("plans.yaml")
PLANS = list(yaml.safe_load(SNAPSHOT.read_text()))


@pytest.mark.parametrize("name", PLANS)
def test_the_jobs_of_a_run(dry_runs: Any, name: str) -> None:
    plan = dry_runs(name)
    assert plan.code == 0, plan.output
    assert plan.snapshot == yaml.safe_load(SNAPSHOT.read_text())[name]


def test_every_shipped_configuration_is_among_them(project: Path) -> None:
    assert {path.stem for path in [*project.glob("config.yaml"), *(project / "configs").glob("*.yaml")]} <= set(PLANS)


def test_the_papers_run_is_less_than_a_thousand_jobs(dry_runs: Any) -> None:
    assert len(dry_runs("paper").jobs) < 1000


@pytest.mark.parametrize("name", ["config", "paper"])
def test_the_default_run_and_the_papers_make_every_page(dry_runs: Any, name: str) -> None:
    from oneclass.pages.catalogue import PAGES

    assert {page.name for page in PAGES} - set(dry_runs(name).counts) == set()


def test_where_a_gpu_is_asked_for_it_is_one(dry_runs: Any) -> None:
    assert set(dry_runs("paper").gpus.values()) == {"1"}


def test_without_a_gpu_no_job_asks_for_one(dry_runs: Any) -> None:
    assert set(dry_runs("no gpu").gpus.values()) == {"0"}
    assert dry_runs("no gpu").gpus.keys() == dry_runs("ci").gpus.keys()


@pytest.mark.parametrize(("name", "threads"), [("features on eight cores", None), ("features on a cluster", "4")])
def test_where_there_is_no_gpu_a_job_has_one_core_but_on_a_cluster(
    name: str, threads: str | None, dry_runs: Any
) -> None:
    [fields] = [fields for rule, fields in dry_runs(name).jobs if rule == "features"]
    assert fields.get("threads") == threads
    assert "gpu=1" in fields["resources"]


def test_a_configuration_on_the_command_line_replaces_the_default(dry_runs: Any) -> None:
    features = [fields["output"] for rule, fields in dry_runs("paper").jobs if rule == "features"]
    assert not [path for path in features if "elpv" in path or "efficientnet" in path]
    assert len([path for path in features if "/resnet152/" in path]) == 6


def test_every_job_has_a_log_of_its_own(dry_runs: Any) -> None:
    logs = [fields["log"] for _, fields in dry_runs("paper").jobs]
    assert len(set(logs)) == len(logs)
    assert all(re.fullmatch(r"results/logs/.+\.log", log) for log in logs)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("unknown key", "objective.center_norm: unknown key; did you mean 'center_norms'?"),
        ("old key", "objective.norms: this key is called 'center_norms' since version 0.2.0; rename it"),
        ("unknown class", "datasets.elpv.classes: no class 'momo'; did you mean 'mono'?"),
        (
            "page that lacks a section",
            "exposure_table6 cannot be made: the configuration lacks exposure.radial, with a run of task one_vs_rest",
        ),
    ],
)
def test_a_mistake_is_a_few_lines(dry_runs: Any, name: str, line: str) -> None:
    plan = dry_runs(name)
    assert plan.code == 1
    assert line in plan.output
    assert "Traceback" not in plan.output
    assert len(plan.output.strip().splitlines()) <= 6

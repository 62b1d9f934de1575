"""The smallest configuration on a Slurm cluster of one node; `make test-cluster` runs this, and needs Slurm."""

import math
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.one_node import Cluster, Job, missing, one_node

KILLS = 10
HERE = (
    "--jobs",
    "3",
    "--max-threads",
    "1",
    "--slurm-init-seconds-before-status-checks",
    "3",
)  # the node is this machine


@dataclass
class Killed:
    """Runs in one folder until the last ends well; ``seen`` has every job by its number, as it was seen last."""

    folder: Path
    seen: dict[str, Job] = field(default_factory=dict)

    @property
    def kills(self) -> int:
        """How many of them were killed before they ended."""
        return sum(job.state == "CANCELLED" for job in self.seen.values())


@pytest.fixture(scope="module", autouse=True)
def slurm() -> None:
    if missing():
        pytest.fail(missing(), pytrace=False)


@pytest.fixture(scope="module")
def local(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A function that waits for a run without a cluster, and gives its folder."""
    folder = tmp_path_factory.mktemp("local")
    run = start(project, folder, "default", "--cores", "all")

    def finished() -> Path:
        assert run.wait() == 0, said(folder)
        return folder

    yield finished
    run.terminate()


@pytest.fixture(scope="module")
def killed(local: Any, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """Runs on a cluster with GPUs. Jobs are killed at random moments, ten in all, and what is left is run again."""
    result = Killed(tmp_path_factory.mktemp("killed"))
    partitions = ("--slurm-partition-config", str(project / "profiles/slurm/partitions.yaml"))
    chance = random.Random(1024)
    with one_node(gpus=2) as cluster:
        while True:
            before = result.kills
            run = start(project, result.folder, "slurm", *HERE, *partitions, cluster=cluster)
            kill_some(cluster, run, result, chance)
            if run.wait() == 0:
                return result
            assert result.kills > before, said(result.folder)


def start(
    project: Path, folder: Path, profile: str, *arguments: str, cluster: Cluster | None = None
) -> "subprocess.Popen[bytes]":
    """Start a run of the smallest configuration; what it prints is added to run.log in its folder."""
    command = [sys.executable, "-m", "snakemake", *arguments, "--directory", str(folder)]
    command += [
        "--configfile",
        str(project / "configs/ci.yaml"),
        "--workflow-profile",
        str(project / "profiles" / profile),
    ]
    with (folder / "run.log").open("ab") as log:
        return subprocess.Popen(command, cwd=project, env=cluster and cluster.environment, stdout=log, stderr=log)


def said(folder: Path) -> str:
    return (folder / "run.log").read_text(errors="replace")[-5000:]


def kill_some(cluster: Cluster, run: "subprocess.Popen[bytes]", result: Killed, chance: random.Random) -> None:
    """Until the run ends, kill one in three of its jobs, some seconds after they begin; ten in all."""
    ends: dict[str, float] = {}
    over = False
    while not over:
        over = run.poll() is not None
        jobs = cluster.jobs()
        result.seen |= {job.number: job for job in jobs}
        for job in jobs:
            if job.state == "RUNNING":
                doomed = chance.random() < 1 / 3
                end = ends.setdefault(job.number, time.monotonic() + chance.uniform(0, 30) if doomed else math.inf)
                if end < time.monotonic() and result.kills < KILLS:
                    cluster.run("scancel", job.number)
        time.sleep(1)


def results(folder: Path) -> dict[str, bytes]:
    """The tables, and the numbers behind the figures."""
    files = [*folder.glob("results/tables/*"), *folder.glob("results/figures/*.csv")]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_after_ten_kills_the_tables_are_byte_for_byte_those_of_a_local_run(killed: Killed, local: Any) -> None:
    assert killed.kills >= KILLS
    found, expected = results(killed.folder), results(local())
    assert set(found) == set(expected)
    assert [name for name in expected if found[name] != expected[name]] == []


def test_what_asks_for_a_gpu_and_nothing_else_goes_where_gpus_are(killed: Killed, project: Path) -> None:
    plans = yaml.safe_load((project / "tests/dag/plans.yaml").read_text())
    asked = {job.rule for job in killed.seen.values() if "gpu" in job.resources}
    assert asked == set(plans["ci"]["gpu"].split())
    assert {(job.partition, "gpu" in job.resources) for job in killed.seen.values()} == {("gpu", True), ("cpu", False)}


def test_tables_and_figures_are_made_without_the_cluster(killed: Killed) -> None:
    assert not [job.rule for job in killed.seen.values() if job.rule.startswith(("objective_", "exposure_table"))]


def test_a_cluster_without_gpus_does_what_uses_one_elsewhere(project: Path, tmp_path: Path) -> None:
    target = "results/features/elpv/efficientnet_lite0/none.h5"
    with one_node(gpus=0) as cluster:
        run = start(project, tmp_path, "slurm-cpu", target, *HERE, cluster=cluster)
        assert run.wait() == 0, said(tmp_path)
        jobs = cluster.jobs()
    assert {(job.rule, job.state, job.resources) for job in jobs} == {
        ("index", "COMPLETED", "N/A"),
        ("features", "COMPLETED", "N/A"),
    }
    assert (tmp_path / target).is_file()

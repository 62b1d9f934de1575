"""The smallest configuration on a Slurm cluster of one node; `make test-cluster` runs this, and needs Slurm."""

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

KILLS, KILLS_PER_RUN = 10, 2
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
    """Runs of which each but the last lost some jobs; ``seen`` has every job by its number."""

    folder: Path
    seen: dict[str, Job] = field(default_factory=dict)
    killed: list[Job] = field(default_factory=list)


@pytest.fixture(scope="module", autouse=True)
def slurm() -> None:
    if missing():
        pytest.fail(missing(), pytrace=False)


@pytest.fixture(scope="module")
def local(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A function that waits for a run without a cluster, and gives its folder."""
    folder = tmp_path_factory.mktemp("local")
    run = start(project, folder, "cpu")

    def finished() -> Path:
        assert run.wait() == 0, said(folder)
        return folder

    yield finished
    run.terminate()


@pytest.fixture(scope="module")
def killed(local: Any, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """Runs on a cluster with GPUs: ten jobs of ten rules are killed, two in each run, before the last run ends well."""
    result = Killed(tmp_path_factory.mktemp("killed"))
    partitions = ("--slurm-partition-config", str(project / "profiles/slurm/partitions.yaml"))
    chance = random.Random(1024)
    with one_node(gpus=2) as cluster:
        while len(result.killed) < KILLS:
            run = start(project, result.folder, "slurm", *HERE, *partitions, cluster=cluster)
            kill_some(cluster, run, result, chance)
            assert run.wait() == 1, said(result.folder)  # without a kill there is no job left to be killed
        run = start(project, result.folder, "slurm", *HERE, *partitions, cluster=cluster)
        while run.poll() is None:
            look(cluster, result)
        assert run.wait() == 0, said(result.folder)
    return result


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


def look(cluster: Cluster, result: Killed) -> list[Job]:
    """The jobs that run, a moment later."""
    time.sleep(1)
    jobs = cluster.jobs()
    result.seen |= {job.number: job for job in jobs}
    return [job for job in jobs if job.state == "RUNNING"]


def kill_some(cluster: Cluster, run: "subprocess.Popen[bytes]", result: Killed, chance: random.Random) -> None:
    """Kill jobs, each of another rule, after they have run for some seconds; until the run ends."""
    wanted = len(result.killed) + KILLS_PER_RUN
    patience: dict[str, float] = {}
    while run.poll() is None:
        for job in look(cluster, result):
            end = patience.setdefault(job.number, time.monotonic() + chance.uniform(0, 40))
            spared = len(result.killed) == wanted or job.rule in {other.rule for other in result.killed}
            if not spared and time.monotonic() > end:
                cluster.run("scancel", job.number)
                result.killed.append(job)


def results(folder: Path) -> dict[str, bytes]:
    """The tables, and the numbers behind the figures."""
    files = [*folder.glob("results/tables/*"), *folder.glob("results/figures/*.csv")]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_after_ten_kills_the_tables_are_byte_for_byte_those_of_a_local_run(killed: Killed, local: Any) -> None:
    assert len({job.rule for job in killed.killed}) == KILLS
    ended = {job.number: job.state for job in killed.seen.values()}
    assert {ended[job.number] for job in killed.killed} == {"CANCELLED"}
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

"""How a run goes on: again, after a file is gone, after a kill; and its report."""

import os
import shutil
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from oneclass.pages.catalogue import PAGES


def test_a_second_run_has_nothing_to_do(workflow: Any) -> None:
    assert "Nothing to be done" in workflow.run()


def test_a_missing_table_and_the_site_alone_are_made_again_and_are_the_same(workflow: Any, finished: Path) -> None:
    table, site = "results/tables/objective_tableS5.csv", "results/index.html"
    (workflow.folder / table).unlink()
    assert workflow.rules() == ["objective_tableS5", "site"]
    for file in (table, site):
        assert (workflow.folder / file).read_bytes() == (finished / file).read_bytes()


def test_the_report_builds_without_a_network(
    workflow: Any, finished: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody answers there
    workflow.run("--report", str(tmp_path / "report.zip"))
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        text = "".join(archive.read(name).decode(errors="ignore") for name in archive.namelist())
        names = " ".join(archive.namelist())
    made = [page for page in PAGES if (finished / f"results/{page.kind}/{page.name}.csv").is_file()]
    assert len(made) >= 40
    for page in made:
        assert f"{page.name}." in names
        assert page.heading in text
        assert " ".join(page.caption.split()[:3]).strip("*") in " ".join(text.split()), page.name


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_run_goes_on_after_a_kill_and_refuses_a_second_run(
    finished: Path, kill_test: ModuleType, configuration: Path, snakemake: Callable[..., Any], tmp_path: Path
) -> None:
    folder = kill_test.workspace(tmp_path / "killed")
    for name in ("results", ".snakemake"):  # begin after the features, with the table that takes the fewest jobs
        shutil.copytree(finished / name, folder / name)
    for stage in ("models", "scores", "history", "metrics", "tables", "figures", "logs"):
        shutil.rmtree(folder / "results" / stage)
    request = f"objective_tableS3 --configfile {configuration}"
    locks, training = folder / ".snakemake" / "locks", "results/logs/objective/elpv/*/none/algorithm1/0.log"

    first = kill_test.start(folder, request)
    wait_until(lambda: any(folder.glob(training)) or first.poll() is not None)
    os.killpg(first.pid, signal.SIGSTOP)  # so that it does not come to its end meanwhile
    second = kill_test.start(folder, request)
    assert second.wait() != 0
    assert "A run is in progress in this folder: wait for its end." in (folder / "run.log").read_text()
    beside = snakemake(folder, *request.split(), "--cores", "1")
    assert beside.returncode != 0 and "Directory cannot be locked" in beside.stdout + beside.stderr
    assert first.poll() is None
    kill_test.kill(first)
    assert any(locks.glob("*"))
    assert not any(folder.glob("results/tables/*"))

    kill_test.finish(folder, request)
    assert not any(locks.glob("*"))
    made, expected = kill_test.results(folder), kill_test.results(finished)
    assert set(made) == {f"results/tables/objective_tableS3.{kind}" for kind in ("csv", "md", "html")}
    assert not kill_test.differences({name: expected[name] for name in made}, made)


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize(
    "output",
    [
        "results/scores/exposure/counts/digits/photos/lenet/0.parquet",
        "results/scores/clip/digits/mini_clip/fine_tuned/0.parquet",
        "results/scores/transfer/elpv/efficientnet_lite0.parquet",
    ],
)
def test_a_job_that_is_killed_between_networks_goes_on_and_ends_with_the_same_bytes(
    output: str, finished: Path, kill_test: ModuleType, configuration: Path, tmp_path: Path
) -> None:
    folder = kill_test.workspace(tmp_path / "killed")
    for name in ("results", ".snakemake"):
        shutil.copytree(finished / name, folder / name)
    request = f"{output} --configfile {configuration}"

    def killed() -> int:
        (folder / output).unlink(missing_ok=True)
        networks: int = kill_test.kill_in_job(folder, request, output, 1)
        return networks

    networks = next(filter(None, (killed() for _ in range(10))))  # a job may be through before it is killed
    kill_test.finish(folder, request)
    assert f"goes on where it was stopped: {networks} finished before" in kill_test.log_of(folder, output)
    assert (folder / output).read_bytes() == (finished / output).read_bytes()
    assert kill_test.kept(folder, output) == 0


def wait_until(condition: Callable[[], Any]) -> None:
    while not condition():
        time.sleep(0.05)

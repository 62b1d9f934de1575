"""How a run goes on: again, after a file is gone, after an edit, after a kill; and its report."""

import re
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Again = Callable[..., str]


def rules(output: str) -> list[str]:
    """The rules of the jobs that Snakemake ran or would run."""
    return sorted(rule for rule in re.findall(r"^(?:local)?rule (\w+):$", output, re.MULTILINE) if rule != "all")


@pytest.fixture(scope="module")
def kill_test(project: Path) -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(project)
        from benchmarks import kill_test

        yield kill_test


def test_a_second_run_has_nothing_to_do(again: Again) -> None:
    assert "Nothing to be done" in again()


def test_a_missing_table_alone_is_made_again_and_is_the_same(again: Again, finished: Path) -> None:
    table = finished / "results/tables/objective_tableS5.csv"
    before = table.read_bytes()
    table.unlink()
    assert rules(again()) == ["objective_tableS5"]
    assert table.read_bytes() == before


def test_a_changed_formula_runs_again_what_depends_on_it_and_nothing_else(
    again: Again, finished: Path, kill_test: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = kill_test.workspace(tmp_path / "edited")
    (workflow / "src").unlink()
    shutil.copytree(Path(__file__).parents[2] / "src", workflow / "src")
    with (workflow / "src/oneclass/objective/closed_form.py").open("a") as module:
        module.write("\nEXTRA = 1\n")
    monkeypatch.setenv("PYTHONPATH", str(workflow / "src"))
    planned = rules(again("--dry-run", workflow=workflow))
    solved = ["closed_form", "evaluate"]
    on_maps = ["localisation_closed_form", "localisation_online"] + ["localisation_evaluate"] * 2
    tables = ["table1", "table2", "table3", "table4", "tableS4", "tableS5", "tableS6"]
    shown = [f"objective_{name}" for name in ("closed_form", "fig3", "online", *tables)]
    assert planned == sorted(solved + on_maps + shown)


def test_the_report_builds_without_a_network(
    again: Again, finished: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody answers there
    again("--report", str(tmp_path / "report.zip"))
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        text = "".join(archive.read(name).decode(errors="ignore") for name in archive.namelist())
        names = " ".join(archive.namelist())
    for caption in (project / "report").glob("objective_*.rst"):
        assert f"{caption.stem}." in names
        opening = " ".join(caption.read_text().split()[:5])
        assert opening in " ".join(text.split()), caption.name


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_run_goes_on_after_a_kill_and_refuses_a_second_run(
    finished: Path, kill_test: ModuleType, configuration: Path, tmp_path: Path
) -> None:
    folder = kill_test.workspace(tmp_path / "killed")
    for name in ("results", ".snakemake"):  # begin after the features, with the table that takes the fewest jobs
        shutil.copytree(finished / name, folder / name)
    for stage in ("models", "scores", "history", "metrics", "tables", "figures", "logs"):
        shutil.rmtree(folder / "results" / stage)
    request = f"objective_tableS3 --configfile {configuration} --workflow-profile profiles/cpu"
    locks, training = folder / ".snakemake" / "locks", "results/logs/objective/elpv/*/none/projectors/0.log"

    first = kill_test.start(folder, request)
    wait_until(lambda: any(folder.glob(training)) or first.poll() is not None)
    second = kill_test.start(folder, request)
    assert second.wait() != 0
    assert "A run is in progress in this folder: wait for its end." in (folder / "run.log").read_text()
    assert first.poll() is None
    kill_test.kill(first)
    assert any(locks.glob("*"))
    assert not any(folder.glob("results/tables/*"))

    kill_test.finish(folder, request)
    assert not any(locks.glob("*"))
    made, expected = kill_test.results(folder), kill_test.results(finished)
    assert set(made) == {f"results/tables/objective_tableS3.{kind}" for kind in ("csv", "md", "html")}
    assert not kill_test.differences({name: expected[name] for name in made}, made)


def wait_until(condition: Callable[[], Any]) -> None:
    while not condition():
        time.sleep(0.05)

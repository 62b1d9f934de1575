"""What `benchmarks.kills` compares with, aims at and counts."""

import base64
import importlib
import json
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    monkeypatch.syspath_prepend(PROJECT)
    return {name: importlib.import_module(f"benchmarks.{name}") for name in ("kills", "reference", "inotify")}


def run(folder: Path) -> Path:
    """A finished run: two jobs of ``train``, one of ``table``, made from the first."""
    (folder / ".snakemake/metadata").mkdir(parents=True)
    for rule, inputs, outputs, seconds in (
        ("train", [], ["results/a.csv", "results/a.json"], 30),
        ("train", [], ["results/b.csv"], 20),
        ("table", ["results/a.csv"], ["results/tables/t.csv"], 5),
    ):
        for output in outputs:
            (folder / output).parent.mkdir(parents=True, exist_ok=True)
            (folder / output).write_text(output)
            note = {"rule": rule, "input": inputs, "log": outputs[:1], "starttime": 100, "endtime": 100 + seconds}
            name = base64.b64encode(output.encode()).decode()
            (folder / ".snakemake/metadata" / name).write_text(json.dumps(note))
    return folder


def test_the_jobs_of_a_run_and_what_is_behind_a_file(modules: dict[str, ModuleType], tmp_path: Path) -> None:
    reference = modules["reference"].Reference(run(tmp_path))
    assert [(job.rule, job.seconds) for job in reference.jobs] == [("table", 5), ("train", 30), ("train", 20)]
    assert [job.seconds for job in reference.behind(["results/tables/t.csv"])] == [5, 30]
    assert reference.behind([]) == reference.jobs
    assert [job.seconds for job in reference.shortest_of_the_slowest(1)] == [20]
    (tmp_path / "results/a.json").unlink()
    assert modules["reference"].work(reference.jobs, tmp_path) == 25


def test_files_that_differ_or_are_only_here_are_named(modules: dict[str, ModuleType], tmp_path: Path) -> None:
    reference, other = modules["reference"].Reference(run(tmp_path / "alone")), run(tmp_path / "killed")
    (other / "results/logs").mkdir()
    (other / "results/logs/a.log").write_text("another time")
    (other / "results/.partial-a.csv").write_text("half")
    (other / "results/a.json").unlink()  # to come
    assert reference.differences(other) == []
    (other / "results/b.csv").write_text("results/b.cs")
    (other / "results/c.csv").touch()
    assert reference.differences(other) == ["results/b.csv", "results/c.csv"]
    assert reference.differences(other, since=(other / "results/b.csv").stat().st_mtime + 60) == []
    assert modules["kills"].left_behind(other) == ["results/.partial-a.csv"]


def test_every_job_that_is_aimed_at_has_its_kills_and_the_kinds_take_turns(
    modules: dict[str, ModuleType], tmp_path: Path
) -> None:
    kills, jobs = modules["kills"], modules["reference"].Reference(run(tmp_path)).jobs
    schedule = kills.schedule(jobs, jobs[:2], 14, 2, 1)
    assert schedule == kills.schedule(jobs, jobs[:2], 14, 2, 1) != kills.schedule(jobs, jobs[:2], 14, 2, 2)
    assert [kill.aim.rule for kill in schedule if kill.aim] == ["table", "train"] * 2
    random = [kill for kill in schedule if not kill.aim]
    assert [kill.kind for kill in random] == [*kills.KINDS, *kills.KINDS]
    assert [kill.work for kill in random] == sorted(kill.work for kill in random) and random[-1].work <= 55


def test_a_watch_tells_what_appears(modules: dict[str, ModuleType], tmp_path: Path) -> None:
    with modules["inotify"].Watch() as watch:
        watch.add(tmp_path)
        assert watch.wait(0) == set()
        (tmp_path / "ä.csv").touch()
        (tmp_path / "folder").mkdir()
        assert watch.wait(60) == {tmp_path / "ä.csv", tmp_path / "folder"}

"""Finished jobs of this machine correct the times of their kind."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from oneclass.devices import lease
from oneclass.price.makers import Job
from oneclass.price.measured import Measured
from oneclass.price.speeds import Range
from oneclass.training.finished import resumable

JOBS = [(Job("search", {}, f"search/{k}"), "search lenet", True) for k in range(3)]


def modelled(job: Job, device: str) -> Range:
    return Range(8, 12) if device == "gpu" else Range(100, 100)


@pytest.fixture
def finished(tmp_path: Path) -> Callable[..., Path]:
    """A folder of results in which jobs have taken some seconds, by number, on what their logs say."""

    def make(log: str, **seconds: str) -> Path:
        for folder in ("logs", "benchmarks"):
            (tmp_path / folder / "search").mkdir(parents=True, exist_ok=True)
        for number, took in seconds.items():
            (tmp_path / f"logs/search/{number[1:]}.log").write_text(log)
            (tmp_path / f"benchmarks/search/{number[1:]}.tsv").write_text(f"s\th:m:s\tmax_rss\n{took}\t0:00:01\t1\n")
        return tmp_path

    return make


def test_times_are_in_proportion_to_what_was_measured(finished: Callable[..., Path]) -> None:
    measured = Measured(JOBS, modelled, finished("no GPU found: this job", _0="150", _1="250"))
    assert measured.jobs == 2
    assert measured.corrected("search lenet", "cpu", Range(10, 10)) == Range(20, 20)
    assert measured.corrected("search lenet", "gpu", Range(1, 2)) == Range(1, 2)
    assert measured.corrected("features", "cpu", Range(10, 10)) == Range(10, 10)


def test_what_ran_on_a_gpu_corrects_the_gpus_times(finished: Callable[..., Path]) -> None:
    measured = Measured(JOBS, modelled, finished("leased cuda:0", _2="5"))
    assert measured.factors == {("search lenet", "gpu"): 0.5}
    assert measured.corrected("search lenet", "gpu", Range(10, 30)) == Range(10, 10)


@pytest.mark.parametrize("visible", [None, "3", "1,2"])
def test_a_log_says_on_which_device_a_job_ran_however_it_came_by_it(
    visible: str | None,
    finished: Callable[..., Path],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Slurm names one GPU for each job."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    with caplog.at_level("INFO"), lease(1, lambda: 2 if visible == "1,2" else 1):
        pass
    assert Measured(JOBS, modelled, finished(caplog.text, _0="5")).factors == {("search lenet", "gpu"): 0.5}


@pytest.mark.parametrize(("log", "took"), [("nothing", "5"), ("leased cuda:0", "-"), ("leased cuda:0", "")])
def test_what_cannot_be_read_counts_for_nothing(log: str, took: str, finished: Callable[..., Path]) -> None:
    assert Measured(JOBS, modelled, finished(log, _0=took)).jobs == 0


def test_a_job_that_went_on_where_it_was_stopped_counts_for_nothing(
    finished: Callable[..., Path], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Its benchmark file is of the last attempt alone; jobs without a GPU go on, too."""

    def attempt() -> str:
        caplog.clear()
        with suppress(KeyboardInterrupt), caplog.at_level("INFO"), resumable(tmp_path / "x", [], {}, "cpu") as kept:
            kept.get("one", lambda: np.zeros(1))
            raise KeyboardInterrupt
        return f"no GPU found: this job\n{caplog.text}"

    whole, resumed = attempt(), attempt()
    for jobs in (JOBS, [(job, kind, False) for job, kind, _ in JOBS]):
        assert Measured(jobs, modelled, finished(whole, _0="5")).jobs == 1
        assert Measured(jobs, modelled, finished(resumed, _0="5")).jobs == 0


def test_nothing_finished_corrects_nothing(tmp_path: Path) -> None:
    assert Measured(JOBS, modelled, tmp_path).factors == {}

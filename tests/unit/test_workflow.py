"""What is left of a run that was killed: its lock, in the folder that Snakemake is told to work in, and its jobs."""

import fcntl
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from snakemake.cli import get_argument_parser
from snakemake.scheduling.job_scheduler import JobRateLimiter
from snakemake.settings.types import MaxJobsPerTimespan

from oneclass.workflow import lift_default_rate, prefix_of_jobs, remark


def unlock(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "oneclass.workflow", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_stale_lock_and_scripts_go_from_the_folder_that_the_run_works_in(tmp_path: Path) -> None:
    lock = tmp_path / "run/.snakemake/locks/0.input.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    script = tmp_path / "run/.snakemake/scripts/tmp1.fit.py"
    script.parent.mkdir()
    script.touch()
    assert unlock(tmp_path, "-n", "--cores", "1").returncode == 0
    assert lock.exists() and script.exists()
    assert unlock(tmp_path, "detector", "--configfile", "own.yaml", "--directory", "run").returncode == 0
    assert not lock.exists() and not script.exists()


def test_a_run_that_goes_on_keeps_its_lock(tmp_path: Path) -> None:
    lock = tmp_path / "run/.snakemake/locks/0.input.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    with (tmp_path / "run/.snakemake/running").open("a") as running:
        fcntl.flock(running, fcntl.LOCK_SH)
        done = unlock(tmp_path, "-d", "run")
    assert done.returncode == 1
    assert done.stderr.startswith("A run is in progress in this folder")
    assert lock.exists()


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv (util-linux)")
def test_a_job_dies_with_its_snakemake() -> None:
    code = f"""
import subprocess
job = subprocess.Popen({prefix_of_jobs() + " sleep 600"!r}, shell=True, executable="bash")
print(job.pid, flush=True)
job.wait()
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as snakemake:
        assert snakemake.stdout
        job = psutil.Process(int(snakemake.stdout.readline()))
        while job.name() != "sleep":
            time.sleep(0.01)
        snakemake.kill()
    assert psutil.wait_procs([job], timeout=60)[1] == []


def test_without_setpriv_jobs_begin_in_bashs_strict_mode_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert prefix_of_jobs().startswith("set -euo pipefail;")
    for without in ("false", "no-such-program"):
        monkeypatch.setattr("oneclass.workflow.DIE_WITH_PARENT", [without])
        assert prefix_of_jobs() == "set -euo pipefail;"


def test_why_jobs_are_killed_is_said(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("Command 'python a.py' died with <Signals.SIGKILL: 9>.")
    assert "ended by SIGKILL, as where memory runs out: run again with fewer --cores" in remark([str(log)])
    log.write_text("Command 'python a.py' returned non-zero exit status 1.")
    assert remark([str(log)]) == ""


@pytest.mark.parametrize(
    ("shown", "silent"),
    [
        (": empty file\n", True),
        (f":\n{'=' * 80}\n2026-11-26 17:58:45,917 WARNING oneclass.devices: no GPU found\n{'=' * 80}\n", True),
        (f":\n{'=' * 80}\n2026-11-26 17:58:45,917 ERROR oneclass.logs: a.h5: make room\n{'=' * 80}\n", False),
        (" not found.\n", False),
    ],
)
def test_a_job_that_a_library_ended_is_worth_a_word(tmp_path: Path, shown: str, silent: bool) -> None:
    told = f"Logfile results/logs/a.log:\n{'=' * 80}\n2026-11-26 17:58:46,000 ERROR oneclass.logs: b\n{'=' * 80}\n"
    log = tmp_path / "snakemake.log"
    log.write_text(f"{told}Logfile results/logs/maps/fit.log{shown}{told}Elapsed time: 0:00:04\n")
    assert ("ended without a word in its log, as where memory runs out" in remark([str(log)])) == silent


def test_the_default_limit_of_jobs_a_second_is_lifted_and_one_that_was_asked_for_stays() -> None:
    default = get_argument_parser().get_default("max_jobs_per_timespan")
    limits = [JobRateLimiter(MaxJobsPerTimespan.parse_choice(text)) for text in (default, "3/1m")]
    schedulers = [SimpleNamespace(job_rate_limiter=limit) for limit in (*limits, None)]
    for scheduler in schedulers:
        lift_default_rate(scheduler)
    assert [scheduler.job_rate_limiter for scheduler in schedulers] == [None, limits[1], None]

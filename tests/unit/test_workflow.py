"""The lock of a run that was killed, in the folder that Snakemake is told to work in."""

import fcntl
import subprocess
import sys
from pathlib import Path


def unlock(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "oneclass.workflow", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_stale_lock_goes_from_the_folder_that_the_run_works_in(tmp_path: Path) -> None:
    lock = tmp_path / "run/.snakemake/locks/0.input.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    assert unlock(tmp_path, "-n", "--cores", "1").returncode == 0
    assert lock.exists()
    assert unlock(tmp_path, "detector", "--configfile", "own.yaml", "--directory", "run").returncode == 0
    assert not lock.exists()


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

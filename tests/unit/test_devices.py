"""Jobs that share a machine's GPUs never share one GPU."""

import errno
import fcntl
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from oneclass import devices
from oneclass.devices import lease
from oneclass.errors import UserError

HOLDER = """
import sys, time
from oneclass.devices import lease
with lease(1, count=lambda: {count}) as device:
    print(device, flush=True)
    time.sleep(60)
"""

# Marks each device it holds with a file that only one process can make.
CLAIMER = """
import os, sys, time
from pathlib import Path
from oneclass.devices import lease
for _ in range(5):
    with lease(1, count=lambda: {count}) as device:
        mark = Path({folder!r}) / device
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
        print(device)
        time.sleep(0.01)
        mark.unlink()
"""


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lock files of this test only, in this process and in those it starts; no GPU setting from outside."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(devices, "POLL_SECONDS", 0.01)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def start(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def two() -> int:
    return 2


def test_a_job_without_gpus_never_asks_for_them() -> None:
    with lease(0, count=lambda: pytest.fail("asked")) as device:
        assert device == "cpu"


def test_leases_differ_until_they_are_returned() -> None:
    with lease(1, two) as first:
        with lease(1, two) as second:
            assert {first, second} == {"cuda:0", "cuda:1"}
        with lease(1, two) as again:
            assert again == second


def test_an_error_returns_the_lease() -> None:
    with pytest.raises(RuntimeError), lease(1, lambda: 1):
        raise RuntimeError
    with lease(1, lambda: 1) as device:
        assert device == "cuda:0"


def test_processes_never_hold_the_same_device(tmp_path: Path) -> None:
    processes = [start(CLAIMER.format(count=2, folder=str(tmp_path))) for _ in range(4)]
    used = []
    for process in processes:
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        used += output.split()
    assert len(used) == 20
    assert set(used) <= {"cuda:0", "cuda:1"}


def test_a_killed_holder_frees_its_device() -> None:
    holder = start(HOLDER.format(count=1))
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "cuda:0"
    waiter = start(HOLDER.format(count=1).replace("60", "0"))
    with pytest.raises(subprocess.TimeoutExpired):
        waiter.wait(timeout=1)
    holder.kill()
    output, errors = waiter.communicate(timeout=60)
    assert output.strip() == "cuda:0", errors
    holder.communicate()


def test_where_there_are_no_locks_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(UserError, match=r"No locks available.*set TMPDIR"), lease(1, two):
        pass


def test_the_one_visible_device_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slurm may call every job's device 0: waiting for each other would be wrong."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    with lease(1, lambda: 1) as first, lease(1, lambda: 1) as second:
        assert (first, second) == ("cuda:0", "cuda:0")


def test_several_visible_devices_are_leased_by_their_own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """cuda:0 of a process that sees devices 1 and 2 is device 1 of the machine."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1, 2")
    with lease(1, two) as inner:
        assert inner == "cuda:0"
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
        with lease(1, lambda: 3) as first, lease(1, lambda: 3) as second:
            assert (first, second) == ("cuda:0", "cuda:2")


def test_without_a_gpu_the_cpu_is_used_and_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), lease(1, lambda: 0) as device:
        assert device == "cpu"
    assert "no GPU found" in caplog.text


@pytest.mark.parametrize(
    ("file", "visible", "found"),
    [
        ("nvidia0", None, True),
        ("nvidia3", "1", True),
        ("kfd", None, True),
        ("nvidiactl", None, False),
        ("null", None, False),
        ("nvidia0", "", False),
        ("nvidia0", "-1", False),
    ],
)
def test_a_gpu_is_there_if_its_driver_has_a_file_and_nobody_hides_it(
    file: str, visible: str | None, found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / file).touch()
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert devices.present(tmp_path) is found

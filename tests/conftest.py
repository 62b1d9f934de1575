import fcntl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Machines are busy: no test may fail for its time. The same examples in every run: CI fails for what was changed.
settings.register_profile("project", deadline=None, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=3000)  # make test-faults
settings.load_profile("project")

PROJECT = Path(__file__).parents[1]
Snakemake = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def snakemake() -> Snakemake:
    """Run this project's workflow, or the one in the folder ``workflow``, in another working directory."""

    def run(directory: Path, *arguments: str, workflow: Path = PROJECT, **options: Any) -> Any:
        command = [sys.executable, "-m", "snakemake", "--directory", str(directory), *arguments]
        return subprocess.run(command, cwd=workflow, capture_output=True, text=True, check=False, **options)

    return run


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str, Callable[[Path], object]], Path]:
    """The folder of a ``name`` that ``make(folder)`` has filled, for all workers of pytest: the others wait for it."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder, done = shared / name, shared / f"{name} is there"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                folder.mkdir(exist_ok=True)
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A ``Browser`` of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        from browser import CHROMIUM, Browser
    if CHROMIUM is None:
        pytest.skip("needs Chromium, which is not on the PATH (Debian: apt-get install chromium)")
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()

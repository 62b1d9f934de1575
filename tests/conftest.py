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

"""What the tests of the run on stand-ins share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def results(project: Path) -> Path:
    """The results of the run that `make test-paper` makes before these tests."""
    return Path(os.environ.get("STANDINS", project / "runs" / "standins")) / "results"

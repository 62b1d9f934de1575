from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def configuration(project: Path) -> Path:
    return project / "configs" / "ci.yaml"


@pytest.fixture(scope="session")
def again(
    snakemake: Callable[..., Any], project: Path, configuration: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., str]:
    """Run the smallest configuration once more, in the one folder; what Snakemake says."""
    folder = tmp_path_factory.mktemp("pipeline")

    def run(*arguments: str, directory: Path = folder, **options: Any) -> str:
        profile = project / "profiles" / "cpu"
        command = [*arguments, "--configfile", str(configuration), "--workflow-profile", str(profile)]
        done = snakemake(directory, *command, **options)
        assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
        return done.stdout + done.stderr

    run()
    run.folder = folder
    return run


@pytest.fixture(scope="session")
def finished(again: Any) -> Path:
    """The folder of the one whole run, with its results."""
    return again.folder

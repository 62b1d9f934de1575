import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@dataclass(frozen=True)
class Workflow:
    """The workflow on one configuration, in one folder."""

    snakemake: Callable[..., Any]
    configuration: Path
    folder: Path

    def run(self, *arguments: str, **options: Any) -> str:
        """Run it, or what ``arguments`` ask for; what Snakemake says."""
        command = [*arguments, "--configfile", str(self.configuration), "--cores", "all"]
        done = self.snakemake(self.folder, *command, **options)
        assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
        return done.stdout + done.stderr

    def rules(self, *arguments: str, **options: Any) -> list[str]:
        """The rules of the jobs that it runs, or with --dry-run would run, sorted."""
        output = self.run(*arguments, **options)
        return sorted(set(re.findall(r"^(?:local)?rule (\w+):$", output, re.MULTILINE)) - {"all"})


@pytest.fixture(scope="session")
def configuration(project: Path) -> Path:
    return project / "configs" / "ci.yaml"


@pytest.fixture(scope="session")
def finished(snakemake: Callable[..., Any], configuration: Path, once: Callable[..., Path]) -> Path:
    """The folder of the one whole run of the smallest configuration; no test writes there."""
    return once("pipeline", lambda folder: Workflow(snakemake, configuration, folder).run())


@pytest.fixture(scope="session")
def workflow(
    snakemake: Callable[..., Any], configuration: Path, finished: Path, tmp_path_factory: pytest.TempPathFactory
) -> Workflow:
    """The same in a copy of the finished run: what a test runs goes on from there."""
    folder = tmp_path_factory.mktemp("workflow") / "copy"
    shutil.copytree(finished, folder)
    return Workflow(snakemake, configuration, folder)


@pytest.fixture(scope="session")
def kill_test(project: Path) -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(project)
        from benchmarks import kill_test

        yield kill_test


@pytest.fixture
def edit(
    kill_test: ModuleType, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, Callable[[str], str]]], Path]:
    """Copy the project and change files of the library, by name; the copy is what Snakemake runs from now on."""

    def make(changes: dict[str, Callable[[str], str]]) -> Path:
        copy: Path = kill_test.workspace(tmp_path / "edited")
        (copy / "src").unlink()
        shutil.copytree(project / "src", copy / "src")
        for name, change in changes.items():
            file = copy / "src/oneclass" / name
            file.write_text(change(file.read_text() if file.exists() else ""))
        monkeypatch.setenv("PYTHONPATH", str(copy / "src"))
        return copy

    return make

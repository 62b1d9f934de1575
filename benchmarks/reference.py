"""A run that was left alone: its jobs, as Snakemake's notes tell them, and its files."""

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from oneclass.data import index

TIMES = ("results/logs/", "results/benchmarks/", "results/jobs.html")  # what tells of hours and seconds


@dataclass(frozen=True)
class Job:
    rule: str
    seconds: float
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class Reference:
    """The run in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def jobs(self) -> list[Job]:
        outputs: dict[tuple[str, str], list[str]] = defaultdict(list)
        told: dict[tuple[str, str], dict[str, Any]] = {}
        metadata = self._folder / ".snakemake/metadata"
        for file in metadata.glob("**/*"):
            if file.is_file():
                note = json.loads(file.read_text())
                job = note["rule"], str(note["log"])
                outputs[job].append(base64.b64decode(file.relative_to(metadata).as_posix()).decode())
                told[job] = note
        return [
            Job(job[0], note["endtime"] - note["starttime"], tuple(note["input"]), tuple(sorted(outputs[job])))
            for job, note in sorted(told.items())
        ]

    def behind(self, targets: Iterable[str]) -> list[Job]:
        """The jobs that make ``targets``, and what these are made from; all jobs, if there is no target."""
        by_output = {output: job for job in self.jobs for output in job.outputs}
        needed, to_do = set[Job](), [by_output[target] for target in targets]
        while to_do:
            if (job := to_do.pop()) not in needed:
                needed.add(job)
                to_do += [by_output[name] for name in job.inputs if name in by_output]
        return [job for job in self.jobs if job in needed] or self.jobs

    def shortest_of_the_slowest(self, rules: int) -> Iterator[Job]:
        """The shortest job of each of the ``rules`` whose longest jobs take the longest."""
        by_rule: dict[str, list[Job]] = defaultdict(list)
        for job in self.jobs:
            by_rule[job.rule].append(job)
        slowest = sorted(by_rule.values(), key=lambda jobs: -max(job.seconds for job in jobs))
        for jobs in slowest[:rules]:
            yield min(jobs, key=lambda job: job.seconds)

    @cached_property
    def files(self) -> dict[str, str]:
        """A digest of every file but those that tell of times."""
        return {name: digest(path) for name, path in named(self._folder)}

    def differences(self, folder: Path, since: float = 0.0) -> list[str]:
        """Which files of ``folder`` that are newer than ``since`` differ from these."""
        found, wrong = dict(named(folder)), set()
        for name, path in found.items():
            with suppress(FileNotFoundError):  # Snakemake removes what a killed job has written
                if path.stat().st_mtime >= since - 1 and self.files.get(name) != digest(path):
                    wrong.add(name)
        return sorted(wrong)


def work(jobs: Iterable[Job], folder: Path | None = None) -> float:
    """Seconds of ``jobs``; of those whose outputs ``folder`` has, if one is given."""
    return sum(
        job.seconds for job in jobs if folder is None or all((folder / output).exists() for output in job.outputs)
    )


def named(folder: Path) -> Iterator[tuple[str, Path]]:
    """Files of the results that are the same in every run, temporary ones left out."""
    for path in sorted(folder.glob("results/**/*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(TIMES) and "/." not in name:
            yield name, path


def digest(path: Path) -> str:
    """The SHA-256 of all bytes; of an index, of its rows, as it also says in which folder the pictures lie."""
    if path.parent.name == "index":
        return index.read(path).hash
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

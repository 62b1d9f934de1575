"""What each job of a run took, by Snakemake's benchmark files."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Job:
    """A job: its name, which is where its log and benchmark are, and what it took; None where that is not known."""

    name: str
    log: str | None
    benchmark: str | None
    seconds: float | None = None
    processor_seconds: float | None = None
    memory_mb: float | None = None


def read(results: Path, name: str) -> Job:
    """The job whose files in ``results`` are ``logs/{name}.log`` and ``benchmarks/{name}.tsv``, where they are."""
    log, benchmark = f"logs/{name}.log", f"benchmarks/{name}.tsv"
    there = log if (results / log).is_file() else None
    if not (results / benchmark).is_file():
        return Job(name, there, None)
    with (results / benchmark).open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file, delimiter="\t"), {})
    return Job(name, there, benchmark, *(_number(row.get(column)) for column in ("s", "cpu_time", "max_rss")))


def contents(results: Path, behind: Mapping[str, Sequence[str]], further: Iterable[str]) -> dict[str, Any]:
    """All jobs, and for each page those ``behind`` it with their seconds added up; ``further`` jobs are of no page."""
    names = sorted({name for each in behind.values() for name in each} | set(further))
    jobs = {name: read(results, name) for name in names}
    pages = [(page, [jobs[name] for name in each], total(jobs[name] for name in each)) for page, each in behind.items()]
    return {"jobs": list(jobs.values()), "pages": pages, "total": total(jobs.values())}


def total(jobs: Iterable[Job]) -> float:
    """The seconds of ``jobs``, those that are known."""
    return sum(job.seconds or 0 for job in jobs)


def _number(text: str | None) -> float | None:
    """Snakemake writes ``NA``, or ``-``, for what it could not measure."""
    try:
        return float(text or "")
    except ValueError:
        return None

"""What the tests of runs share: a run from the command line, and what it wrote."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oneclass.__main__ import main
from oneclass.scoring import run
from oneclass.scoring.examine import Examined, Examiner, Task


def score(detector: Path, *arguments: object) -> int:
    return main(["score", "--detector", str(detector), *map(str, arguments)])


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "scores.csv").open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        return list(csv.DictReader(file))


def regions(out: Path) -> dict[str, list[dict[str, Any]]]:
    lines = [json.loads(line) for line in (out / "regions.jsonl").read_text().splitlines()]
    assert len({(line["path"], line["page"]) for line in lines}) == len(lines)
    return {line["path"]: line["regions"] for line in lines}


def files(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def interrupt(monkeypatch: pytest.MonkeyPatch, after: int, what: Callable[[], None]) -> None:
    """``what`` happens when as many pictures are examined; a thread of its own examines them."""
    examined = []
    original = Examiner.__call__

    def counting(self: Examiner, task: Task) -> Examined:
        examined.append(task)
        if len(examined) == after:
            what()
        return original(self, task)

    monkeypatch.setattr(Examiner, "__call__", counting)
    monkeypatch.setattr(run.cpus, "usable", lambda: 1)

"""Which pictures are meant: files, folders with all below them, patterns, and a list on standard input."""

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

from oneclass.data.record import SUFFIXES
from oneclass.errors import UserError
from oneclass.scoring.drawn import is_overlay

STDIN = "-"
OWN = (".csv", ".jsonl", ".npy")
"""Suffixes of what scoring writes besides overlays; they are passed over without a word."""


@dataclass(frozen=True)
class Picture:
    """A picture file; ``name``, its path below the place it was found at, names what is written about it."""

    file: Path
    name: str


@dataclass(frozen=True)
class Found:
    """Pictures, each once, and how many other files were passed over, by suffix."""

    pictures: list[Picture]
    passed_over: Counter[str]


def find(places: Sequence[str | Path]) -> Found:
    """The pictures at ``places``, in the order of these, sorted by path in each folder.

    A place is a file, a folder, a pattern such as ``line*/**/*.png``, or ``-`` for a list of them on standard input,
    one a line. A folder counts with all below it, links to folders included (each folder once): files with a picture's
    suffix that are neither hidden nor overlays made by scoring. A link that leads nowhere counts, too: it is one of the
    pictures that cannot be read. Raises ``UserError`` for a place that does not exist.
    """
    pictures: dict[Path, Picture] = {}
    passed_over: Counter[str] = Counter()
    for place in (path for each in places for path in _expand(str(each))):
        if not place.is_dir():
            pictures.setdefault(place, Picture(place, place.name))
            continue
        for file in _below(place, set()):
            suffix = file.suffix.lower()
            if suffix in SUFFIXES or file.is_dir():
                if not is_overlay(file):
                    pictures.setdefault(file, Picture(file, file.relative_to(place).as_posix()))
            elif suffix not in OWN:
                passed_over[suffix or "without suffix"] += 1
    return Found(list(pictures.values()), passed_over)


def _expand(place: str) -> list[Path]:
    if place == STDIN:  # names as the system has them, whatever their encoding
        return [Path(os.fsdecode(line)) for line in sys.stdin.buffer.read().splitlines() if line.strip()]
    if Path(place).exists():
        return [Path(place)]
    if has_magic(place):
        return [Path(match) for match in sorted(glob(place, recursive=True))]
    raise UserError(f"{place}: there is no such file or folder")


def _below(folder: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    """The files below ``folder``; and itself if it cannot be looked into, which becomes an error where it is read."""
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:
            return
        seen.add((status.st_dev, status.st_ino))
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield folder
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _below(folder / entry.name, seen)
        elif entry.is_file() or entry.is_symlink():
            yield folder / entry.name

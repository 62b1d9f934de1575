"""Scoring pictures with a finished detector: a CSV of scores, and the anomaly maps over the pictures."""

import csv
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from tqdm import tqdm

from oneclass.data import images
from oneclass.data.record import SUFFIXES
from oneclass.detector.overlay import overlay
from oneclass.detector.scorer import Scorer
from oneclass.errors import UserError
from oneclass.files import atomic


@dataclass(frozen=True)
class Row:
    """A line of the CSV; ``anomalous`` is yes or no, and what an unreadable picture lacks is empty."""

    path: str
    score: str
    anomalous: str
    overlay: str
    error: str


def score(detector: Path, places: Sequence[Path], out: Path) -> list[Row]:
    """Score the pictures at ``places`` (files, or folders with all below them) into ``out``: scores.csv and overlays/.

    An unreadable picture gets a row with the reason. Raises ``UserError`` if ``detector`` is no detector's folder, if a
    place does not exist, or if there are no pictures.
    """
    scorer = Scorer.load(detector)
    pictures = find(places, out)
    overlays = _distinct([(out / "overlays" / name).with_suffix(".png") for _, name in pictures])

    def one(file: Path, target: Path) -> Row:
        return _score(scorer, file, target)

    # one picture per thread, from decoding to overlay: more to share out than within the graph
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = pool.map(one, [file for file, _ in pictures], overlays)
        rows = list(tqdm(done, total=len(pictures), unit="img", desc="scoring"))
    with (
        atomic(out / "scores.csv") as path,
        # how Python hands on names that are not UTF-8
        path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as table,
    ):
        writer = csv.writer(table)
        writer.writerow(field.name for field in fields(Row))
        writer.writerows(astuple(row) for row in rows)
    return rows


def find(places: Sequence[Path], out: Path) -> list[tuple[Path, str]]:
    """The picture files at ``places``, sorted within each, and a name for each: its path below the place.

    In folders only files with a picture's suffix count, none that are hidden, and none in ``out``.
    """
    found = []
    for place in places:
        if place.is_dir():
            found += [(file, file.relative_to(place).as_posix()) for file in _below(place, out)]
        elif place.exists():
            found.append((place, place.name))
        else:
            raise UserError(f"{place}: there is no such file or folder")
    if not found:
        names = ", ".join(str(place) for place in places)
        raise UserError(f"{names}: there are no pictures here ({' '.join(SUFFIXES)})")
    return found


def _below(folder: Path, out: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        result = out.resolve() in file.resolve().parents
        if file.suffix.lower() in SUFFIXES and file.is_file() and not hidden and not result:
            yield file


def _distinct(files: list[Path]) -> list[Path]:
    """``files``, with a number in the names of those that were there before."""
    seen: set[Path] = set()
    result = []
    for file in files:
        other, number = file, 1
        while other in seen:
            number += 1
            other = file.with_name(f"{file.stem}-{number}{file.suffix}")
        seen.add(other)
        result.append(other)
    return result


def _score(scorer: Scorer, file: Path, target: Path) -> Row:
    try:
        picture = images.load(file.parent, file.name)
    except UserError as error:
        return Row(str(file), "", "", "", str(error))
    found = scorer.score(picture)
    with atomic(target) as path:
        overlay(picture, found.map, scorer.normal_level, scorer.threshold, scorer.share).save(path)
    return Row(str(file), f"{found.score:.6g}", "yes" if found.anomalous else "no", str(target), "")

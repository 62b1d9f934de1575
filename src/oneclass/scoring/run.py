"""Scoring pictures with a finished detector, from the places where they are to the folder of results."""

import hashlib
import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from oneclass import cpus
from oneclass.data.record import SUFFIXES
from oneclass.detector.scorer import Scorer
from oneclass.errors import UserError
from oneclass.scoring.examine import ALL, ANOMALOUS, Examined, Examiner, Scores, Task
from oneclass.scoring.ignoring import Ignoring
from oneclass.scoring.pages import pages
from oneclass.scoring.pictures import STDIN, Picture, find
from oneclass.scoring.results import Results, opened
from oneclass.scoring.stopping import Stop, stoppable
from oneclass.scoring.table import Key, Row
from oneclass.scoring.tiles import Tiled
from oneclass.scoring.watching import arriving

MANY = 1000
"""From more pictures than these on, only anomalous ones have an overlay unless more are asked for."""

T = TypeVar("T")
S = TypeVar("S")


@dataclass
class Outcome:
    """How a run ended: pictures (or pages) that were scored, anomalous ones among them, those taken over, and the
    rows of other pictures that the table has, too.

    ``errors`` has a line for each that could not be read, ``passed_over`` other files by suffix, ``stopped`` why the
    run ended before all were done; it is empty for one that did not.
    """

    overlays: str = ALL
    scored: int = 0
    anomalous: int = 0
    taken_over: int = 0
    others: int = 0
    errors: list[str] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    stopped: str = ""

    def count(self, found: Examined) -> None:
        if found.error:
            self.errors.append(found.error)
        else:
            self.scored += 1
            self.anomalous += found.anomalous


def score(
    detector: str | Path,
    places: Sequence[str | Path],
    out: str | Path,
    *,
    threshold: float | None = None,
    overlays: str | None = None,
    maps: bool = False,
    tiles: int | None = None,
    ignore: str | Path | None = None,
    watch: bool = False,
) -> Outcome:
    """Score the pictures at ``places`` (see ``pictures.find``) into the folder ``out``, each as soon as it is done.

    ``out`` then has scores.csv, regions.jsonl, overlays and, with ``maps``, the raw maps. Pictures that have their row
    there, by the same detector, are not scored again. An unreadable picture gets a row with the reason. ``threshold``
    is the detector's if left out. ``overlays`` is all, anomalous or none; left out it is all for up to 1,000 pictures,
    anomalous for more and with ``watch``. With ``tiles`` pictures are looked at in squares of so many pixels a side;
    ``ignore`` is the mask of what does not count. With ``watch`` the run goes on with pictures that arrive, until
    Ctrl-C or SIGTERM.

    Raises ``UserError`` if nothing can be done: no detector, no pictures, a place that does not exist, an ``out`` that
    cannot be written into or has another detector's scores.
    """
    scorer = Scorer.load(detector)
    whole = scorer if tiles is None else Tiled(scorer, tiles)
    examined_by: Scores = whole if ignore is None else Ignoring(whole, Path(ignore))
    threshold = scorer.threshold if threshold is None else threshold
    if not math.isfinite(threshold):
        raise UserError(f"the threshold is {threshold}; give a number, such as the detector's {scorer.threshold:g}")
    if watch and STDIN in map(str, places):
        raise UserError("a list on standard input cannot be watched; name folders or patterns")
    found = find(places)
    if not (found.pictures or watch):
        raise UserError(f"{', '.join(map(str, places))}: there are no pictures here ({' '.join(SUFFIXES)})")
    usual = ANOMALOUS if watch or len(found.pictures) > MANY else ALL
    outcome = Outcome(overlays or usual, passed_over=found.passed_over)
    examiner = Examiner(examined_by, threshold, outcome.overlays, maps)
    with stoppable() as stop, opened(Path(out), identity(scorer.onnx, tiles, ignore), threshold) as results:
        for pictures in arriving(places, stop) if watch else [found.pictures]:
            _score(pictures, examiner, results, stop, outcome)
            if outcome.stopped:
                break
        outcome.others = len(results.table.rows) - outcome.scored - outcome.taken_over - len(outcome.errors)
        if watch and outcome.stopped == stop.reason:  # as a watch ends
            outcome.stopped = ""
    return outcome


def identity(onnx: bytes, tiles: int | None, ignore: str | Path | None) -> str:
    """What gives the scores: the beginning of the SHA-256 of the ONNX file, and of the other settings if there are."""
    digest = hashlib.sha256(onnx)
    if tiles is not None:
        digest.update(f"tiles of {tiles}".encode())
    if ignore is not None:
        digest.update(Path(ignore).read_bytes())
    return digest.hexdigest()[:16]


def _score(pictures: Sequence[Picture], examiner: Examiner, results: Results, stop: Stop, outcome: Outcome) -> None:
    """Score those of ``pictures`` that have no row in ``results`` yet; ``outcome`` counts on."""
    times = {str(picture.file): _modified(picture.file) for picture in pictures}
    results.forget(times, examiner)
    rows = results.table.rows
    known = {path for path, _ in rows if path in times}
    outcome.taken_over += sum(path in known for path, _ in rows)
    with tqdm(total=len(pictures) - len(known), unit="img", desc="scoring", disable=None) as progress:
        for found in in_order(examiner, _tasks(pictures, times, rows), cpus.usable()):
            if stop.reason:
                outcome.stopped = stop.reason
                return
            try:
                results.add(found)
            except OSError as error:
                outcome.stopped = f"{results.out}: {error.strerror}"
                return
            outcome.count(found)
            progress.update()


def _tasks(pictures: Iterable[Picture], times: Mapping[str, str], rows: Mapping[Key, Row]) -> Iterator[Task]:
    """The pages that have no row; a file is looked into for its pages as late as possible."""
    known = {path for path, _ in rows}
    for picture in pictures:
        path = str(picture.file)
        if (path, "") in rows or (path in known and not times[path]):  # one picture; or a file that was removed
            continue
        for page in pages(picture.file):
            task = Task(picture, page, times[path])
            if task.key not in rows:
                yield task


def in_order(function: Callable[[T], S], items: Iterable[T], workers: int) -> Iterator[S]:
    """``function`` of each of ``items``, in their order, by ``workers`` threads; few results wait at a time."""
    waiting: deque[Future[S]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _modified(file: Path) -> str:
    """When ``file`` was last changed; empty if it is not there."""
    try:
        seconds = file.stat().st_mtime
    except OSError:
        return ""
    in_range = min(max(seconds, -6e10), 2e11)  # years that a calendar has; file systems may have others
    return datetime.fromtimestamp(in_range, UTC).isoformat(timespec="microseconds")

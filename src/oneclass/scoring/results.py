"""The folder of results: the table, the regions, overlays and maps. What is finished stays, and is not done again."""

import fcntl
import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oneclass.errors import UserError
from oneclass.files import atomic
from oneclass.scoring.drawn import FOLDER, SUFFIX, is_overlay
from oneclass.scoring.examine import Examined, Examiner
from oneclass.scoring.lines import Lines
from oneclass.scoring.table import Row, Table

TABLE, REGIONS, MAPS = "scores.csv", "regions.jsonl", "maps"
LONGEST = 200  # bytes of a file's name, of the 255 that file systems allow: suffixes and what `atomic` adds come on top


class Results:
    """The folder ``out`` of the scores that ``detector`` (its identity) gives at ``threshold``; ``opened`` makes it."""

    def __init__(self, out: Path, detector: str, threshold: float) -> None:
        self.out, self.detector, self.threshold = out, detector, repr(threshold)
        self.table = Table(out / TABLE)
        self._require_same_detector()
        if not self.table.rows:
            _remove_overlays(out)
        self._regions = Lines(out / REGIONS)
        self._keep_regions()
        self._taken = {name.casefold() for row in self.table.rows.values() for name in (row.overlay, row.map)}

    def close(self) -> None:
        self._regions.close()
        self.table.close()

    def forget(self, times: Mapping[str, str], examiner: Examiner) -> None:
        """Take out what is to be done again of the pictures in ``times`` (when each was last changed, by path).

        That is: the picture was changed or could not be read, or its overlay or its map is not there and is wanted. Of
        a picture that has been removed since (no time), the score stays.
        """
        rows = [row for row in self.table.rows.values() if row.path in times]
        stale = [row for row in rows if not self._complete(row, times[row.path], examiner)]
        self.table.drop([row.key for row in stale])
        self._taken -= {name.casefold() for row in stale for name in (row.overlay, row.map)}
        if stale:
            self._keep_regions()
        for row in stale:
            if is_overlay(self.out / row.overlay):
                (self.out / row.overlay).unlink()

    def add(self, found: Examined) -> None:
        """Write all of ``found``, its row last; raises ``OSError``, without a trace of it, if there is no room."""
        task, files = found.task, dict[str, bytes]()
        path, page = task.key
        row = Row(path, page, error=found.error, threshold=self.threshold, modified=task.modified)
        row = replace(row, detector=self.detector)
        if not found.error:
            row = replace(row, score=f"{found.score:.9g}", anomalous="yes" if found.anomalous else "no")
        if found.overlay is not None:
            row = replace(row, overlay=self._name(FOLDER, task.name, SUFFIX))
            files[row.overlay] = found.overlay
        if found.map is not None:
            row = replace(row, map=self._name(MAPS, task.name, ".npy"))
            files[row.map] = _as_npy(found.map)
        try:
            for name, content in files.items():
                with atomic(self.out / name) as temporary:
                    temporary.write_bytes(content)
            if not found.error:
                line = {"path": path, "page": page, "score": found.score, "regions": found.regions}
                self._regions.add(json.dumps(line).encode() + b"\n")
            self.table.add(row)
        except BaseException:
            for name in files:
                (self.out / name).unlink(missing_ok=True)
            raise
        self._taken |= {name.casefold() for name in files}

    def _complete(self, row: Row, modified: str, examiner: Examiner) -> bool:
        wanted = [row.overlay] * examiner.wants_overlay(row.anomalous == "yes") + [row.map] * examiner.maps
        there = all(name and (self.out / name).is_file() for name in wanted)
        return not row.error and modified in ("", row.modified) and there

    def _name(self, folder: str, name: str, suffix: str) -> str:
        """The path, relative to the table, of what is written about the picture ``name``; no other one has it."""
        stem = f"{folder}/{'/'.join(map(_shortened, name.split('/')))}"
        for number in count(1):
            path = f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}"
            if path.casefold() not in self._taken:  # some file systems do not tell capitals apart
                break
        return path

    def _require_same_detector(self) -> None:
        """All rows are of one run, or of runs that agree."""
        for row in self.table.rows.values():
            was, now = (row.threshold, self.threshold) if row.detector == self.detector else ("", "")
            if was != now or row.detector != self.detector:
                what = (
                    f"for the threshold {was}, not {now}"
                    if was
                    else "by another detector, or with other --tiles or --ignore"
                )
                raise UserError(
                    f"{self.out / TABLE}: holds scores {what}; choose another --out, or remove the file to start afresh"
                )

    def _keep_regions(self) -> None:
        """Of the lines about regions only those of pictures that the table has, the last of each."""
        found = [line for line in (self.out / REGIONS).read_bytes().splitlines(keepends=True)]
        kept = {key: line for line in found if (key := _key(line)) in self.table.rows}
        if len(kept) < len(found):
            self._regions.replace(kept.values())


def _key(line: bytes) -> tuple[str, str] | None:
    try:
        about = json.loads(line)
        return about["path"], about["page"]
    except ValueError:  # cut off
        return None


@contextmanager
def opened(out: Path, detector: str, threshold: float) -> Iterator[Results]:
    """The results in ``out``, which is made if missing, for this run alone.

    Raises ``UserError`` if it cannot be written into, if another run is writing into it, and if the scores there are
    by another detector or threshold.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        handle = os.open(out, os.O_RDONLY)
    except OSError as error:
        raise _not_writable(out, error) from error
    try:
        _lock(handle, out)
        try:
            results = Results(out, detector, threshold)
        except OSError as error:
            raise _not_writable(out, error) from error
        with closing(results):
            yield results
    finally:
        os.close(handle)


def _lock(handle: int, out: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(f"{out}: another run is writing into it; wait for its end, or choose another --out") from None
    except OSError:  # some network file systems have no locks
        pass


def _not_writable(out: Path, error: OSError) -> UserError:
    return UserError(f"{out}: cannot be written into ({error.strerror}); choose another --out")


def _remove_overlays(out: Path) -> None:
    """Overlays of a table that is gone would seem to be this run's."""
    for file in (out / FOLDER).rglob(f"*{SUFFIX}"):
        if is_overlay(file):
            file.unlink()


def _as_npy(anomaly: NDArray[np.float32]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, anomaly)
    return buffer.getvalue()


def _shortened(name: str) -> str:
    """A part of a path, cut to ``LONGEST`` bytes with a hash of the whole at its end if it is longer."""
    encoded = os.fsencode(name)
    if len(encoded) <= LONGEST:
        return name
    mark = hashlib.sha256(encoded).hexdigest()[:16]
    return f"{encoded[: LONGEST - 17].decode('utf-8', 'ignore')}-{mark}"

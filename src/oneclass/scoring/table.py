"""``scores.csv``: a row for each picture, or page of one, written as it is finished and read by the next run."""

import csv
import io
from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from oneclass.errors import UserError
from oneclass.scoring.lines import Lines

Key = tuple[str, str]
"""The path and the page of a picture."""


@dataclass(frozen=True)
class Row:
    """A line of the table.

    ``page`` is empty for a file with one picture, ``anomalous`` is yes or no; what an unreadable picture lacks is
    empty. ``overlay`` and ``map`` are relative to the table. ``modified`` is when the file was last changed, and
    ``detector`` says which detector, and which settings beside the threshold, gave the score.
    """

    path: str
    page: str = ""
    score: str = ""
    anomalous: str = ""
    overlay: str = ""
    error: str = ""
    map: str = ""
    threshold: str = ""
    modified: str = ""
    detector: str = ""

    @property
    def key(self) -> Key:
        return self.path, self.page


HEADER = tuple(field.name for field in fields(Row))


class Table:
    """The rows in ``file``, by path and page; made if missing.

    Raises ``UserError`` for a file that is no such table. A last line that was cut off is taken out.
    """

    def __init__(self, file: Path) -> None:
        self.rows, whole = _read(file)
        self._lines = Lines(file)
        if not whole:
            self._write()

    def add(self, row: Row) -> None:
        """Append ``row``; raises ``OSError`` if there is no room."""
        self._lines.add(_line(astuple(row)))
        self.rows[row.key] = row

    def drop(self, keys: Collection[Key]) -> None:
        """Take out the rows of ``keys``."""
        for key in keys:
            del self.rows[key]
        if keys:
            self._write()

    def close(self) -> None:
        self._lines.close()

    def _write(self) -> None:
        self._lines.replace(_line(values) for values in (HEADER, *map(astuple, self.rows.values())))


def _line(values: Iterable[str]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(values)
    return buffer.getvalue().encode("utf-8", "surrogateescape")  # how Python hands on names that are not UTF-8


def _read(file: Path) -> tuple[dict[Key, Row], bool]:
    """The rows of ``file``, and whether it is whole; there are none if it does not exist."""
    text = file.read_bytes().decode("utf-8", "surrogateescape") if file.exists() else ""
    lines = list(csv.reader(io.StringIO(text, newline="")))
    whole = text.endswith("\n")
    rows = lines if whole else lines[:-1]
    known = tuple(rows[0]) == HEADER if rows else _line(HEADER).startswith(text.encode(errors="surrogateescape"))
    if not known or any(len(row) != len(HEADER) for row in rows):
        raise UserError(f"{file}: not a table that this version of `oneclass score` wrote; choose another --out")
    return {row.key: row for row in (Row(*values) for values in rows[1:])}, whole

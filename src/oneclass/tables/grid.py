"""A table as its readers see it: rows in groups, and in one cell what was measured above what was published."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

import pandas as pd

from oneclass.labels import HEADINGS
from oneclass.tables.cells import DASH, Best, apart

SHARED = ("protocol", "metric", "dataset", "network", "pool", "task", "images")  # what the rows of a group may share
RUN = {HEADINGS[name] for name in SHARED}
HERE = {"here", "evolution"}  # the sources that this run is


@dataclass(frozen=True)
class Line:
    """A number: where it is from (``here``, ``published``, …), its text, and whether it is the best of its rivals."""

    source: str
    text: str
    best: bool


@dataclass(frozen=True)
class Row:
    """The labels of a row, and the lines of each cell; a cell without a number has none."""

    labels: Sequence[str]
    cells: Sequence[Sequence[Line]]

    @property
    def measured(self) -> bool:
        """Whether some number of the row is from this run."""
        return any(map(is_measured, self.cells))


@dataclass(frozen=True)
class Column:
    """The heading of a column, and whether some number of it is from this run."""

    heading: str
    measured: bool


@dataclass(frozen=True)
class Group:
    """Rows that share the labels in ``title``, which is empty where rows share none."""

    title: str
    rows: Sequence[Row]

    @property
    def measured(self) -> bool:
        """Whether some number of the group is from this run."""
        return any(row.measured for row in self.rows)


@dataclass(frozen=True)
class Grid:
    """The names of the rows' labels, the columns, and the rows."""

    labels: Sequence[str]
    columns: Sequence[Column]
    groups: Sequence[Group]

    @property
    def width(self) -> int:
        """The number of cells in a row, its labels among them."""
        return len(self.labels) + len(self.columns)

    def lines(self) -> Iterator[Line]:
        """Every number."""
        return (line for group in self.groups for row in group.rows for cell in row.cells for line in cell)


def is_measured(cell: Sequence[Line]) -> bool:
    """Whether some number of ``cell`` is from this run."""
    return any(line.source in HERE for line in cell)


def grid(wide: pd.DataFrame) -> Grid:
    """The grid of a ``Table``'s ``wide``; a number whose row and column do not say its source is from here."""
    names, value = [str(name) for name in wide.index.names], HEADINGS["source"]
    kept = [level for level, name in enumerate(names) if name != value]
    headings = [apart(str(column)) for column in wide.columns]
    columns = list(dict.fromkeys(heading for heading, _ in headings))
    rows: dict[tuple[str, ...], dict[str, list[Line]]] = {}
    for key, texts in zip(wide.index, wide.itertuples(index=False, name=None), strict=True):
        labels = [str(label) for label in (key if isinstance(key, tuple) else (key,))]
        of_row = dict(zip(names, labels, strict=True)).get(value, "")
        cells = rows.setdefault(tuple(labels[level] for level in kept), {column: [] for column in columns})
        for (heading, of_column), text in zip(headings, texts, strict=True):
            if text != DASH:
                cells[heading].append(Line(of_column or of_row or "here", str(text), isinstance(text, Best)))
    return _grouped(
        [names[level] for level in kept], columns, [Row(key, [*cells.values()]) for key, cells in rows.items()]
    )


def _grouped(labels: list[str], headings: list[str], rows: list[Row]) -> Grid:
    """Rows in groups by the first of their labels that say what was run, unless all do, or no two rows share them."""
    columns = [
        Column(heading, any(is_measured(row.cells[place]) for row in rows)) for place, heading in enumerate(headings)
    ]
    depth = len(list(takewhile(RUN.__contains__, labels)))
    groups = [(shared, list(each)) for shared, each in groupby(rows, key=lambda row: row.labels[:depth])]
    if depth == len(labels) or len(groups) == len(rows):
        return Grid(labels, columns, [Group("", rows)])
    titled = [Group(_title(shared), [Row(row.labels[depth:], row.cells) for row in each]) for shared, each in groups]
    return Grid(labels[depth:], columns, titled)


def _title(labels: Sequence[str]) -> str:
    return " · ".join(label for label in labels if label != DASH)

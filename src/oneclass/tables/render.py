"""One table as three files: tidy CSV to compute with, Markdown to paste, HTML that needs nothing but itself."""

from dataclasses import dataclass
from pathlib import Path

import jinja2
import pandas as pd

from oneclass.evaluate import MEAN
from oneclass.files import atomic
from oneclass.labels import label
from oneclass.markdown import row
from oneclass.tables.cells import Best
from oneclass.tables.grid import grid
from oneclass.tables.tidy import to_csv

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("oneclass.tables"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
MAIN, END = "<main>\n", "</main>"
KEY = {
    "here": "Upright: measured by this run (here)",
    "evolution": "by evolution: this run, too (evolution, here)",
    "published": "italics: printed in the paper (published)",
    "difference": "small, with a sign: here − published",
}
BOLD = ("best", "bold: the best of several, measured and published apart")


@dataclass(frozen=True)
class Table:
    """A table: its numbers (``tidy``), what they are, and how the paper lays them out.

    ``wide`` holds the cells as text, the labels of its rows in the index (one level per label column, named).
    """

    values: str
    tidy: pd.DataFrame
    wide: pd.DataFrame
    notes: list[str]


def render(table: Table, title: str, stem: Path) -> None:
    """Write ``table`` under its ``title`` as ``stem`` + ``.csv``, ``.md`` and ``.html``.

    Each is whole or not there, and has the same bytes for the same table.
    """
    texts = {".csv": to_csv(table.tidy), ".md": markdown(table, title), ".html": html(table, title)}
    for suffix, text in texts.items():
        with atomic(stem.with_name(stem.name + suffix)) as path:
            path.write_text(text, encoding="utf-8", newline="\n")


def markdown(table: Table, title: str) -> str:
    """The table in GitHub's Markdown, what it holds above and notes below."""
    labels, headings = _labels(table.wide), [str(column) for column in table.wide.columns]
    lines = [row([*labels, *headings]), row(["---"] * len(labels) + ["---:"] * len(headings))]
    lines += [row([*names, *values]) for names, values in _rows(table.wide)]
    notes = [f"- {note}" for note in table.notes]
    return "\n".join([f"## {title}", "", table.values, "", *lines, "", *notes]).rstrip() + "\n"


def html(table: Table, title: str) -> str:
    """A self-contained page; on a narrow screen every row becomes a card that repeats the headings."""
    shown = grid(table.wide)
    sources, best = ({getattr(line, name) for line in shown.lines()} for name in ("source", "best"))
    key = [(source, text) for source, text in KEY.items() if source in sources]
    content = {"table": table, "grid": shown, "key": [*key, BOLD] if True in best else key}
    return TEMPLATES.get_template("table.html").render(title=title, average=label("class", MEAN), **content) + "\n"


def fragment(page: str) -> str:
    """What a page that ``html`` wrote has below its title, as HTML, with its notes folded."""
    return page.split(MAIN)[1].split(END)[0].replace("<details open>", "<details>")


def _labels(wide: pd.DataFrame) -> list[str]:
    return [str(name) for name in wide.index.names]


def _rows(wide: pd.DataFrame) -> list[tuple[list[str], list[str]]]:
    labels = [wide.index.get_level_values(level).astype(str) for level in range(wide.index.nlevels)]
    rows = zip(zip(*labels, strict=True), wide.itertuples(index=False, name=None), strict=True)
    return [(list(names), list(map(_bold, values))) for names, values in rows]


def _bold(text: object) -> str:
    return f"**{text}**" if isinstance(text, Best) else str(text)

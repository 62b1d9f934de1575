"""One table as three files: tidy CSV to compute with, Markdown to paste, HTML that needs nothing but itself."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

import pandas as pd

from oneclass.files import atomic
from oneclass.tables.tidy import to_csv

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --quiet: #5a5a5a; }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 1.5rem auto; padding: 0 1rem; max-width: 80rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
thead th { white-space: normal; vertical-align: bottom; }
th[scope=row], thead th.label { text-align: left; }
.published, .difference { color: var(--quiet); }
.published { font-style: italic; }
tbody tr:hover { background: var(--soft); }
@media (max-width: 40rem) {
  thead { display: none; }
  table, tbody, tr, th, td { display: block; }
  tr { margin-bottom: 1rem; border: 1px solid var(--line); border-radius: .4rem; }
  th[scope=row], td { display: flex; justify-content: space-between; gap: 1rem; white-space: normal; }
  th::before, td::before { content: attr(data-label); font-weight: normal; text-align: left; }
}
""".strip()


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
    lines = [_pipes([*labels, *headings]), _pipes(["---"] * len(labels) + ["---:"] * len(headings))]
    lines += [_pipes([*row, *values]) for row, values in _rows(table.wide)]
    notes = [f"- {note}" for note in table.notes]
    return "\n".join([f"## {title}", "", table.values, "", *lines, "", *notes]).rstrip() + "\n"


def html(table: Table, title: str) -> str:
    """A self-contained page; on a narrow screen every row becomes a card that repeats the headings."""
    labels, headings = _labels(table.wide), [str(column) for column in table.wide.columns]
    head = [f'<th class="label" scope="col">{escape(label)}</th>' for label in labels]
    head += [f'<th class="{_kind(heading)}" scope="col">{escape(heading)}</th>' for heading in headings]
    body = []
    for row, values in _rows(table.wide):
        cells = [_cell("th", ' scope="row"', name, text) for name, text in zip(labels, row, strict=True)]
        for heading, text in zip(headings, values, strict=True):
            cells.append(_cell("td", f' class="{_kind(heading, *row)}"', heading, text))
        body.append(f"<tr>{''.join(cells)}</tr>")
    notes = [f"<li>{escape(note)}</li>" for note in table.notes]
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>\n{STYLE}\n</style>\n</head>\n<body>",
            f"<h1>{escape(title)}</h1>\n<p>{escape(table.values)}</p>",
            f'<div class="wide"><table>\n<thead><tr>{"".join(head)}</tr></thead>\n<tbody>',
            *body,
            "</tbody>\n</table></div>",
            *(["<ul>", *notes, "</ul>"] if notes else []),
            "</body>\n</html>\n",
        ]
    )


def _labels(wide: pd.DataFrame) -> list[str]:
    return [str(name) for name in wide.index.names]


def _rows(wide: pd.DataFrame) -> list[tuple[list[str], list[str]]]:
    labels = [wide.index.get_level_values(level).astype(str) for level in range(wide.index.nlevels)]
    rows = zip(zip(*labels, strict=True), wide.itertuples(index=False, name=None), strict=True)
    return [(list(row), [str(text) for text in values]) for row, values in rows]


def _kind(*labels: str) -> str:
    """The style of a number, from the labels of its column and row."""
    if any("published" in label for label in labels):
        return "published"
    return "difference" if any("difference" in label for label in labels) else "here"


def _cell(tag: str, attributes: str, label: str, text: str) -> str:
    return f'<{tag}{attributes} data-label="{escape(label)}">{escape(text)}</{tag}>'


def _pipes(parts: list[str]) -> str:
    return "| " + " | ".join(part.replace("|", "\\|").replace("\n", " ") for part in parts) + " |"

"""What the site shows of each page: its words as HTML, and its table or where its picture is."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from oneclass.site.glossary import explained
from oneclass.site.references import linked
from oneclass.tables.render import fragment

EMPHASIS = re.compile(r"\*(.+?)\*")  # all that captions use of reStructuredText
SIDES = re.compile(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"')
PIXELS_PER_POINT = 96 / 72


@dataclass(frozen=True)
class Picture:
    """A figure's file, beside the site, and its size in CSS pixels."""

    path: str
    width: int
    height: int


@dataclass(frozen=True)
class Shown:
    """A page: its words (``caption`` is HTML), its picture or else its table (HTML), and files by what they are."""

    name: str
    heading: str
    caption: str
    picture: Picture | None
    table: str | None
    files: Mapping[str, str]


@dataclass(frozen=True)
class Section:
    """A part of a paper, and its pages."""

    number: str
    title: str
    about: str
    paper: str
    pages: Sequence[Shown]


def sections(entries: Sequence[Mapping[str, Any]], results: Path) -> list[Section]:
    """The pages of ``entries`` (``PagePlan.entry``), whose files are in the folder ``results``, by section."""
    names = {entry["name"] for entry in entries}
    by_section = groupby(entries, key=lambda entry: entry["section"])
    return [Section(**section, pages=[show(entry, results, names) for entry in each]) for section, each in by_section]


def show(entry: Mapping[str, Any], results: Path, names: Collection[str]) -> Shown:
    """One page; addresses are relative to ``results``. Pages in ``names`` are linked where its caption names them."""
    name, kind = entry["name"], entry["kind"]
    is_table = kind == "tables"
    page = results / kind / f"{name}.html"
    files = {suffix: f"{kind}/{name}.{suffix}" for suffix in entry["files"]}
    logs = {"log": f"logs/{kind}/{name}.log", "time and memory": f"benchmarks/{kind}/{name}.tsv"}
    return Shown(
        name,
        entry["heading"],
        caption(entry["caption"], name.split("_")[0], names),
        None if is_table else picture(results, f"{kind}/{name}.svg"),
        fragment(page.read_text(encoding="utf-8")) if is_table else None,
        files | logs,
    )


def caption(text: str, paper: str, names: Collection[str]) -> str:
    """A caption of the catalogue as HTML, with links to the glossary."""
    return explained(emphasised(linked(" ".join(text.split()), paper, names)))


def emphasised(html: str) -> str:
    """``html`` with ``*words*`` emphasised."""
    return EMPHASIS.sub(r"<em>\1</em>", html)


def picture(results: Path, path: str) -> Picture:
    """The figure at ``path`` in ``results``, with the size that its file states; the page then keeps its place.

    Raises ``ValueError`` if it is no SVG with sides in points, as matplotlib writes them.
    """
    with (results / path).open(encoding="utf-8") as file:
        found = SIDES.search(file.read(2000))
    if not found:
        raise ValueError(f"{results / path}: no SVG with a width and a height in points")
    width, height = (round(float(side) * PIXELS_PER_POINT) for side in found.groups())
    return Picture(path, width, height)

"""What the site shows of each claim, from the CSV of claims."""

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from oneclass.claims.claim import PAPERS, UNDECIDED
from oneclass.claims.page import MARKS, STYLES, why_undecided
from oneclass.site.glossary import explained
from oneclass.site.references import linked

DETAILS = {"by_run": "By data set", "by_head": "Heads on frozen features, which do not decide"}


@dataclass(frozen=True)
class Claim:
    """A row of the CSV: a ``number`` with its interval, the ``bar``, ``about`` how it is tested, ``details`` of single
    data sets by what they are; ``place`` and ``about`` are HTML."""

    title: str
    place: str
    published: str
    number: str
    bar: str
    about: str
    details: Mapping[str, str]
    verdict: str
    mark: str
    style: str
    reason: str


@dataclass(frozen=True)
class Claims:
    """All claims by theme, how many of each paper's and of ours have each verdict, ``why`` some have none, and where
    their page is."""

    themes: Sequence[tuple[str, Sequence[Claim]]]
    counts: Sequence[tuple[str, Sequence[tuple[str, int]]]]
    why: str
    page: str


def read(path: Path, pages: Collection[str]) -> Claims:
    """The claims in ``path``, in its order, with links to ``pages`` from their places."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    themes = [
        (theme, [_claim(row, pages) for row in each]) for theme, each in groupby(rows, key=lambda row: row["theme"])
    ]
    verdicts = {title: [row["verdict"] for row in rows if row["paper"] == paper] for paper, title in PAPERS.items()}
    counts = [(title, [(each, some.count(each)) for each in MARKS]) for title, some in verdicts.items() if some]
    undecided = [row for row in rows if row["verdict"] == UNDECIDED]
    why = why_undecided(len(undecided), sum(not row["here"] for row in undecided))
    return Claims(themes, counts, why, path.with_suffix(".html").name)


def _claim(row: dict[str, str], pages: Collection[str]) -> Claim:
    verdict = row["verdict"]
    place = explained(linked(", ".join(filter(None, [PAPERS[row["paper"]], row["place"]])), row["paper"], pages))
    about = explained(escape(f"{row['statistic']} The claim is true if this is {row['bar']}."))
    marks = (MARKS[verdict], STYLES[verdict], row["reason"])
    number = f"{row['number']} {row['unit']}" if row["here"] else "–"
    details = {shown: row[name] for name, shown in DETAILS.items() if row[name]}
    return Claim(row["title"], place, row["published"], number, row["bar"], about, details, verdict, *marks)

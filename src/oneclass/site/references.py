"""Links from a text to the tables and figures that it names."""

import re
from collections.abc import Collection
from html import escape

NAMED = re.compile(r"\b(Table|Figure)(s?) (S?\d+(?:(?:, | and )S?\d+)*)(?P<other> of the other paper)?")
NUMBER = re.compile(r"S?\d+")
KINDS = {"Table": "table", "Figure": "fig"}
OTHER = {"objective": "exposure", "exposure": "objective"}


def linked(text: str, paper: str, pages: Collection[str]) -> str:
    """``text`` as HTML, in which ``Table 4`` and ``Figures 18 and 21`` lead to the ``pages`` of ``paper`` so called."""

    def link(found: re.Match[str]) -> str:
        owner = OTHER[paper] if found["other"] else paper
        numbers = NUMBER.sub(lambda number: _link(f"{owner}_{KINDS[found[1]]}{number[0]}", number[0], pages), found[3])
        return f"{found[1]}{found[2]} {numbers}{found['other'] or ''}"

    return NAMED.sub(link, escape(text)) if paper in OTHER else escape(text)


def _link(page: str, text: str, pages: Collection[str]) -> str:
    return f'<a href="#{page}">{text}</a>' if page in pages else text

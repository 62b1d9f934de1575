"""What the entry of a page says. A page is a table or a figure of a paper, or one beyond it."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from oneclass.plan.plan import Plan

Reads = Mapping[str, list[str]]
NUMBERED = re.compile(r"(?:objective|exposure)_(table|fig)(S?\d+)")


@dataclass(frozen=True)
class Page:
    """A page called ``name``: so are its rule and its files, and the part after the paper's name is as in the paper.

    ``title`` and ``caption`` (reStructuredText) are for readers, ``section`` is the report's. ``build`` names the
    function that makes it, ``tables.module:function`` or ``figures.module:function``; it is given what the page
    ``reads``, a list of files by keyword (their kinds: ``pages``), and the ``settings``, by keyword too. A page whose
    ``reads`` are None, or all empty, cannot be made from a configuration.
    """

    name: str
    title: str
    section: str
    build: str
    caption: str
    reads: Callable[[Plan], Reads | None]
    settings: Callable[[Plan], Mapping[str, Any]] = lambda plan: {}

    @property
    def kind(self) -> str:
        """``tables`` or ``figures``."""
        return self.build.split(".")[0]

    @property
    def module(self) -> str:
        """The module of its function, such as ``tables.objective``."""
        return self.build.split(":")[0]

    @property
    def paper(self) -> str:
        """``objective`` or ``exposure``."""
        return self.name.split("_")[0]

    @property
    def number(self) -> str:
        """The paper's number of it, such as ``4`` or ``S2``; empty for a page beyond the paper."""
        match = NUMBERED.fullmatch(self.name)
        return match[2] if match else ""

    @property
    def heading(self) -> str:
        """``Table 4. Distribution of the centre``."""
        if not self.number:
            return self.title
        return f"{'Table' if self.kind == 'tables' else 'Figure'} {self.number}. {self.title}"

    @property
    def text(self) -> str:
        """The caption, without the indentation that it has in the source."""
        return inspect.cleandoc(self.caption)

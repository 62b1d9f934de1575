"""What the entry of a page says. A page is a table or a figure of a paper, or one beyond it."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from oneclass.plan.plan import Plan

Reads = Mapping[str, list[str]] | None
Settings = Mapping[str, Any]
NUMBERED = re.compile(r"(?:objective|exposure)_(table|fig)(S?\d+)")


class Shown(Protocol):
    """What a page shows of a run."""

    @property
    def needs(self) -> str:
        """What a configuration must have for it: the key of a section, and what must be in there."""

    def reads(self, plan: Plan, /) -> Reads:
        """The files that it is made from, by keyword; None, or no file at all, where a configuration lacks them."""

    def settings(self, plan: Plan, /) -> Settings:
        """What its function is told besides, by keyword."""


@dataclass(frozen=True)
class Files:
    """``Shown`` by two functions."""

    needs: str
    reads: Callable[[Plan], Reads]
    settings: Callable[[Plan], Settings] = lambda plan: {}


@dataclass(frozen=True)
class Section:
    """A part of a paper's results. ``number`` is the paper's and its own, such as 2.4: names sort in their order.

    ``about`` says what its pages ask, to someone who has not read the paper.
    """

    number: str
    title: str
    about: str

    @property
    def name(self) -> str:
        """``2.4 Transfer learning and CLIP``."""
        return f"{self.number} {self.title}"

    @property
    def paper(self) -> str:
        """``1`` or ``2``."""
        return self.number.split(".")[0]


@dataclass(frozen=True)
class Page:
    """A page called ``name``: so are its rule and its files, and the part after the paper's name is as in the paper.

    ``build`` names the function that makes it, ``tables.module:function`` or
    ``figures.module:function``; it is given what ``shown`` reads, and its settings (see ``pages.make``).
    """

    name: str
    section: Section
    build: str
    shown: Shown
    title: str = ""
    caption: str = ""

    def about(self, text: str) -> "Page":
        """The page with a title, the first line of ``text``, and a caption in reStructuredText, the rest."""
        title, _, caption = inspect.cleandoc(text).partition("\n")
        return replace(self, title=title, caption=caption.strip())

    @property
    def kind(self) -> str:
        """``tables`` or ``figures``."""
        return self.build.split(".")[0]

    @property
    def module(self) -> str:
        """The module of its function, such as ``tables.objective``."""
        return self.build.split(":")[0]

    @property
    def number(self) -> str:
        """The paper's number of it, such as ``4`` or ``S2``; empty for a page beyond the paper."""
        match = NUMBERED.fullmatch(self.name)
        return match[2] if match else ""

    @property
    def heading(self) -> str:
        """``Table 4. Distribution of the hypersphere centre``."""
        kind = {"tables": "Table", "figures": "Figure"}[self.kind]
        return f"{kind} {self.number}. {self.title}" if self.number else self.title

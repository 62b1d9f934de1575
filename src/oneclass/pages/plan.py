"""What a page is made from and into, for one configuration."""

from collections.abc import Iterable
from dataclasses import asdict
from functools import cached_property
from typing import Any

from oneclass.errors import UserError
from oneclass.pages.catalogue import PAGES
from oneclass.pages.page import Page, Reads
from oneclass.plan.plan import Plan

SUFFIXES = {"tables": ("html", "csv", "md"), "figures": ("svg", "png", "csv")}
SHOWN = {"tables": "html", "figures": "svg"}  # in the report


class PagePlan:
    """``page`` under ``plan``."""

    def __init__(self, page: Page, plan: Plan) -> None:
        self.page, self._plan = page, plan

    @cached_property
    def _reads(self) -> Reads:
        return self.page.shown.reads(self._plan)

    @property
    def is_made(self) -> bool:
        """Whether the configuration has what the page shows."""
        return self._reads is not None and (not self._reads or any(self._reads.values()))

    @property
    def inputs(self) -> dict[str, list[str]]:
        """The files that it reads, by keyword."""
        return {name: files for name, files in (self._reads or {}).items() if files}

    @property
    def outputs(self) -> dict[str, str]:
        """Its files, by suffix."""
        folder = f"results/{self.page.kind}/{self.page.name}"
        return {suffix: f"{folder}.{suffix}" for suffix in SUFFIXES[self.page.kind]}

    @property
    def shown(self) -> str:
        """The suffix of the file that the report shows."""
        return SHOWN[self.page.kind]

    @property
    def entry(self) -> dict[str, Any]:
        """What a list of pages says about it."""
        page = self.page
        told = {"name": page.name, "kind": page.kind, "heading": page.heading, "caption": page.caption}
        return told | {"section": asdict(page.section) | {"paper": page.section.paper}, "files": list(self.outputs)}

    @property
    def settings(self) -> dict[str, Any]:
        """What ``pages.make`` needs to know."""
        return {
            "build": self.page.build,
            "heading": self.page.heading,
            "number": self.page.number,
            "paper": self.page.name.split("_")[0],
            "settings": dict(self.page.shown.settings(self._plan)),
            "labels": self._plan.labels,
        }


def planned(plan: Plan) -> list[PagePlan]:
    """The pages that the configuration can make, in the order of the catalogue."""
    return [page for page in (PagePlan(page, plan) for page in PAGES) if page.is_made]


def require(plan: Plan, asked: Iterable[str]) -> None:
    """Raise ``UserError`` if a page, or a file of one, is ``asked`` for that the configuration cannot make."""
    words = {*asked}
    for page in (PagePlan(page, plan) for page in PAGES):
        if {page.page.name, *page.outputs.values()} & words and not page.is_made:
            raise UserError(f"{page.page.name} cannot be made: the configuration lacks {page.page.shown.needs}")

"""What the page of claims is made from and into, for one configuration."""

from typing import Any

from oneclass.claims.catalogue import CLAIMS
from oneclass.plan.plan import Plan

OUTPUTS = {suffix: f"results/claims.{suffix}" for suffix in ("html", "csv", "md")}
SOURCES = {source.name: source for claim in CLAIMS for source in claim.sources}


class ClaimsPlan:
    """The claims under ``plan``."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.inputs = {name: files for name, source in SOURCES.items() if (files := source.files(plan))}

    @property
    def is_made(self) -> bool:
        """Whether the configuration runs anything that a claim is about."""
        return bool(self.inputs)

    @property
    def settings(self) -> dict[str, Any]:
        """What ``claims.make`` needs to know: the names for readers, and why a source has no files."""
        lacking = {name: why for name, source in SOURCES.items() if (why := source.lacks(self._plan))}
        return {"labels": self._plan.labels, "lacking": lacking, "seed": self._plan.config.seed}

"""What the pages of paper 2 show of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oneclass.pages.page import Reads
from oneclass.plan.plan import Plan

ONE_VS_REST, LEAVE_ONE_OUT, DEFECT = ["one_vs_rest"], ["leave_one_out"], ["defect"]
EVOLVED, AT_RANDOM = ("best", "worst"), ("random",)
UNFILTERED, FILTERED = ("none",), ("lpf", "hpf")


@dataclass(frozen=True)
class Sweep:
    """The runs of a sweep: of ``tasks``, and of networks for 32-pixel images (``small``) or others, if given; with
    ``clip``, CLIP on the same kind of data, too. ``told``: further settings."""

    name: str
    tasks: list[str] | None = None
    small: bool | None = None
    clip: bool = False
    told: Mapping[str, Any] = field(default_factory=dict)

    def _files(self, plan: Plan) -> tuple[list[str], list[str]]:
        runs = plan.exposure.metrics(self._runs(plan)) if plan.exposure else []
        return runs, plan.clip.metrics(self.tasks, self.small) if self.clip and plan.clip else []

    def _runs(self, plan: Plan) -> list[Any]:
        return plan.exposure.runs(self.name, self.tasks, self.small) if plan.exposure else []

    def reads(self, plan: Plan) -> Reads:
        """Their metrics."""
        runs, clip = self._files(plan)
        pools = {run.pool for _, run in self._runs(plan)} if runs else set()
        return {"summary": runs + clip, "pools": _indexes(plan, pools)}

    def settings(self, plan: Plan) -> dict[str, Any]:
        """How they are trained."""
        setup = plan.exposure.describe(self._runs(plan)) if plan.exposure else []
        return {"setup": setup + (plan.clip.describe() if plan.clip and self._files(plan)[1] else []), **self.told}


@dataclass(frozen=True)
class Curves(Sweep):
    """The runs of a sweep, drawn against a number, which is among the settings."""

    def settings(self, plan: Plan) -> dict[str, Any]:
        """What is drawn against what."""
        return dict(self.told)


@dataclass(frozen=True)
class Frequencies:
    """The sweep of filters of one ``kind``, on networks for 32-pixel images (``small``) or others."""

    kind: str
    small: bool

    def _runs(self, plan: Plan) -> list[Any]:
        runs = plan.exposure.runs("frequencies", None, self.small) if plan.exposure else []
        return runs if any(name.startswith(self.kind) for _, run in runs for name in run.filters) else []

    def reads(self, plan: Plan) -> Reads:
        """Metrics, and the indexes of the images that are shown."""
        if not plan.exposure or not self._runs(plan):
            return None
        datasets = sorted({run.dataset for _, run in self._runs(plan)})
        indexes = [plan.images.index(name) for name in datasets]
        return {"summary": plan.exposure.metrics(self._runs(plan)), "indexes": indexes}

    def settings(self, plan: Plan) -> dict[str, Any]:
        """How the networks see images."""
        geometries = {run.dataset: plan.images.seen_by(run.network, run.dataset) for _, run in self._runs(plan)}
        return {"kind": self.kind, "geometries": geometries, **_filtering(plan)}


@dataclass(frozen=True)
class Searches:
    """The searches with kinds of ``filters``, in ``directions``, and of networks for 32-pixel images (``small``) or
    others, if given. ``beside``: filters and directions of further searches, with which they are compared."""

    filters: tuple[str, ...] | None
    directions: tuple[str, ...]
    small: bool | None = None
    beside: tuple[tuple[str, ...] | None, tuple[str, ...]] | None = None

    def reads(self, plan: Plan) -> Reads:
        """Their histories."""
        files = plan.search.files(self.small, self.filters, self.directions) if plan.search else []
        if not plan.search or not files:
            return None
        searches = files + (plan.search.files(None, *self.beside) if self.beside else [])
        return {"searches": searches, "pools": _indexes(plan, {run.pool for run in plan.search.section.runs})}

    def settings(self, plan: Plan) -> dict[str, Any]:
        """How outliers are searched for."""
        return {"setup": plan.search.describe() if plan.search else []}


@dataclass(frozen=True)
class Progress(Searches):
    """The histories of searches, and nothing about them."""

    def settings(self, plan: Plan) -> dict[str, Any]:
        """Nothing."""
        return {}


@dataclass(frozen=True)
class Gallery(Searches):
    """The pictures that searches found: of all classes, or of ``examples`` alone."""

    examples: bool = False

    def reads(self, plan: Plan) -> Reads:
        """The histories, and the indexes of data sets and pools."""
        files = super().reads(plan)
        return {**files, "indexes": plan.search.indexes(self.small)} if files and plan.search else None

    def settings(self, plan: Plan) -> dict[str, Any]:
        """How pictures are shown."""
        assert plan.search
        classes = plan.search.section.figure_classes if self.examples else None
        return {"geometries": plan.search.geometries(), "classes": classes, **_filtering(plan)}


@dataclass(frozen=True)
class Pretrained:
    """CLIP and fine-tuned backbones: on data sets of ``tasks``, and of thumbnails or larger images, if given."""

    tasks: list[str] | None = None
    thumbnails: bool | None = None
    told: Mapping[str, Any] = field(default_factory=dict)

    def _files(self, plan: Plan) -> tuple[list[str], list[str]]:
        clip, transfer = (
            part.metrics(self.tasks, self.thumbnails) if part else [] for part in (plan.clip, plan.transfer)
        )
        return clip, transfer

    def reads(self, plan: Plan) -> Reads:
        """Their metrics."""
        clip, transfer = self._files(plan)
        tuned = {run.pool for run in plan.clip.section.runs()} if plan.clip and clip else set()
        shown = {*plan.transfer.section.pools.values()} if plan.transfer and transfer else set()
        return {"summary": clip + transfer, "pools": _indexes(plan, tuned | shown)}

    def settings(self, plan: Plan) -> dict[str, Any]:
        """How they are run."""
        parts = zip((plan.clip, plan.transfer), self._files(plan), strict=True)
        return {"setup": [line for part, files in parts if part and files for line in part.describe()], **self.told}


def _indexes(plan: Plan, pools: set[str]) -> list[str]:
    """The indexes of ``pools``, which say how many pictures were left out."""
    return [plan.images.index(name) for name in sorted(pools)]


def _filtering(plan: Plan) -> dict[str, Any]:
    assert plan.exposure
    return {"high_pass_width": plan.exposure.section.high_pass_width, "seed": plan.config.seed}

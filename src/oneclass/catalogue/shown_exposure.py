"""Which files the pages of paper 2 read under a plan, and their settings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oneclass.catalogue.page import Reads
from oneclass.plan.plan import Plan

ONE_VS_REST, LEAVE_ONE_OUT, DEFECT = ["one_vs_rest"], ["leave_one_out"], ["defect"]
EVOLVED, AT_RANDOM = ("best", "worst"), ("random",)
UNFILTERED, FILTERED = ("none",), ("lpf", "hpf")


@dataclass(frozen=True)
class Sweep:
    """What a page shows of a sweep: of ``tasks``, and of networks for 32-pixel images (``small``) or others, if given;
    with ``clip``, CLIP on the same kind of data, too."""

    name: str
    tasks: list[str] | None = None
    small: bool | None = None
    clip: bool = False

    def runs(self, plan: Plan) -> list[Any]:
        """The runs that are shown."""
        return plan.exposure.runs(self.name, self.tasks, self.small) if plan.exposure else []

    def reads(self, plan: Plan) -> Reads:
        """Their metrics."""
        summary = plan.exposure.metrics(self.runs(plan)) if plan.exposure else []
        return {"summary": summary + self._clip(plan)}

    def setup(self, plan: Plan) -> dict[str, Any]:
        """How they are trained."""
        setup = plan.exposure.describe(self.runs(plan)) if plan.exposure else []
        return {"setup": setup + (plan.clip.describe() if plan.clip and self._clip(plan) else [])}

    def settings(self, **further: Any) -> Callable[[Plan], dict[str, Any]]:
        """The settings of a table."""
        return lambda plan: self.setup(plan) | further

    def _clip(self, plan: Plan) -> list[str]:
        return plan.clip.metrics(self.tasks, self.small) if self.clip and plan.clip else []


@dataclass(frozen=True)
class Frequencies:
    """What a page shows of the sweep of filters of one ``kind``."""

    kind: str
    small: bool

    def _runs(self, plan: Plan) -> list[Any]:
        runs = plan.exposure.runs("frequencies", None, self.small) if plan.exposure else []
        return runs if any(name.startswith(self.kind) for _, run in runs for name in run.filters) else []

    def reads(self, plan: Plan) -> Reads | None:
        """Metrics, and the indexes of the images that are shown."""
        if not plan.exposure or not self._runs(plan):
            return None
        datasets = sorted({run.dataset for _, run in self._runs(plan)})
        return {
            "summary": plan.exposure.metrics(self._runs(plan)),
            "indexes": [plan.images.index(name) for name in datasets],
        }

    def settings(self, plan: Plan) -> dict[str, Any]:
        """How the networks see images."""
        assert plan.exposure
        return {
            "kind": self.kind,
            "geometries": {run.dataset: plan.images.seen_by(run.network, run.dataset) for _, run in self._runs(plan)},
            "high_pass_width": plan.exposure.section.high_pass_width,
            "seed": plan.config.seed,
        }


@dataclass(frozen=True)
class Searches:
    """What a page shows of the searches: of kinds of ``filters``, ``directions``, and networks for 32-pixel images
    (``small``) or others, if given. ``beside``: further searches, with which they are compared."""

    filters: tuple[str, ...] | None
    directions: tuple[str, ...]
    small: bool | None = None
    beside: tuple[tuple[str, ...] | None, tuple[str, ...]] | None = None

    def reads(self, plan: Plan) -> Reads | None:
        """Their histories."""
        files = plan.search.files(self.small, self.filters, self.directions) if plan.search else []
        if not plan.search or not files:
            return None
        return {"searches": files + (plan.search.files(None, *self.beside) if self.beside else [])}

    def settings(self, plan: Plan) -> dict[str, Any]:
        """How outliers are searched for."""
        return {"setup": plan.search.describe() if plan.search else []}

    def with_indexes(self, plan: Plan) -> Reads | None:
        """Their histories, and the indexes of data sets and pools."""
        files = self.reads(plan)
        return {**files, "indexes": plan.search.indexes(self.small)} if files and plan.search else None

    def gallery(self, class_count: int | None = None) -> Callable[[Plan], dict[str, Any]]:
        """How pictures are shown, of at most ``class_count`` classes of each run."""

        def settings(plan: Plan) -> dict[str, Any]:
            assert plan.search and plan.exposure
            return {
                "geometries": plan.search.geometries(),
                "high_pass_width": plan.exposure.section.high_pass_width,
                "seed": plan.config.seed,
                "class_count": class_count,
            }

        return settings


def pretrained(
    tasks: list[str] | None = None, thumbnails: bool | None = None
) -> tuple[Callable[[Plan], Reads], Callable[[Plan], dict[str, Any]]]:
    """What a page of CLIP and fine-tuned backbones reads, and how they are run."""

    def files(plan: Plan) -> tuple[list[str], list[str]]:
        clip = plan.clip.metrics(tasks, thumbnails) if plan.clip else []
        return clip, plan.transfer.metrics(tasks, thumbnails) if plan.transfer else []

    def reads(plan: Plan) -> Reads:
        clip, tuned = files(plan)
        return {"summary": clip + tuned}

    def settings(plan: Plan) -> dict[str, Any]:
        clip, tuned = files(plan)
        setup = plan.clip.describe() if plan.clip and clip else []
        return {"setup": setup + (plan.transfer.describe() if plan.transfer and tuned else [])}

    return reads, settings

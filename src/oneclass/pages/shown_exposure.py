"""What the pages of paper 2 show of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oneclass.catalogue.networks import NETWORKS
from oneclass.pages.page import Reads
from oneclass.plan.images import THUMBNAIL
from oneclass.plan.plan import Plan

ONE_VS_REST, LEAVE_ONE_OUT, DEFECT = ["one_vs_rest"], ["leave_one_out"], ["defect"]
EVOLVED, AT_RANDOM = ("best", "worst"), ("random",)
UNFILTERED, FILTERED = ("none",), ("lpf", "hpf")


@dataclass(frozen=True)
class Sweep:
    """The runs of a sweep: of ``tasks``, and of networks for 32-pixel images (``small``) or others, if given; with
    ``clip``, CLIP on the same kind of data, too, and with ``baselines`` the systems of other papers that are trained on
    its images. ``told``: further settings."""

    name: str
    tasks: list[str] | None = None
    small: bool | None = None
    clip: bool = False
    baselines: bool = False
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs(self) -> str:
        """A run of the sweep, or CLIP."""
        runs = f"exposure.{self.name}{_with_run(self.tasks, self.small)}"
        others = [name for name, shown in (("clip", self.clip), ("baselines", self.baselines)) if shown]
        return f"{runs}; or {' or '.join(others)}{_with_images(self.tasks, self.small)}" if others else runs

    def _files(self, plan: Plan) -> tuple[list[str], list[str]]:
        runs = plan.exposure.metrics(self._runs(plan)) if plan.exposure else []
        return runs, plan.clip.metrics(self.tasks, self.small) if self.clip and plan.clip else []

    def _compared(self, plan: Plan) -> list[str]:
        if not plan.baselines or not self.baselines:
            return []
        return plan.baselines.metrics(plan.baselines.datasets(self.tasks, self.small), pretrained=False)

    def _runs(self, plan: Plan) -> list[Any]:
        return plan.exposure.runs(self.name, self.tasks, self.small) if plan.exposure else []

    def reads(self, plan: Plan) -> Reads:
        """Their metrics."""
        runs, clip = self._files(plan)
        pools = {run.pool for _, run in self._runs(plan)} if runs else set()
        return {"summary": [*runs, *clip, *self._compared(plan)], "pools": _indexes(plan, pools)}

    def settings(self, plan: Plan) -> dict[str, Any]:
        """How they are trained."""
        setup = plan.exposure.describe(self._runs(plan)) if plan.exposure else []
        setup += plan.clip.describe() if plan.clip and self._files(plan)[1] else []
        return {"setup": setup + _describe(plan, self._compared(plan)), **self.told}


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

    @property
    def needs(self) -> str:
        """A run with such a filter."""
        return f"exposure.frequencies{_with_run(None, self.small, (self.kind,))}"

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

    @property
    def needs(self) -> str:
        """Such a search."""
        return f"exposure.search{_with_run(None, self.small, self.filters, self.directions)}"

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
    """CLIP, fine-tuned backbones, and systems that start from one: on data sets of ``tasks``, of thumbnails or larger
    images, if given."""

    tasks: list[str] | None = None
    thumbnails: bool | None = None
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs(self) -> str:
        """A data set of either section."""
        return f"clip or transfer or baselines{_with_images(self.tasks, self.thumbnails)}"

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
        return {"summary": [*clip, *transfer, *self._compared(plan)], "pools": _indexes(plan, tuned | shown)}

    def settings(self, plan: Plan) -> dict[str, Any]:
        """How they are run."""
        parts = zip((plan.clip, plan.transfer), self._files(plan), strict=True)
        setup = [line for part, files in parts if part and files for line in part.describe()]
        return {"setup": setup + _describe(plan, self._compared(plan)), **self.told}

    def _compared(self, plan: Plan) -> list[str]:
        if not plan.baselines:
            return []
        return plan.baselines.metrics(plan.baselines.datasets(self.tasks, self.thumbnails), pretrained=True)


def _with_run(
    tasks: list[str] | None, small: bool | None, filters: tuple[str, ...] | None = None, directions: Sequence[str] = ()
) -> str:
    """What of a section a page shows, in words."""
    networks = [name for name, network in NETWORKS.items() if network.small == small]
    wanted = {"task": tasks, "network": networks, "filter": filters, "direction": directions}
    words = [f"{key} {' or '.join(values)}" for key, values in wanted.items() if values]
    return f", with a run of {', '.join(words)}" if words else ""


def _with_images(tasks: list[str] | None, thumbnails: bool | None) -> str:
    """On which data sets a page shows pretrained networks, in words."""
    words = [f"task {tasks[0]}"] if tasks else []
    words += [] if thumbnails is None else [f"{'at most' if thumbnails else 'more than'} {THUMBNAIL} pixels a side"]
    return f", with a data set of {', '.join(words)}" if words else ""


def _describe(plan: Plan, baselines: list[str]) -> list[str]:
    """How the systems with the metrics ``baselines`` are trained."""
    return plan.baselines.describe(baselines) if plan.baselines else []


def _indexes(plan: Plan, pools: set[str]) -> list[str]:
    """The indexes of ``pools``, which say how many pictures were left out."""
    return [plan.images.index(name) for name in sorted(pools)]


def _filtering(plan: Plan) -> dict[str, Any]:
    assert plan.exposure
    return {"high_pass_width": plan.exposure.section.high_pass_width, "seed": plan.config.seed}

"""What the page of claims is made from and into, for one configuration."""

from collections.abc import Callable
from typing import Any, Literal

from oneclass.claims.catalogue import SOURCES
from oneclass.plan.plan import Plan

Files = Callable[[Plan], list[str]]
NO_CLIP = (
    "the configuration runs no CLIP (section clip) but a miniature, which was trained on the classes that it is asked "
    "about"
)


def _fits(fit: str, stage: Literal["scores", "history"] = "scores") -> Files:
    return lambda plan: [
        path for part in plan.protocols if fit in {run.name for run in part.fits} for path in part.all_parts(stage, fit)
    ]


def _compared_projectors(plan: Plan) -> list[str]:
    parts = [(part, name) for part in plan.protocols for name in part.section.compared_projectors]
    return [path for part, name in parts for path in part.parts("scores", "algorithm1", name)]


def _similarity(plan: Plan) -> list[str]:
    return [path for part in plan.protocols for path in part.metrics("similarity")]


def _pixels(plan: Plan) -> list[str]:
    files = plan.maps.metrics("projector", "comparators") if plan.maps else []
    return [path.replace(".parquet", "_repetitions.parquet") for path in files]


def _online(plan: Plan) -> list[str]:
    return plan.maps.all_parts("scores", "online") if plan.maps and plan.maps.online else []


def _sweep(name: str) -> Files:
    def files(plan: Plan) -> list[str]:
        if not plan.exposure:
            return []
        folder = f"results/scores/exposure/{name}"
        runs = [(run, f"{folder}/{run.dataset}/{run.pool}/{run.network}") for _, run in plan.exposure.runs(name)]
        return [
            path for run, place in runs for path in plan.exposure.part_files(f"{place}/{{part}}.parquet", run.dataset)
        ]

    return files


def _clip(plan: Plan) -> list[str]:
    if not plan.clip or plan.clip.model.miniature:
        return []
    folder = "results/scores/clip/{dataset}/" + plan.clip.section.model
    tuned = [run.dataset for run in plan.clip.section.runs()]
    return [f"{folder.format(dataset=name)}/zero_shot.parquet" for name in plan.clip.section.datasets] + [
        path
        for name in tuned
        for path in plan.clip.part_files(f"{folder.format(dataset=name)}/fine_tuned/{{part}}.parquet", name)
    ]


def _transfer(plan: Plan) -> list[str]:
    if not plan.transfer:
        return []
    section = plan.transfer.section
    return [f"results/scores/transfer/{name}/{section.backbone}.parquet" for name in section.datasets]


FILES: dict[str, Files] = {  # by source
    "projector": _fits("projector"),
    "closed_form": _fits("closed_form"),
    "comparators": _fits("comparators"),
    "projectors": _compared_projectors,
    "online": _online,
    "pixels": _pixels,
    "similarity": _similarity,
    "agreement": _fits("projector"),
    "projected": _fits("projector", "history"),
    "settling": _fits("projector", "history"),
    "stopping": _fits("closed_form", "history"),
    **{name: _sweep(name) for name in ("benchmark", "counts", "diversity", "radial", "gamma")},
    "searches": lambda plan: plan.search.files() if plan.search else [],
    "clip": _clip,
    "transfer": _transfer,
}


class ClaimsPlan:
    """The claims under ``plan``."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.inputs = {name: files for name in SOURCES if (files := FILES[name](plan))}

    @property
    def is_made(self) -> bool:
        """Whether the configuration runs anything that a claim is about."""
        return bool(self.inputs)

    @property
    def settings(self) -> dict[str, Any]:
        """What ``claims.make`` needs to know: the names for readers, and why a source has no files."""
        lacking = {name: f"the configuration has no section {source.section}" for name, source in SOURCES.items()}
        if self._plan.clip:
            lacking["clip"] = NO_CLIP
        lacking = {name: why for name, why in lacking.items() if name not in self.inputs}
        return {"labels": self._plan.labels, "lacking": lacking, "seed": self._plan.config.seed}

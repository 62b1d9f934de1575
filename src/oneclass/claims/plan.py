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
        part = plan.exposure
        if not part:
            return []
        found = []
        for _, run in part.runs(name):
            path = part.pattern.format(sweep=name, dataset=run.dataset, pool=run.pool, network=run.network)
            found += part.part_files(f"results/scores/{path}/{{part}}.parquet", run.dataset)
        return found

    return files


def _clip(plan: Plan) -> list[str]:
    part = plan.clip
    if not part or part.model.miniature:
        return []
    model = part.section.model
    found = [f"results/scores/clip/{dataset}/{model}/zero_shot.parquet" for dataset in part.section.datasets]
    for run in part.section.runs():
        path = part.pattern.format(dataset=run.dataset, clip=model)
        found += part.part_files(f"results/scores/{path}/{{part}}.parquet", run.dataset)
    return found


def _transfer(plan: Plan) -> list[str]:
    part = plan.transfer
    if not part:
        return []
    paths = [part.pattern.format(dataset=name, backbone=part.section.backbone) for name in part.section.datasets]
    return [f"results/scores/{path}.parquet" for path in paths]


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

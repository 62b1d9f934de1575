"""The files of a run that claims are tested on, by what made them. Light: the Snakefile asks for them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from oneclass.plan.plan import Plan

Kind = Literal["auroc", "agreement", "metrics", "history", "settling", "stopping", "searches"]
NO_CLIP = (
    "the configuration runs no CLIP (section clip) but a miniature, which was trained on the classes that it is asked "
    "about"
)


@dataclass(frozen=True)
class Source:
    """Files called ``name``, of which ``claims.rows`` makes numbers as ``kind`` says. ``section`` is the
    configuration's that they come of."""

    name: str
    kind: Kind
    files: Callable[[Plan], list[str]]
    section: str

    def lacks(self, plan: Plan) -> str:
        """Why there are none; nothing if there are some."""
        if self.files(plan):
            return ""
        return NO_CLIP if self.name == "clip" and plan.clip else f"the configuration has no section {self.section}"


def _fits(fit: str, stage: Literal["scores", "history"] = "scores") -> Callable[[Plan], list[str]]:
    return lambda plan: [path for part in plan.protocols for path in part.all_parts(stage, fit)]


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


def _sweep(name: str) -> Source:
    def files(plan: Plan) -> list[str]:
        if not plan.exposure:
            return []
        folder = f"results/scores/exposure/{name}"
        runs = [(run, f"{folder}/{run.dataset}/{run.pool}/{run.network}") for _, run in plan.exposure.runs(name)]
        return [
            path for run, place in runs for path in plan.exposure.part_files(f"{place}/{{part}}.parquet", run.dataset)
        ]

    return Source(name, "auroc", files, f"exposure.{name}")


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


PROTOCOLS = "objective or localisation"
PROJECTOR = Source("projector", "auroc", _fits("projector"), PROTOCOLS)
CLOSED_FORM = Source("closed_form", "auroc", _fits("closed_form"), PROTOCOLS)
COMPARATORS = Source("comparators", "auroc", _fits("comparators"), PROTOCOLS)
PROJECTORS = Source(
    "projectors", "auroc", _compared_projectors, "objective.compared_projectors or localisation.compared_projectors"
)
ONLINE = Source("online", "auroc", _online, "localisation with online")
PIXELS = Source("pixels", "metrics", _pixels, "localisation")
SIMILARITY = Source("similarity", "metrics", _similarity, PROTOCOLS)
AGREEMENT = Source("agreement", "agreement", _fits("projector"), PROTOCOLS)
PROJECTED = Source("projected", "history", _fits("projector", "history"), PROTOCOLS)
SETTLING = Source("settling", "settling", _fits("projector", "history"), PROTOCOLS)
STOPPING = Source("stopping", "stopping", _fits("closed_form", "history"), PROTOCOLS)
BENCHMARK, COUNTS, DIVERSITY, RADIAL, GAMMA = map(_sweep, ("benchmark", "counts", "diversity", "radial", "gamma"))
SEARCHES = Source("searches", "searches", lambda plan: plan.search.files() if plan.search else [], "exposure.search")
CLIP = Source("clip", "auroc", _clip, "clip")
TRANSFER = Source("transfer", "auroc", _transfer, "transfer")

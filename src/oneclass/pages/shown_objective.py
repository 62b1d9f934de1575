"""What the pages of paper 1 show of a run."""

from typing import Any

from oneclass.config.objective import Localisation
from oneclass.pages.page import Files, Reads
from oneclass.plan.objective import ProtocolPlan
from oneclass.plan.plan import Plan

VECTORS = EITHER = "objective"  # no configuration has localisation without it
MAPS, ONLINE = "localisation", "localisation, with online: true"


def _metrics(plan: Plan, *fits: str) -> list[str]:
    """Metrics of ``fits``, or of all trained methods, in both protocols."""
    return [path for part in plan.protocols for path in part.metrics(*(fits or part.trained))]


def _references(plan: Plan) -> dict[str, Any]:
    """The settings that are held fixed, of each protocol that is run."""
    return {"settings": [part.reference() for part in plan.protocols]}


def _of_vectors(plan: Plan) -> dict[str, Any]:
    return {"settings": [plan.vectors.reference()]} if plan.vectors else {}


def _on_maps(compared: bool = False, **settings: Any) -> Files:
    """Metrics of the trained methods on maps, and of what they are ``compared`` with."""

    def fits(maps: ProtocolPlan) -> list[str]:
        return [*maps.trained, *(maps.compared if compared else [])]

    def told(maps: ProtocolPlan) -> dict[str, Any]:
        return settings | ({"training": maps.describe()} if compared else {})

    return Files(
        MAPS,
        lambda plan: {"summary": plan.maps.metrics(*fits(plan.maps))} if plan.maps else None,
        lambda plan: {"settings": [plan.maps.reference()], **told(plan.maps)} if plan.maps else {},
    )


def _fine_tuned(plan: Plan) -> list[str]:
    """The data sets on which fine-tuned networks are beside the projector, with the same backbone."""
    if not plan.transfer or not plan.vectors or plan.transfer.section.backbone != plan.vectors.section.backbone:
        return []
    return [name for name in plan.vectors.section.datasets if name in plan.transfer.section.datasets]


def _table1(plan: Plan) -> Reads:
    if not plan.vectors:
        return None
    first, tuned = plan.vectors.section.datasets[0], _fine_tuned(plan)
    summary = plan.vectors.metrics(*plan.vectors.trained, *plan.vectors.compared)
    return {
        "summary": [*summary, *(plan.transfer.metrics_on(tuned) if plan.transfer else []), *_baselines(plan)],
        "features": [plan.vectors.inputs(first, plan.vectors.section.backbone)["features"]],
        "sizes": plan.transfer.size(tuned) if plan.transfer else [],
    }


def _baselines(plan: Plan) -> list[str]:
    """The metrics of the systems of other papers that are trained on normal images alone."""
    if not plan.baselines or not plan.vectors:
        return []
    return plan.baselines.metrics(plan.vectors.section.datasets, outliers=False)


def _about_training(plan: Plan) -> dict[str, Any]:
    tuned = plan.transfer.describe() if plan.transfer and _fine_tuned(plan) else []
    return _of_vectors(plan) | {
        "training": tuned + (plan.baselines.describe(_baselines(plan)) if plan.baselines else [])
    }


def _datasets(plan: Plan) -> list[str]:
    return list(dict.fromkeys(name for part in plan.protocols for name in part.section.datasets))


def _classes(plan: Plan) -> dict[str, dict[str, str]]:
    """The class that figures of a single one show of each data set, by protocol; of Protocol B one data set's."""
    shown = {}
    for part in plan.protocols:
        names = part.section.datasets
        if part is plan.maps:
            names = [_pictured(part)]
        shown[part.protocol] = {name: part.figure_class(name) for name in names}
    return shown


def _scores(plan: Plan) -> Reads:
    parts = ((part, *item) for part in plan.protocols for item in _classes(plan)[part.protocol].items())
    return {"scores": [path for part, *item in parts for path in part.parts("scores", "projector", *item)]}


def _defects(plan: Plan) -> Reads:
    if not plan.maps:
        return None
    indexes = [plan.images.index(name) for name in plan.maps.section.datasets]
    return {"indexes": indexes} | {stage: plan.maps.all_parts(stage, "projector") for stage in ("scores", "maps")}


def _about_defects(plan: Plan) -> dict[str, Any]:
    assert plan.maps and plan.config.localisation
    return {
        "geometries": {name: plan.images.geometry(name) for name in plan.maps.section.datasets},
        "sigma": plan.config.localisation.sigma,
        "center_norm": plan.maps.section.default_center_norm,
    }


def _pictured(part: ProtocolPlan) -> str:
    """The data set of figures of a single one: the first that names a figure class, else the first of all."""
    return next(iter(part.section.figure_classes), part.section.datasets[0])


def _method(plan: Plan) -> Reads:
    named = [(part, _pictured(part)) for part in plan.protocols]
    parts = {
        stage: [path for part, name in named for path in part.parts(stage, "projector", name, part.figure_class(name))]
        for stage in ("models", "maps")
    }
    return parts | {
        "indexes": [plan.images.index(name) for _, name in named],
        "maps": [path for path in parts["maps"] if plan.maps and f"/{plan.maps.folder}/" in path],
    }


def _about_method(plan: Plan) -> dict[str, Any]:
    def lane(part: ProtocolPlan, name: str) -> dict[str, Any]:
        described = {
            "protocol": part.protocol,
            "task": plan.config.datasets[name].task,
            "class_name": part.figure_class(name),
            "backbone": part.section.backbone,
            "geometry": plan.images.geometry(name),
        }
        return described | ({"layers": part.section.layers} if isinstance(part.section, Localisation) else {})

    return {"lanes": [lane(part, _pictured(part)) for part in plan.protocols]}


def _embedding(plan: Plan) -> Reads:
    if not plan.vectors:
        return None
    dataset = _pictured(plan.vectors)
    files = plan.vectors.inputs(dataset, plan.vectors.section.backbone)
    models = plan.vectors.parts("models", "projector", dataset, only=plan.vectors.figure_class(dataset))
    return {"indexes": [files["index"]], "features": [files["features"]], "models": models}


def _about_embedding(plan: Plan) -> dict[str, Any]:
    assert plan.vectors
    dataset = _pictured(plan.vectors)
    task, class_name = plan.config.datasets[dataset].task, plan.vectors.figure_class(dataset)
    centers = [center for center in plan.vectors.section.centers if center != "mean_feature_unscaled"]
    return {"task": task, "class_name": class_name, "centers": centers, "seed": plan.config.seed}


def _samples(plan: Plan) -> dict[str, Any]:
    names = _datasets(plan)
    classes = {name: part.figure_class(name) for part in reversed(plan.protocols) for name in part.section.datasets}
    return {
        "tasks": {name: plan.config.datasets[name].task for name in names},
        "classes": {name: classes[name] for name in names},
        "seed": plan.config.seed,
    }


def _learning(plan: Plan) -> Reads:
    if not plan.maps or not plan.maps.online:
        return None
    return {"history": plan.maps.all_parts("history", "online"), "summary": plan.maps.metrics("projector")}


def _histories(plan: Plan, *fits: str) -> list[str]:
    return [path for fit in fits for path in plan.vectors.all_parts("history", fit)] if plan.vectors else []


def _trainings(plan: Plan) -> list[str]:
    """The histories of the projector, in both protocols."""
    return [path for part in plan.protocols for path in part.all_parts("history", "projector")]


AVERAGES = Files(EITHER, lambda plan: {"summary": _metrics(plan)})
METRICS = Files(EITHER, AVERAGES.reads, _references)
TRAINED = Files(EITHER, lambda plan: {"summary": _metrics(plan, "projector")})
COMPARED = Files(VECTORS, _table1, _about_training)
METHOD = Files(EITHER, _method, _about_method)
DATASETS = Files(
    EITHER,
    lambda plan: {"indexes": [plan.images.index(name) for name in _datasets(plan)]},
    lambda plan: {"classes": {name: plan.config.normal_classes(name) for name in _datasets(plan)}},
)
SAMPLES = Files(EITHER, DATASETS.reads, _samples)
EMBEDDING = Files(VECTORS, _embedding, _about_embedding)
NORMS = Files(
    VECTORS,
    lambda plan: (
        {"summary": plan.vectors.metrics(*plan.vectors.trained), "history": _histories(plan, "projector")}
        if plan.vectors
        else None
    ),
    _of_vectors,
)
PROJECTED = Files(EITHER, _scores, lambda plan: {"classes": _classes(plan)})
DECIDED = Files(
    EITHER,
    _scores,
    lambda plan: {
        "classes": _classes(plan),
        "settings": {part.protocol: (part.section.default_center_norm, part.section.radius) for part in plan.protocols},
    },
)
ANGLES = Files(
    EITHER,
    _scores,
    lambda plan: {
        "classes": _classes(plan),
        "norms": {part.protocol: part.section.norms_shown() for part in plan.protocols},
    },
)
ALIKE = Files(
    EITHER,
    lambda plan: {
        "summary": _metrics(plan, "projector"),
        "similarity": _metrics(plan, "similarity"),
        "history": _trainings(plan),
    },
    lambda plan: {"feasible_auroc": plan.config.objective.feasible_auroc if plan.config.objective else None},
)
BACKBONES = Files(
    "objective.compared_backbones or localisation.compared_backbones",
    lambda plan: {"summary": [path for part in plan.protocols for path in part.compared_backbones()]},
    _references,
)
PROJECTORS = Files(
    "objective.compared_projectors or localisation.compared_projectors",
    lambda plan: {
        "summary": [
            path
            for part in plan.protocols
            for path in part.metrics("algorithm1", datasets=part.section.compared_projectors)
        ]
    },
    _references,
)
CONVERGENCE = Files(EITHER, lambda plan: {"history": _trainings(plan)})
CLOSED_FORM = Files(
    "objective, with closed_form among the methods that are trained",
    lambda plan: (
        {"history": _histories(plan, "closed_form", "projector")}
        if plan.vectors and "closed_form" in plan.vectors.trained
        else None
    ),
)
ON_MAPS, ON_MAPS_COMPARED = _on_maps(), _on_maps(compared=True)
PROTOCOL_B = _on_maps(compared=True, protocol="B")
PROTOCOL_C = Files(
    ONLINE,
    lambda plan: {"summary": plan.maps.metrics("online")} if plan.maps and plan.maps.online else None,
    _on_maps(protocol="C").settings,
)
DEFECTS = Files(MAPS, _defects, _about_defects)
LEARNING = Files(ONLINE, _learning)

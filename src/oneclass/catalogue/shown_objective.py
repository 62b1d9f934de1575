"""Which files the pages of paper 1 read under a plan, and their settings."""

from typing import Any

from oneclass.catalogue.page import Reads
from oneclass.plan.plan import Plan


def of_protocols(plan: Plan) -> dict[str, Any]:
    """The settings that are held fixed, of each protocol."""
    return {"settings": [part.reference() for part in plan.protocols]}


def of_vectors(plan: Plan) -> dict[str, Any]:
    return {"settings": [plan.vectors.reference()]} if plan.vectors else {}


def of_maps(plan: Plan) -> dict[str, Any]:
    return {"settings": [plan.maps.reference()]} if plan.maps else {}


def metrics(plan: Plan, *fits: str) -> list[str]:
    """Metrics of ``fits``, or of all trained methods, in both protocols."""
    return [path for part in plan.protocols for path in part.metrics(*(fits or part.trained))]


def on_maps(plan: Plan, *further: str) -> Reads | None:
    return {"summary": plan.maps.metrics(*plan.maps.trained, *further)} if plan.maps else None


def with_fine_tuning(plan: Plan) -> Reads | None:
    if not plan.vectors:
        return None
    first, tuned = plan.vectors.section.datasets[0], fine_tuned(plan)
    summary = plan.vectors.metrics(*plan.vectors.trained, "comparators")
    return {
        "summary": summary + (plan.transfer.files(tuned) if plan.transfer else []),
        "features": [plan.vectors.inputs(first, plan.vectors.section.backbone)["features"]],
        "sizes": plan.transfer.size(tuned) if plan.transfer else [],
    }


def fine_tuned(plan: Plan) -> list[str]:
    """The data sets on which fine-tuned networks are beside the projector, with the same backbone."""
    if not plan.transfer or not plan.vectors or plan.transfer.section.backbone != plan.vectors.section.backbone:
        return []
    return [name for name in plan.vectors.section.datasets if name in plan.transfer.section.datasets]


def about_fine_tuning(plan: Plan) -> dict[str, Any]:
    about = plan.transfer.describe() if plan.transfer and fine_tuned(plan) else []
    return of_vectors(plan) | {"fine_tuning": about}


def datasets(plan: Plan) -> list[str]:
    return list(dict.fromkeys(name for part in plan.protocols for name in part.section.datasets))


def classes(plan: Plan) -> dict[str, dict[str, str]]:
    """The class that figures of a single one show of each data set, by protocol; of Protocol B one data set's."""
    shown = {}
    for part in plan.protocols:
        names = part.section.datasets
        if part is plan.maps:
            names = [next(iter(part.section.figure_classes), names[0])]
        shown[part.protocol] = {name: part.figure_class(name) for name in names}
    return shown


def scores(plan: Plan) -> Reads | None:
    shown = classes(plan)
    return {
        "scores": [
            path
            for part in plan.protocols
            for dataset, class_name in shown[part.protocol].items()
            for path in part.parts("scores", "projector", dataset, only=class_name)
        ]
    }


def alike(plan: Plan) -> Reads | None:
    if not plan.vectors:
        return None
    similarity = [path for part in plan.protocols for path in part.metrics("similarity")]
    return {"summary": metrics(plan, "projector"), "similarity": similarity}


def defects(plan: Plan) -> Reads | None:
    if not plan.maps:
        return None
    return {
        "indexes": [plan.images.index(name) for name in plan.maps.section.datasets],
        "scores": plan.maps.all_parts("scores", "projector"),
        "maps": plan.maps.all_parts("maps", "projector"),
    }


def defect_settings(plan: Plan) -> dict[str, Any]:
    assert plan.maps
    return {
        "geometries": {name: plan.images.geometry(name) for name in plan.maps.section.datasets},
        "sigma": plan.config.localisation.sigma if plan.config.localisation else 0,
        "center_norm": plan.maps.section.default_center_norm,
    }


def embedded(plan: Plan) -> str:
    """The data set of Figure S6: the first that names a figure class, else the first of all."""
    assert plan.vectors
    return next(iter(plan.vectors.section.figure_classes), plan.vectors.section.datasets[0])


def embedding(plan: Plan) -> Reads | None:
    if not plan.vectors:
        return None
    dataset = embedded(plan)
    files = plan.vectors.inputs(dataset, plan.vectors.section.backbone)
    models = plan.vectors.parts("models", "projector", dataset, only=plan.vectors.figure_class(dataset))
    return {"indexes": [files["index"]], "features": [files["features"]], "models": models}


def embedding_settings(plan: Plan) -> dict[str, Any]:
    assert plan.vectors
    dataset = embedded(plan)
    return {
        "task": plan.config.datasets[dataset].task,
        "class_name": plan.vectors.figure_class(dataset),
        "centers": plan.vectors.section.centers,
        "seed": plan.config.seed,
    }


def samples(plan: Plan) -> dict[str, Any]:
    assert plan.vectors
    names = plan.vectors.section.datasets
    return {
        "tasks": {name: plan.config.datasets[name].task for name in names},
        "classes": {name: plan.vectors.figure_class(name) for name in names},
        "seed": plan.config.seed,
    }

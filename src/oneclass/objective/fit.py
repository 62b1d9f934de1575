"""One job of paper 1: from an index and its features, by one method, to a result."""

from collections.abc import Mapping, Sequence
from typing import Any

from oneclass.catalogue.records import load
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.objective import vectors
from oneclass.objective.job import Job, Training
from oneclass.objective.localisation.category import Category, categories
from oneclass.objective.localisation.sources import open_maps
from oneclass.objective.result import Result, keeper
from oneclass.objective.variants import grid
from oneclass.objective.vectors import VectorClass
from oneclass.training.trials import Seeds

Settings = Mapping[str, Any]


def run(
    module: str, index: Index, features: str | None, classes: Sequence[str], settings: Settings, seed: int, device: str
) -> Result:
    """What the method in ``module`` finds on each of ``classes``.

    ``features`` is the store of their features; without one, maps are computed at every pass. ``settings`` are those of
    ``plan.objective``.
    """
    keeps = keeper(settings["default_center_norm"], settings["figure_classes"])
    job = Job(
        seeds=Seeds(seed, index.name),
        training=Training(**settings["training"]),
        variants={centering: grid(**some) for centering, some in settings["variants"].items()},
        default_center_norm=settings["default_center_norm"],
        memory_mb=settings["memory_mb"],
        result=Result(settings["protocol"], keeps),
        comparators=settings["comparators"],
        options=settings["options"],
        sigma=settings.get("sigma", 0),
    )
    method = load(module)
    if settings["features"] == "vectors":
        method.on_vectors(read_vectors(index, features, classes, settings, device), job)
    else:
        method.on_maps(read_maps(index, features, classes, settings, device), job)
    return job.result


def read_vectors(
    index: Index, features: str | None, classes: Sequence[str], settings: Settings, device: str
) -> list[VectorClass]:
    """The pooled features of each of ``classes``."""
    return vectors.load(str(features), index, settings["task"], classes, device)


def read_maps(
    index: Index, features: str | None, classes: Sequence[str], settings: Settings, device: str
) -> list[Category]:
    """The categories ``classes``, with their maps."""
    geometry = Geometry(**settings["geometry"])
    source = open_maps(index, features, settings["network"], geometry, **settings["maps"], device=device)
    return categories(source, index, settings["task"], classes, geometry)

"""One job of paper 1: from an index and its features, by one method, to a result."""

from collections.abc import Mapping, Sequence
from typing import Any

from oneclass.catalogue.records import load
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.features.decode import decode_all
from oneclass.objective import vectors
from oneclass.objective.job import Job, Training
from oneclass.objective.localisation.category import Category, categories, images
from oneclass.objective.localisation.sources import open_maps
from oneclass.objective.result import Result, keeper
from oneclass.objective.variants import grid
from oneclass.objective.vectors import VectorClass
from oneclass.training.trials import Seeds

Settings = Mapping[str, Any]


def run(
    module: str,
    index: Index,
    features: str | None,
    classes: Sequence[str],
    settings: Settings,
    seed: int,
    device: str,
    textures: Index | None = None,
) -> Result:
    """What the method in ``module`` finds on each of ``classes``.

    ``features`` is the store of their features; without one, maps are computed at every pass. ``settings`` are those of
    ``plan.objective``, ``textures`` the pool of a system that needs one.
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
        needed=_needed(settings, textures),
        sigma=settings.get("sigma", 0),
    )
    method = load(module)
    if settings["features"] == "vectors":
        method.on_vectors(read_vectors(index, features, classes, settings, device), job)
    elif settings.get("images"):
        found = images(index, settings["task"], classes, Geometry(**settings["geometry"]))
        method.on_images(found, job, settings["maps"]["workers"], device)
    else:
        method.on_maps(read_maps(index, features, classes, settings, device), job)
    return job.result


def _needed(settings: Settings, textures: Index | None) -> dict[str, Any]:
    """What a system that is trained on images takes besides them."""
    found: dict[str, Any] = {}
    if "backbone" in settings.get("needs", ()):
        from oneclass.features import backbone  # brings timm along, which other methods do without

        found |= {"backbone": backbone.load(**settings["network"]), "layers": settings["maps"]["layers"]}
    if textures is not None:
        geometry, workers = Geometry(**settings["geometry"]), settings["maps"]["workers"]
        found["textures"] = decode_all(textures, geometry, workers)
    return found


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

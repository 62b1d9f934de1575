"""One search from stored images to its history, and what its cache depends on."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from oneclass.catalogue.records import source
from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.exposure.training import Recipe
from oneclass.filters import Filter
from oneclass.provenance import source_hash
from oneclass.search import fitness
from oneclass.search.evolution import Evolution, Parameters, RandomSearch, Strategy, shuffled
from oneclass.search.history import FitnessCache, Search
from oneclass.search.neighbours import Neighbours
from oneclass.seeds import derive
from oneclass.training.on_disk import OnDisk
from oneclass.training.stores import Images, Pictures
from oneclass.training.trials import Trial


@dataclass(frozen=True)
class RunSpec:
    """What a search is run on, and towards what: the columns of its history."""

    dataset: str
    pool: str
    task: str
    class_name: str
    method: str
    options: Mapping[str, str | float]
    filter: str
    direction: str


def run(
    spec: RunSpec,
    dataset: tuple[Index, Images],
    pool: tuple[Index, Images],
    kept: pd.DataFrame,
    recipe: Recipe,
    pictures: Pictures,
    parameters: Parameters,
    *,
    repetitions: int,
    scratch: Path,
    device: str,
    threads: int,
) -> pd.DataFrame:
    """The history of the search ``spec``: a row for each outlier of each generation.

    ``kept`` are the images of the pool that may be shown. What is known by the end of each training is kept in
    ``scratch``. Raises ``UserError`` if the pool has fewer images than are asked for, or the data set no such class.
    """
    index, images = dataset
    trial = Trial(spec.class_name, 0, spec.method, spec.options, outlier_count=1, filter=spec.filter)
    rows = split(index, spec.task, spec.class_name)
    data, outliers = images.seen_by(trial), pool[1].seen_by(trial)
    positions = np.flatnonzero(pool[0].table["id"].isin(kept["id"]))
    if len(positions) < len(pool[0]):
        outliers = outliers.take(positions)
    ids = pool[0].ids()[positions]
    train, test = (torch.from_numpy(part).to(device) for part in (rows.train, rows.test))
    score = fitness.Fitness(trial, data, train, test, rows.labels, outliers, recipe, threads)
    cache_key = {
        "run": [spec.dataset, asdict(recipe.architecture), spec.task, spec.class_name],
        "seed": recipe.seeds.run,
        "pictures": asdict(pictures),
        "schedule": asdict(recipe.schedule),
        "images": [index.hash, _digest(data.held)],
        "pool": [spec.pool, _hash(ids.tolist()), _digest(outliers.held)],
        "code": _code(fitness.__file__, recipe, spec.method),
        "options": dict(spec.options),
        "computed": [torch.__version__, torch.device(device).type, recipe.stacked],
    }
    folder = scratch / _hash(cache_key) / spec.filter / spec.method
    writer = f"{spec.direction}_{_hash([asdict(parameters), repetitions, source_hash(__file__)])}"
    strategy = _strategy(spec, recipe, parameters, outliers.held)
    history = Search(strategy, score, ids, repetitions, FitnessCache(folder, writer)).run()
    return _described(spec, recipe, history, repetitions)


def _code(module: str, recipe: Recipe, method: str) -> list[str]:
    """Hashes of what a fitness depends on: its module, and those of network and method, which it imports by name."""
    modules: Sequence[str] = (recipe.architecture.network.module, recipe.losses[method])
    return [source_hash(module), *(source_hash(source(name)) for name in modules)]


def _strategy(spec: RunSpec, recipe: Recipe, parameters: Parameters, outliers: Tensor | OnDisk) -> Strategy:
    """All searches of a class begin with the same outliers: they compare in pairs, and one trains for all."""
    seed, names = recipe.seeds.run, (spec.dataset, spec.pool, recipe.architecture.network.name, spec.class_name)
    order = shuffled(len(outliers), derive(seed, "outliers of a search", *names))
    if spec.direction == "random":
        return RandomSearch(parameters, order)

    def seed_of(generation: int) -> int:
        return derive(seed, "evolution", *names, spec.method, spec.filter, spec.direction, generation)

    neighbours = Neighbours(outliers, parameters.candidates, parameters.nearest, parameters.distance_floor)
    return Evolution(spec.direction, parameters, neighbours, order, seed_of)


def _described(spec: RunSpec, recipe: Recipe, history: pd.DataFrame, repetitions: int) -> pd.DataFrame:
    filtered = Filter.parse(spec.filter)
    columns: dict[str, Any] = {
        "dataset": spec.dataset,
        "pool": spec.pool,
        "network": recipe.architecture.network.name,
        "task": spec.task,
        "class": spec.class_name,
        "method": spec.method,
        "filter": filtered.kind,
        "magnitude": filtered.magnitude,
        "direction": spec.direction,
    }
    return pd.DataFrame({**columns, **history}).assign(repetitions=repetitions)


def _digest(images: Tensor | OnDisk) -> str:
    if isinstance(images, OnDisk):  # not read: it is known by its index
        return images.index.hash
    return hashlib.sha256(images.cpu().contiguous().numpy().data).hexdigest()


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]

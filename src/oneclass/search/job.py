"""One search from stored images to its history, and what its memory depends on."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from oneclass.data.tasks import split
from oneclass.errors import UserError
from oneclass.exposure.inputs import Pixels
from oneclass.exposure.members import Member
from oneclass.exposure.sweep import Images, Settings
from oneclass.exposure.training import Schedule, Seeds
from oneclass.filters import Filter
from oneclass.provenance import source_hash
from oneclass.search import fitness
from oneclass.search.evolution import Evolution, Parameters, RandomSearch, Strategy, shuffled
from oneclass.search.history import Search
from oneclass.search.memory import Memory
from oneclass.search.neighbours import Neighbours
from oneclass.seeds import derive

RADIAL, GAMMA = "pseudo_huber", 2.0  # of HSC and of Focal: the paper's defaults


@dataclass(frozen=True)
class Place:
    """Where a search takes place, and towards what: the columns of its history."""

    dataset: str
    pool: str
    network: str
    task: str
    class_name: str
    method: str
    filter: str
    direction: str


def run(
    place: Place,
    dataset: tuple[pd.DataFrame, Images],
    pool: tuple[pd.DataFrame, Images],
    kept: pd.DataFrame,
    settings: Settings,
    schedule: Schedule,
    parameters: Parameters,
    *,
    seed: int,
    repetitions: int,
    scratch: Path,
    device: str,
    threads: int,
) -> pd.DataFrame:
    """The history of the search at ``place``: a row for each outlier of each generation.

    ``kept`` are the images of the pool that may be shown. What is known by the end of each training is kept in
    ``scratch``. Raises ``UserError`` if the pool has fewer images than are asked for, or the data set no such class.
    """
    table, images = dataset
    member = Member(place.class_name, 0, place.method, RADIAL, GAMMA, outliers=1, filter=place.filter)
    rows = split(table, place.task, place.class_name)
    data, outliers = _pixels(images, member), _pixels(pool[1], member)
    positions = np.flatnonzero(pool[0]["id"].isin(kept["id"]))
    if len(positions) < len(pool[0]):
        outliers = replace(outliers, images=outliers.images[torch.from_numpy(positions).to(device)])
    ids = pool[0]["id"].to_numpy(dtype=str)[positions]
    train, test = (torch.from_numpy(part).to(device) for part in (rows.train, rows.test))
    seeds = Seeds(seed, place.dataset)
    score = fitness.Fitness(
        member, data, train, test, rows.labels, outliers, settings.architecture, schedule, seeds, threads
    )
    decisive = {
        "place": [place.dataset, place.network, place.task, place.class_name],
        "seed": seed,
        "settings": asdict(settings),
        "schedule": asdict(schedule),
        "images": [table.attrs["hash"], _digest(data)],
        "pool": [place.pool, _hash(ids.tolist()), _digest(outliers)],
        "code": source_hash(fitness.__file__),
        "computed": [torch.__version__, torch.device(device).type],
    }
    folder = scratch / _hash(decisive) / place.filter / place.method
    writer = f"{place.direction}_{_hash([asdict(parameters), repetitions, source_hash(__file__)])}"
    strategy = _strategy(place, parameters, outliers, seed)
    history = Search(strategy, score, ids, repetitions, Memory(folder, writer)).run()
    return _described(place, history, repetitions)


def _pixels(images: Images, member: Member) -> Pixels:
    pixels = images.of(member)
    if not isinstance(pixels, Pixels):
        raise UserError("a search needs a network on pixels: lenet or cbam_resnet18")
    return pixels


def _strategy(place: Place, parameters: Parameters, outliers: Pixels, seed: int) -> Strategy:
    """All searches of a class begin with the same outliers: they compare in pairs, and one trains for all."""
    names = (place.dataset, place.pool, place.network, place.class_name)
    order = shuffled(len(outliers), derive(seed, "outliers of a search", *names))
    if place.direction == "random":
        return RandomSearch(parameters, order)

    def of(generation: int) -> int:
        return derive(seed, "evolution", *names, place.method, place.filter, place.direction, generation)

    looks = Neighbours(outliers.images, parameters.candidates, parameters.nearest, parameters.distance_floor)
    return Evolution(place.direction, parameters, looks, order, of)


def _described(place: Place, history: pd.DataFrame, repetitions: int) -> pd.DataFrame:
    filtered = Filter.parse(place.filter)
    columns = {
        "dataset": place.dataset,
        "pool": place.pool,
        "network": place.network,
        "task": place.task,
        "class": place.class_name,
        "method": place.method,
        "filter": filtered.kind,
        "magnitude": filtered.magnitude,
        "direction": place.direction,
    }
    return pd.DataFrame({**columns, **history}).assign(seeds=repetitions)


def _digest(pixels: Pixels) -> str:
    return hashlib.sha256(pixels.images.cpu().contiguous().numpy().data).hexdigest()


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]

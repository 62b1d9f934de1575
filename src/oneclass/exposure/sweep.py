"""A sweep of paper 2 over one data set and one pool: from stored images and the outliers chosen to scores."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.data import pixels
from oneclass.data.tasks import split
from oneclass.errors import UserError
from oneclass.exposure import inputs
from oneclass.exposure.inputs import Inputs, Pixels, Vectors
from oneclass.exposure.members import WHOLE, Member
from oneclass.exposure.networks import Architecture
from oneclass.exposure.training import Schedule, Seeds, Task, population
from oneclass.features.store import read_pooled
from oneclass.filters import Filter, Reading


@dataclass(frozen=True)
class Settings:
    """What all members of a run share besides the schedule."""

    network: str
    width: float
    augmentation: list[str]
    reading: Reading
    precision: str = "float32"

    @property
    def architecture(self) -> Architecture:
        """Of every network."""
        return Architecture(self.network, self.width, self.precision)


class Images:
    """The images of an index on a device, from ``stores``: features, one a filter, or pixels, filtered when used."""

    def __init__(self, table: pd.DataFrame, stores: Sequence[str], settings: Settings, device: str) -> None:
        self._settings = settings
        read = read_pooled if settings.network == "head" else pixels.read
        arrays = {Path(path).stem: torch.from_numpy(read(Path(path), table)).to(device) for path in stores}
        self._arrays: dict[str, Tensor] = arrays

    def of(self, member: Member) -> Inputs:
        """What the network of ``member`` sees of them."""
        settings = self._settings
        if settings.network == "head":
            return Vectors(self._arrays[member.filter])
        chosen = inputs.augmentation(settings.network, member.augmented, settings.augmentation)
        [images] = self._arrays.values()
        return Pixels(images, settings.network, Filter.parse(member.filter), chosen, settings.reading)


class Outliers:
    """The outliers that each member is shown, as positions in the pool (``data.pools`` chose them)."""

    def __init__(self, pool: pd.DataFrame, kept: pd.DataFrame, choice: pd.DataFrame) -> None:
        self._position = pd.Series(np.arange(len(pool)), index=pool["id"])
        self._kept = kept
        self._choice = {key: part for key, part in choice.groupby(["kind", "class", "repetition"])}

    def of(self, member: Member) -> NDArray[np.int64]:
        """Positions [M]; raises ``UserError`` if the pool has fewer images or classes than the member asks for."""
        ids = self._kept["id"]
        if not math.isnan(member.outlier_classes):
            chosen = self._first("class", member, member.outlier_classes)
            ids = ids[self._kept["class_name"].isin(chosen)]
        if member.outliers != WHOLE:
            chosen = self._first("image", member, member.outliers) if member.outliers else []
            ids = ids[ids.isin(chosen)]
        return np.sort(self._position[ids].to_numpy(dtype=np.int64))

    def _first(self, kind: str, member: Member, count: float) -> list[str]:
        order = self._choice[kind, member.class_name, member.seed].sort_values("rank")["name"].tolist()
        if len(order) < count:
            what = "classes" if kind == "class" else "images"
            raise UserError(f"{count:g} outlier {what} are asked for and the pool has {len(order)}; ask for fewer")
        return order[: int(count)]


def run(
    members: Sequence[Member],
    task: str,
    dataset: tuple[pd.DataFrame, Images],
    pool: tuple[Images, Outliers],
    settings: Settings,
    schedule: Schedule,
    seeds: Seeds,
    *,
    device: str,
    threads: int,
) -> pd.DataFrame:
    """Train all ``members``; a row for each of their test images, the columns in ``described`` and id, label, score."""
    table, images = dataset
    pool_images, outliers = pool
    ids = table["id"].to_numpy(dtype=str)
    splits = {name: split(table, task, name) for name in dict.fromkeys(member.class_name for member in members)}

    def one(member: Member) -> Task:
        rows, data = splits[member.class_name], images.of(member)
        return Task(
            data,
            _positions(rows.train, device),
            _positions(rows.test, device),
            pool_images.of(member),
            _positions(outliers.of(member), device),
            settings.architecture,
            data.features.shape[1] if isinstance(data, Vectors) else 3,
        )

    parts = []
    for member, scores in zip(members, population(members, one, schedule, seeds, threads), strict=True):
        rows = splits[member.class_name]
        parts.append(pd.DataFrame(described(member) | {"id": ids[rows.test], "label": rows.labels, "score": scores}))
    frame = pd.concat(parts, ignore_index=True).assign(task=task, network=settings.network)
    texts = [name for name in frame.columns if frame[name].dtype == object or frame[name].dtype == "str"]
    return frame.astype(dict.fromkeys(texts, "category"))


def described(member: Member) -> dict[str, Any]:
    """The columns that tell one member from another."""
    filtered = Filter.parse(member.filter)
    return {
        "class": member.class_name,
        "method": member.method,
        "radial": member.radial,
        "gamma": member.gamma,
        "outliers": member.outliers,
        "outlier_classes": member.outlier_classes,
        "filter": filtered.kind,
        "magnitude": filtered.magnitude,
        "augmented": "yes" if member.augmented else "no",
        "seed": member.seed,
    }


def _positions(rows: NDArray[np.int64], device: str) -> Tensor:
    return torch.from_numpy(rows).to(device)

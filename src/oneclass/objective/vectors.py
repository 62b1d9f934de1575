"""The classes of a data set, each in turn the normal one, with their pooled features (paper 1, Protocol A)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.features.store import read_pooled


@dataclass(frozen=True)
class VectorClass:
    """One class taken as normal: training features [N, D], test features [T, D], ids and labels [T] (1 anomalous)."""

    class_name: str
    train: Tensor
    test: Tensor
    ids: NDArray[np.str_]
    labels: NDArray[np.int8]


def load(path: str, index: Index, task: str, classes: Sequence[str], device: str = "cpu") -> list[VectorClass]:
    """The features of each of ``classes`` on ``device``, from the feature store ``path``, made of ``index``."""
    return select(read_pooled(Path(path), index), index, task, classes, device)


def select(
    features: NDArray[np.float32], index: Index, task: str, classes: Sequence[str], device: str = "cpu"
) -> list[VectorClass]:
    """What ``load`` gives, from ``features`` [rows of the index, D] in memory."""
    ids = index.ids()

    def one(name: str) -> VectorClass:
        rows = split(index, task, name)
        train, test = (torch.from_numpy(features[part]).to(device) for part in (rows.train, rows.test))
        return VectorClass(name, train, test, ids[rows.test], rows.labels)

    return [one(name) for name in classes]

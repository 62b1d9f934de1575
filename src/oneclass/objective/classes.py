"""The classes of a data set, each in turn the normal one, with their features (paper 1, Protocol A)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oneclass.data import index
from oneclass.data.tasks import split
from oneclass.features.store import read_pooled

Array = TypeVar("Array")


@dataclass(frozen=True)
class Data(Generic[Array]):
    """One class taken as normal: training features [N, D], test features [T, D] (NumPy's, or tensors on a device),
    ids and labels [T] (1 anomalous)."""

    class_name: str
    train: Array
    test: Array
    ids: NDArray[np.str_]
    labels: NDArray[np.int8]


def load(features: str, indexed: str, task: str, classes: Sequence[str]) -> list[Data[NDArray[np.float32]]]:
    """The train and test features of each of ``classes``, from a feature store and the index it was computed for."""
    table = index.read(Path(indexed))
    return select(read_pooled(Path(features), table), table, task, classes)


def select(
    features: NDArray[np.float32], table: pd.DataFrame, task: str, classes: Sequence[str]
) -> list[Data[NDArray[np.float32]]]:
    """The same from ``features`` [rows of the index, D] in memory."""
    ids = table["id"].to_numpy(dtype=str)

    def one(name: str) -> Data[NDArray[np.float32]]:
        rows = split(table, task, name)
        return Data(name, features[rows.train], features[rows.test], ids[rows.test], rows.labels)

    return [one(name) for name in classes]

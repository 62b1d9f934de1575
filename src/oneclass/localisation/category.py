"""One category of a defect data set: where its maps come from, and which images train and test."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oneclass.data.tasks import split
from oneclass.localisation.maps import channels
from oneclass.localisation.moments import Centring, Statistics, collect, second_moments
from oneclass.localisation.source import Centred, MapSource, Rows
from oneclass.objective.classes import Data


@dataclass(frozen=True)
class Category:
    """``train`` (normal images) and ``test`` are rows of the index; ``ids`` and ``labels`` (1 anomalous) are those of
    ``test``."""

    name: str
    source: MapSource
    train: Rows
    test: Rows
    ids: NDArray[np.str_]
    labels: NDArray[np.int8]

    @cached_property
    def statistics(self) -> Statistics:
        """Moments and means of the training images, collected in one pass at first use."""
        return collect(self.source.batches(self.train))

    def centred(self, centring: Centring) -> MapSource:
        """The maps, less the mean of the training images that ``centring`` names."""
        if centring == "none":
            return self.source
        return Centred(self.source, self.statistics.offset(centring))

    def averaged(self) -> Data[NDArray[np.float32]]:
        """The test images' aligned features, averaged over positions: [T, D]."""
        means = [second_moments(maps)[:, -1, :-1].cpu().numpy() for maps in self.source.batches(self.test)]
        test = np.concatenate(means)
        return Data(self.name, test[:0], test, self.ids, self.labels)

    @property
    def dimension(self) -> int:
        """D of the aligned features."""
        return sum(channels(next(iter(self.source.batches(self.train[:1])))))


def categories(source: MapSource, index: pd.DataFrame, task: str, names: Sequence[str]) -> list[Category]:
    """The categories ``names`` of ``index``, whose maps ``source`` gives."""
    ids = index["id"].to_numpy(dtype=str)

    def one(name: str) -> Category:
        rows = split(index, task, name)
        return Category(name, source, rows.train, rows.test, ids[rows.test], rows.labels)

    return [one(name) for name in names]

"""One category of a defect data set: which images train and test, and where their maps come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.data import masks
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.objective.localisation.maps import channels
from oneclass.objective.localisation.moments import Centering, Statistics, collect, second_moments
from oneclass.objective.localisation.sources import MapSource, MeanSubtractedMaps, Rows


@dataclass(frozen=True)
class DefectImages:
    """The images of a category: ``trained`` (normal ones) and ``tested`` are parts of the index, ``labels`` (1
    anomalous) those of the latter, and ``geometry`` what is done to every image."""

    class_name: str
    trained: Index
    tested: Index
    labels: NDArray[np.int8]
    geometry: Geometry

    @property
    def ids(self) -> NDArray[np.str_]:
        """The ids of the test images, [T]."""
        return self.tested.ids()

    @property
    def has_masks(self) -> bool:
        """Whether the anomalous test images have masks."""
        return masks.has_masks(self.tested)

    @cached_property
    def masks(self) -> NDArray[np.bool_] | None:
        """The masks [T, S, S] of the test images; None where its data set has none."""
        return masks.load_all(self.tested, self.geometry) if self.has_masks else None


@dataclass(frozen=True)
class Category(DefectImages):
    """A category whose maps ``source`` gives, by the rows ``train`` and ``test`` of the whole index."""

    source: MapSource
    train: Rows
    test: Rows

    @cached_property
    def statistics(self) -> Statistics:
        """Moments and means of the training images, collected in one pass at first use."""
        return collect(self.source.batches(self.train))

    def centered(self, centering: Centering) -> MapSource:
        """The maps, less the mean of the training images that ``centering`` names."""
        if centering == "none":
            return self.source
        return MeanSubtractedMaps(self.source, self.statistics.offset(centering))

    def mean(self, centering: Centering) -> Tensor:
        """The mean feature [D] of the training images as ``centering`` leaves it: exactly 0 where it is subtracted."""
        mean = self.statistics.moment[-1, :-1].float()
        return mean if centering == "none" else torch.zeros_like(mean)

    def averaged(self) -> NDArray[np.float32]:
        """The test images' aligned features, averaged over positions: [T, D]."""
        means = [second_moments(maps)[:, -1, :-1].cpu().numpy() for maps in self.source.batches(self.test)]
        return np.concatenate(means)

    @property
    def dimension(self) -> int:
        """D of the aligned features."""
        return len(self.zero)

    @cached_property
    def zero(self) -> Tensor:
        """The feature [D] of zeros, on the device of the maps."""
        maps = next(iter(self.source.batches(self.train[:1])))
        return maps[0].new_zeros(sum(channels(maps)))


def categories(source: MapSource, index: Index, task: str, names: Sequence[str], geometry: Geometry) -> list[Category]:
    """The categories ``names`` of ``index``, whose maps ``source`` gives."""

    def one(name: str) -> Category:
        rows = split(index, task, name)
        trained, tested = index.take(rows.train), index.take(rows.test)
        return Category(name, trained, tested, rows.labels, geometry, source, rows.train, rows.test)

    return [one(name) for name in names]


def images(index: Index, task: str, names: Sequence[str], geometry: Geometry) -> list[DefectImages]:
    """The images of the categories ``names`` of ``index``."""

    def one(name: str) -> DefectImages:
        rows = split(index, task, name)
        return DefectImages(name, index.take(rows.train), index.take(rows.test), rows.labels, geometry)

    return [one(name) for name in names]

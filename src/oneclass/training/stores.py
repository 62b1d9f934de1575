"""The stored images of a data set and a pool, and the outliers chosen from it, as trials ask for them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.catalogue.records import Network
from oneclass.data import pixels
from oneclass.data.index import Index
from oneclass.errors import UserError
from oneclass.features.store import read_pooled
from oneclass.filters import Filter, Width
from oneclass.training.inputs import FeatureVectors, Normalization, Pixels
from oneclass.training.on_disk import OnDisk
from oneclass.training.trials import WHOLE, Trial


@dataclass(frozen=True)
class Pictures:
    """How the networks of a run are shown pictures: for which ``network``, what is done to training images without and
    with augmentation (parts by name), how wide a square high-pass filters remove, and by what images are normalised."""

    network: Network
    augmentations: tuple[Sequence[str], Sequence[str]]
    high_pass_width: Width = "2m"
    normalization: Normalization = "dataset"


class Images:
    """The images of an index on a device: features, one file in ``stores`` per filter, or pixels, filtered on use.

    Without ``stores`` pixels stay on disk, and ``workers`` threads decode those of a batch. ``rows_on`` is the device
    on which positions are to be.
    """

    def __init__(self, index: Index, stores: Sequence[str], pictures: Pictures, device: str, workers: int = 1) -> None:
        self._pictures = pictures
        read = read_pooled if pictures.network.on_features else pixels.read
        self._arrays: dict[str, Tensor | OnDisk] = {
            Path(path).stem: torch.from_numpy(read(Path(path), index)).to(device) for path in stores
        }
        if not stores:
            size = pictures.network.stored_size
            self._arrays = {"pixels": OnDisk(index, size, ThreadPoolExecutor(workers), device)}
        self.rows_on = device if stores else "cpu"

    def seen_by(self, trial: Trial) -> Pixels | FeatureVectors:
        """What the network of ``trial`` sees of them."""
        network = self._pictures.network
        if not network.on_features:
            return self.pixels_for(trial)
        features = self._arrays[trial.filter]
        assert isinstance(features, Tensor)
        return FeatureVectors(features)

    def pixels_for(self, trial: Trial) -> Pixels:
        """What a network on pixels sees of them."""
        pictures = self._pictures
        chosen = frozenset(pictures.augmentations[trial.augmented])
        filtered = Filter.parse(trial.filter, pictures.high_pass_width)
        [images] = self._arrays.values()
        return Pixels(images, pictures.network, filtered, chosen, pictures.normalization)


class Outliers:
    """The outliers that each trial is shown, as positions in the ``pool`` (``data.outliers`` chose them)."""

    def __init__(self, pool: Index, kept: pd.DataFrame, choice: pd.DataFrame) -> None:
        self._position = pd.Series(np.arange(len(pool.table)), index=pool.table["id"])
        self._kept, self._whole = kept, self._at(kept["id"])
        self._choice = {key: part for key, part in choice.groupby(["kind", "class", "repetition"])}

    def positions(self, trial: Trial) -> NDArray[np.int64]:
        """Positions [M]; raises ``UserError`` if the pool has fewer images or classes than the trial asks for."""
        ids = self._kept["id"]
        if trial.outlier_count == WHOLE and trial.outlier_class_count is None:
            return self._whole  # of a pool of millions, looked up once
        if trial.outlier_class_count is not None:
            chosen = self._first("class", trial, trial.outlier_class_count)
            ids = ids[self._kept["class_name"].isin(chosen)]
        if trial.outlier_count != WHOLE:
            chosen = self._first("image", trial, trial.outlier_count) if trial.outlier_count else []
            ids = ids[ids.isin(chosen)]
        return self._at(ids)

    def _at(self, ids: "pd.Series[str]") -> NDArray[np.int64]:
        return np.sort(self._position[ids].to_numpy(dtype=np.int64))

    def _first(self, kind: str, trial: Trial, count: float) -> list[str]:
        order = self._choice[kind, trial.class_name, trial.repetition].sort_values("rank")["name"].tolist()
        if len(order) < count:
            what = "classes" if kind == "class" else "images"
            raise UserError(f"{count:g} outlier {what} are asked for and the pool has {len(order)}; ask for fewer")
        return order[: int(count)]

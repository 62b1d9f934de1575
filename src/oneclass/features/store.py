"""The HDF5 feature store: one file for each data set, backbone and filter, rows in the order of the index.

``id`` [N] text; ``pooled`` [N, D] float32; ``map{level}`` [N, C, h, w] float16 at the level's own resolution, chunked
by image; provenance as attributes of the file.
"""

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from oneclass import hdf5
from oneclass.data.index import Index
from oneclass.errors import UserError


class Writer:
    """Fills a store batch by batch, so that memory is bounded by the batch."""

    def __init__(self, file: h5py.File, ids: list[str], provenance: Mapping[str, str]) -> None:
        self._file, self._count, self._row = file, len(ids), 0
        hdf5.write_texts(file, "id", ids)
        hdf5.describe(file, provenance)

    def add(self, pooled: NDArray[np.float32], maps: dict[int, NDArray[np.float16]]) -> None:
        """Append one batch: ``pooled`` [B, D] and, per level, maps [B, C, h, w]."""
        arrays: dict[str, NDArray] = {"pooled": pooled} | {f"map{level}": m for level, m in maps.items()}
        rows = slice(self._row, self._row + len(pooled))
        for name, array in arrays.items():
            if name not in self._file:
                chunks = (1, *array.shape[1:]) if name != "pooled" else None
                hdf5.create(self._file, name, (self._count, *array.shape[1:]), array.dtype, chunks)
            self._file[name][rows] = array
        self._row = rows.stop


def read_pooled(path: Path, index: Index) -> NDArray[np.float32]:
    """Pooled features [N, D] of the images of ``index``; ``UserError`` if the file belongs to another index."""
    with hdf5.opened(path) as file:
        index.require_same(hdf5.attribute(file, "index_hash"), path)
        pooled: NDArray[np.float32] = file["pooled"][:]
    return pooled


def require_layers(file: h5py.File, path: Path, layers: list[int]) -> None:
    """Raise ``UserError`` if the open store lacks the maps of a layer."""
    for layer in layers:
        if f"map{layer}" not in file:
            raise UserError(f"{path}: holds no maps of layer {layer}; delete it and run again")


def dimension(path: Path) -> int:
    """D of the pooled features in a store."""
    with hdf5.opened(path) as file:
        return int(file["pooled"].shape[1])

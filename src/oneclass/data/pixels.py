"""The pixel store: the images of an index, decoded once and squeezed to one size; rows in the order of the index.

HDF5: ``pixels`` [N, 3, S, S] uint8, chunked by image; the index's hash as an attribute.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from oneclass import hdf5
from oneclass.data import images
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index, Place
from oneclass.data.readable import naming_all

_BATCH = 256  # images held at once
_PACKED = {"compression": "gzip", "compression_opts": 1}  # not LZF, whose bytes depend on what the memory held before


def write(index: Index, size: int, path: Path, workers: int) -> None:
    """Decode every image of ``index`` into ``path``, ``workers`` at a time; ``UserError`` names a bad image."""
    rows = index.places()
    with naming_all(index, workers), hdf5.written(path) as file, ThreadPoolExecutor(workers) as pool:
        hdf5.describe(file, {"index_hash": index.hash})
        shape = (len(rows), 3, size, size)
        hdf5.create(file, "pixels", shape, np.uint8, (1, *shape[1:]), **_PACKED)
        with tqdm(total=len(rows), unit="img", desc=index.name) as progress:
            for start in range(0, len(rows), _BATCH):
                batch = decode(rows[start : start + _BATCH], size, pool)
                file["pixels"][start : start + len(batch)] = batch
                progress.update(len(batch))


def decode(places: Sequence[Place], size: int, workers: Executor) -> NDArray[np.uint8]:
    """The pixels [N, 3, S, S] of the images at ``places``, by ``workers``; ``UserError`` names a bad one."""
    geometry = Geometry(size)

    def pixels(place: Place) -> NDArray[np.uint8]:
        return np.asarray(geometry.apply(images.load(*place))).transpose(2, 0, 1)

    return np.stack(list(workers.map(pixels, places)))


def read(path: Path, index: Index) -> NDArray[np.uint8]:
    """The pixels [N, 3, S, S] of ``index``; ``UserError`` if the file belongs to another index."""
    with hdf5.opened(path) as file:
        index.require_same(hdf5.attribute(file, "index_hash"), path)
        pixels: NDArray[np.uint8] = file["pixels"][:]
    return pixels

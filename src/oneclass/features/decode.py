"""The images of an index as tensors, decoded by threads: no process to start, no shared memory to fill.

Pillow decodes and resizes outside Python's lock, so threads share out what takes the time.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from oneclass.data import images
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index, Place
from oneclass.data.readable import naming_all

_BATCH = 128


def to_tensor(image: Image.Image) -> Tensor:
    """``image`` as uint8 [3, H, W]."""
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


def decode(places: Sequence[Place], geometry: Geometry, workers: int, batch_size: int) -> Iterator[Tensor]:
    """The images at ``places`` in their order, uint8 [B, 3, S, S]; ``UserError`` names one that cannot be read.

    ``workers`` threads decode a batch while the one before is worked on.
    """

    def one(place: Place) -> Tensor:
        return to_tensor(geometry.apply(images.load(*place)))

    with ThreadPoolExecutor(workers) as pool:
        ahead = pool.map(one, places[:batch_size])
        for start in range(batch_size, len(places) + batch_size, batch_size):
            batch = torch.stack(list(ahead))
            ahead = pool.map(one, places[start : start + batch_size])
            yield batch


def decode_all(index: Index, geometry: Geometry, workers: int) -> Tensor:
    """All images of ``index``, uint8 [N, 3, S, S]; ``UserError`` names those that cannot be read."""
    with naming_all(index, workers):
        return torch.cat(list(decode(index.places(), geometry, workers, _BATCH)))

"""The embeddings of a data set and of its prompts, in one file: a feature store with texts beside the images.

Beside what ``features.store`` describes: ``prompt`` [P] text and ``text`` [P, D] float32, of unit length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from oneclass import hdf5
from oneclass.data.index import Index
from oneclass.errors import UserError
from oneclass.features.store import read_pooled


@dataclass(frozen=True)
class Embeddings:
    """Images [N, D] in the order of the index, and texts [D] by their prompts; all of unit length."""

    images: NDArray[np.float32]
    texts: dict[str, NDArray[np.float32]]

    def texts_of(self, prompts: Sequence[str]) -> NDArray[np.float32]:
        """The texts [P, D] of ``prompts``."""
        return np.stack([self.texts[prompt] for prompt in prompts])


def add_texts(file: h5py.File, prompts: Sequence[str], texts: NDArray[np.float32]) -> None:
    """Store the embeddings ``texts`` [P, D] of ``prompts`` in the open feature store ``file``."""
    hdf5.write_texts(file, "prompt", prompts)
    hdf5.write(file, "text", texts)


def read(path: Path, index: Index) -> Embeddings:
    """The embeddings of ``index``; ``UserError`` if the file belongs to another index."""
    images = read_pooled(path, index)
    with hdf5.opened(path) as file:
        if "prompt" not in file:
            raise UserError(f"{path}: holds no texts; delete it and run again")
        texts = dict(zip(hdf5.read_texts(file, "prompt"), file["text"][:], strict=True))
    return Embeddings(images, texts)

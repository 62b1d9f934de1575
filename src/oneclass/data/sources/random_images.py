"""300K Random Images: 32x32 pixels, from the web, no classes; the stand-in for 80 Million Tiny Images."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _files
from oneclass.errors import UserError

HOME = "https://github.com/hendrycks/outlier-exposure"
FILE = "300K_random_images.npy"
CLASS = "random"


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    return [CLASS]


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.folder(options, data_root, "")


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    from oneclass.data.containers import npy  # brings NumPy

    _files.require_place(options, data_root)
    file = root(options, data_root) / FILE
    if not file.is_file():
        raise UserError(f"{file} is missing; get it from {HOME} (300K Random Images) and put it there")
    for item in range(len(npy(file))):
        yield Record(f"{item:06d}", FILE, CLASS, item=item, reader="npy")

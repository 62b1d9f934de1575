"""Your own images: ``{train,test}/{class}/*``, each class a folder of image files.

A class that only ``test`` has can be an anomaly but never normal, so ``train/good``, ``test/good`` and ``test/bad``
are enough for one-vs-rest.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _files
from oneclass.errors import UserError

SPLITS = ("train", "test")


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    """The folders in ``train``."""
    return _folders(options, data_root)["train"]


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.folder(options, data_root, "class_folders")


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    folder = root(options, data_root)
    for split, names in _folders(options, data_root).items():
        for name in names:
            for file in _files.images(folder / split / name):
                path = file.relative_to(folder).as_posix()
                yield Record(path, path, name, split)


def _folders(options: Mapping[str, Any], data_root: Path) -> dict[str, list[str]]:
    """The class folders of each split."""
    _files.require_place(options, data_root)
    folder = root(options, data_root)
    found = {split: _files.subfolders(folder / split) for split in SPLITS}
    for split, names in found.items():
        if not names:
            layout = "put images into train/{class}/ and test/{class}/"
            raise UserError(f"{folder}: no folders of classes in {split}/; {layout}")
    return found

"""Folders of images without a split, a folder a class: Tiny-ImageNet, ImageNet-22k, or your own.

``{class}/*``, or ``{class}/images/*`` as in Tiny-ImageNet's own archive (path: its folder ``train``). Files beside the
folders of classes do not matter.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _files
from oneclass.errors import UserError


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    """The folders."""
    _files.require_place(options, data_root)
    folder = root(options, data_root)
    found = _files.subfolders(folder)
    if not found:
        raise UserError(f"{folder}: no folders of classes here; put images into {{class}}/")
    return found


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.folder(options, data_root, "image_folders")


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    folder = root(options, data_root)
    for name in classes(options, data_root):
        inner = folder / name / "images"
        for file in _files.images(inner if inner.is_dir() else folder / name):
            path = file.relative_to(folder).as_posix()
            yield Record(path, path, name)

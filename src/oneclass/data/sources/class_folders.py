"""Your own images in a folder for each class: split into training and test, or not."""

from collections.abc import Iterator
from pathlib import Path

from oneclass.data.record import Record
from oneclass.data.sources import _files
from oneclass.data.sources.base import Options, Source
from oneclass.errors import UserError

SPLITS = ("train", "test")


class ClassFolders(Source):
    """``{train,test}/{class}/*``.

    A class that only ``test`` has can be an anomaly but never normal, so ``train/good``, ``test/good`` and ``test/bad``
    are enough for one-vs-rest.
    """

    folder = "class_folders"

    def classes(self, options: Options, data_root: Path) -> list[str]:
        """The folders in ``train``."""
        _files.require_place(options, data_root)
        return _folders(self.root(options, data_root))["train"]

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        for split, names in _folders(folder).items():
            for name in names:
                for file in _files.images(folder / split / name):
                    yield Record.of_file(folder, file, name, split)


class ImageFolders(Source):
    """Without a split: ``{class}/*``, or ``{class}/images/*`` as in Tiny-ImageNet's own archive (path: its folder
    ``train``); ImageNet-22k. Files beside the folders of classes do not matter."""

    folder = "image_folders"

    def classes(self, options: Options, data_root: Path) -> list[str]:
        """The folders."""
        _files.require_place(options, data_root)
        return _classes(self.root(options, data_root))

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        for name in _classes(folder):
            inner = folder / name / "images"
            for file in _files.images(inner if inner.is_dir() else folder / name):
                yield Record.of_file(folder, file, name)


def _folders(folder: Path) -> dict[str, list[str]]:
    """The class folders of each split."""
    found = {split: _files.subfolders(folder / split) for split in SPLITS}
    for split, names in found.items():
        if not names:
            layout = "put images into train/{class}/ and test/{class}/"
            raise UserError(f"{folder}: no folders of classes in {split}/; {layout}")
    return found


def _classes(folder: Path) -> list[str]:
    found = _files.subfolders(folder)
    if not found:
        raise UserError(f"{folder}: no folders of classes here; put images into {{class}}/")
    return found

"""CatsVsDogs: 25,000 photographs (Elson et al. 2007), Microsoft's zip file.

Paper 1 holds out 30 percent: 8,750 training images of a class and 7,500 test images of both, by a split that was not
published. Ours is drawn by the run's seed, and the index file is its publication. Two files are empty in Microsoft's
archive, so a class has 12,499 images: 8,749 for training and 3,750 for test.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _files
from oneclass.errors import UserError

HOME = "https://www.microsoft.com/en-us/download/details.aspx?id=54765"
ARCHIVE = "kagglecatsanddogs_5340.zip"
CLASSES = ("Cat", "Dog")
EMPTY = ("PetImages/Cat/666.jpg", "PetImages/Dog/11702.jpg")


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    return list(CLASSES)


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.folder(options, data_root, "cats_vs_dogs")


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    _files.require_place(options, data_root)
    folder = root(options, data_root)
    _files.unpack(data_root / ARCHIVE, folder, HOME)
    if not (folder / "PetImages").is_dir():
        raise UserError(f"{folder}: no PetImages here; unpack {ARCHIVE} from {HOME} in it")
    for class_name in CLASSES:
        for file in _files.images(folder / "PetImages" / class_name):
            path = file.relative_to(folder).as_posix()
            if path not in EMPTY:
                yield Record(path, path, class_name)

"""ImageNet-30: thirty classes of ImageNet, about 1,300 training and 100 test images each (Hendrycks et al. 2019).

``{train,test}/{class}/``, images at any depth below. The names of the published archives (``one_class_train``,
``one_class_test``) and ``val`` are understood too.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import SUFFIXES, Record
from oneclass.data.sources import _files
from oneclass.errors import UserError

HOME = "https://github.com/hendrycks/ss-ood"
CLASSES = (
    *("acorn", "airliner", "ambulance", "american_alligator", "banjo", "barn", "bikini", "digital_clock"),
    *("dragonfly", "dumbbell", "forklift", "goblet", "grand_piano", "hotdog", "hourglass", "manhole_cover"),
    *("mosque", "nail", "parking_meter", "pillow", "revolver", "rotary_dial_telephone", "schooner", "snowmobile"),
    *("soccer_ball", "stingray", "strawberry", "tank", "toaster", "volcano"),
)
SPLITS = {"train": ("train", "one_class_train"), "test": ("test", "one_class_test", "val")}


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    return list(CLASSES)


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.folder(options, data_root, "imagenet30")


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    _files.require_place(options, data_root)
    folder = root(options, data_root)
    for split, names in SPLITS.items():
        place = next((folder / name for name in names if (folder / name).is_dir()), folder / split)
        for class_name in CLASSES:
            for file in _images(place / class_name):
                path = file.relative_to(folder).as_posix()
                yield Record(path, path, class_name, split)


def _images(folder: Path) -> list[Path]:
    """The image files at any depth, sorted; the archive has hidden ones (``._1.JPEG``) that are none."""
    found = [
        Path(place, name)
        for place, _, names in os.walk(folder, followlinks=True)
        for name in names
        if name.lower().endswith(SUFFIXES) and not name.startswith(".")
    ]
    if not found:
        raise UserError(f"{folder}: there are no images here; get the data set from {HOME} and unpack it so")
    return sorted(found)

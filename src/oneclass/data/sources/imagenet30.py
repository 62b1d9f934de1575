"""ImageNet-30: thirty classes of ImageNet, about 1,300 training and 100 test images each (Hendrycks et al. 2019).

``{train,test}/{class}/``, images at any depth below. The names of the published archives (``one_class_train``,
``one_class_test``) and ``val`` are understood too.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from oneclass.data.record import SUFFIXES, Record
from oneclass.data.sources.base import Options, Source
from oneclass.errors import UserError

HOME = "https://github.com/hendrycks/ss-ood"
CLASSES = (
    *("acorn", "airliner", "ambulance", "american_alligator", "banjo", "barn", "bikini", "digital_clock"),
    *("dragonfly", "dumbbell", "forklift", "goblet", "grand_piano", "hotdog", "hourglass", "manhole_cover"),
    *("mosque", "nail", "parking_meter", "pillow", "revolver", "rotary_dial_telephone", "schooner", "snowmobile"),
    *("soccer_ball", "stingray", "strawberry", "tank", "toaster", "volcano"),
)
SPLITS = {"train": ("train", "one_class_train"), "test": ("test", "one_class_test", "val")}


class ImageNet30(Source):
    """Thirty classes."""

    folder, class_names, home = "imagenet30", CLASSES, HOME

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        for split, names in SPLITS.items():
            place = next((folder / name for name in names if (folder / name).is_dir()), folder / split)
            for class_name in CLASSES:
                for file in _images(place / class_name):
                    yield Record.of_file(folder, file, class_name, split)


def _images(folder: Path) -> list[Path]:
    """The image files at any depth, sorted; the archive has hidden ones (``._1.JPEG``) that are none."""
    found = [
        Path(place, name)
        for place, _, names in os.walk(folder, followlinks=True)
        for name in names
        if name.lower().endswith(SUFFIXES) and not name.startswith(".")
    ]
    if not found:
        raise UserError(f"{folder}: there are no images here; get the data set from {HOME} and unpack it there")
    return sorted(found)

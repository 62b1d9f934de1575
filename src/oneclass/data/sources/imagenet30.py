"""ImageNet-30: thirty classes of ImageNet, about 1,300 training and 100 test images each (Hendrycks et al. 2019).

``{train,test}/{class}/``, images at any depth below. The names of the published archives (``one_class_train``,
``one_class_test``) and ``val`` are understood too.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from oneclass.data.record import SUFFIXES, Record
from oneclass.data.sources.base import Counts, Options, Source
from oneclass.errors import UserError

HOME = "https://github.com/hendrycks/ss-ood"
WNIDS = {
    "acorn": "n12267677",
    "airliner": "n02690373",
    "ambulance": "n02701002",
    "american_alligator": "n01698640",
    "banjo": "n02787622",
    "barn": "n02793495",
    "bikini": "n02837789",
    "digital_clock": "n03196217",
    "dragonfly": "n02268443",
    "dumbbell": "n03255030",
    "forklift": "n03384352",
    "goblet": "n03443371",
    "grand_piano": "n03452741",
    "hotdog": "n07697537",
    "hourglass": "n03544143",
    "manhole_cover": "n03717622",
    "mosque": "n03788195",
    "nail": "n03804744",
    "parking_meter": "n03891332",
    "pillow": "n03938244",
    "revolver": "n04086273",
    "rotary_dial_telephone": "n03187595",
    "schooner": "n04147183",
    "snowmobile": "n04252077",
    "soccer_ball": "n04254680",
    "stingray": "n01498041",
    "strawberry": "n07745940",
    "tank": "n04389033",
    "toaster": "n04442312",
    "volcano": "n09472597",
}
CLASSES = tuple(WNIDS)
SPLITS = {"train": ("train", "one_class_train"), "test": ("test", "one_class_test", "val")}


class ImageNet30(Source):
    """Thirty classes."""

    shows = "photographs of thirty kinds of things"
    folder, class_names, home = "imagenet30", CLASSES, HOME
    counts = Counts(train=39_000, test=3000)

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

"""Where images come from: a module a data set, chosen by name in the config.

To add one, write a module with the three functions of ``Source`` and put it in ``SOURCES``. Nothing slow may be
imported at the top of a module: the workflow imports all of them on every parse.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from oneclass.data.record import Record
from oneclass.data.sources import (
    cats_vs_dogs,
    cifar10,
    cifar100,
    class_folders,
    drawn_defects,
    elpv,
    fashion_mnist,
    image_folders,
    imagenet30,
    mnist5k,
    mpdd,
    mvtec_ad,
    own_images,
    photo_crops,
    random_images,
    textures,
    tiny_images,
    visa,
)


class Source(Protocol):
    """What a module here provides. ``options`` are a data set's settings in the config, as a dict."""

    def classes(self, options: Mapping[str, Any], data_root: Path) -> list[str]:
        """The class names that can be normal; needs the data only where nothing else knows the names."""

    def root(self, options: Mapping[str, Any], data_root: Path) -> Path:
        """The folder that the records' paths are relative to; it need not exist yet."""

    def records(self, options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
        """All images, after fetching or unpacking them if need be; ``UserError`` if they cannot be had."""


SOURCES: dict[str, Source] = {
    "cats_vs_dogs": cats_vs_dogs,
    "cifar10": cifar10,
    "cifar100": cifar100,
    "class_folders": class_folders,
    "drawn_defects": drawn_defects,
    "elpv": elpv,
    "fashion_mnist": fashion_mnist,
    "image_folders": image_folders,
    "imagenet30": imagenet30,
    "mnist5k": mnist5k,
    "mpdd": mpdd,
    "mvtec_ad": mvtec_ad,
    "own_images": own_images,
    "photo_crops": photo_crops,
    "random_images": random_images,
    "textures": textures,
    "tiny_images": tiny_images,
    "visa": visa,
}

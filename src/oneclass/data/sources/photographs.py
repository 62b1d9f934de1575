"""Photographs that scikit-image and scikit-learn bring, cut up: textures, a pool of outliers, a data set of classes."""

from collections.abc import Iterator
from pathlib import Path

from oneclass.data.record import Record
from oneclass.data.sources import _files
from oneclass.data.sources.base import Counts, Options, Packaged
from oneclass.errors import UserError


class Textures(Packaged):
    """A photograph each."""

    shows = "photographs of textures"
    package, distribution, folder = "skimage", "scikit-image", "data"
    class_names = ("brick", "grass", "gravel")
    counts = Counts(train=195, test=195)

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        from oneclass.data.containers import crops  # brings NumPy

        for name in self.class_names:
            count = len(crops(folder / f"{name}.png"))
            for item in range(count):
                split = "train" if item < count // 2 else "test"
                yield Record(f"{name}/{item:03d}", f"{name}.png", name, split, item, reader="crops")


PHOTOGRAPHS = {
    "astronaut": "skimage/data/astronaut.png",
    "camera": "skimage/data/camera.png",
    "chelsea": "skimage/data/chelsea.png",
    "china": "sklearn/datasets/images/china.jpg",
    "coffee": "skimage/data/coffee.png",
    "coins": "skimage/data/coins.png",
    "flower": "sklearn/datasets/images/flower.jpg",
    "motorcycle": "skimage/data/motorcycle_left.png",  # the right one is the same scene again
    "rocket": "skimage/data/rocket.jpg",
}


class PhotoCrops(Packaged):
    """Crops that overlap; a class for each photograph."""

    shows = "pieces of photographs"
    class_names = tuple(PHOTOGRAPHS)
    counts, reader = Counts(undivided=4534), "photo_crops"

    def root(self, options: Options, data_root: Path) -> Path:
        """The folder that both packages are in."""
        one = _files.installed("skimage", "scikit-image").parent
        other = _files.installed("sklearn", "scikit-learn").parent
        if one != other:
            raise UserError(f"scikit-image is in {one}, but scikit-learn in {other}; install both in one environment")
        return one

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        from oneclass.data.containers import READERS  # brings NumPy

        for name, path in PHOTOGRAPHS.items():
            for item in range(len(READERS[self.reader](folder / path))):
                yield Record(f"{name}/{item:04d}", path, name, item=item, reader=self.reader)


class PhotoTiles(PhotoCrops):
    """Small squares that do not overlap, so that they can be split; a class for each photograph."""

    counts, reader, side = Counts(undivided=491), "photo_tiles", 64

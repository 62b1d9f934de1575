"""ImageNet as a pool of outliers: ImageNet-22k, and the two smaller sets that can stand in for it.

``{wnid}/*`` each, a folder for a class by its number in WordNet.
"""

from collections.abc import Iterator
from pathlib import Path

from oneclass.data.record import Record
from oneclass.data.sources.base import Counts, Options
from oneclass.data.sources.class_folders import ImageFolders
from oneclass.errors import UserError

HOME = "https://image-net.org/download.php"


class Wnids(ImageFolders):
    """A source whose error says what to fetch: ``files`` of ``home``, which are unpacked by hand."""

    files = ""
    instead = ""  # what else would do

    def state(self, options: Options, data_root: Path) -> str:
        """Nothing: published, and too many files to look at before each run."""
        return ""

    def records(self, options: Options, data_root: Path) -> Iterator[Record]:
        folder = self.root(options, data_root)
        if not folder.is_dir():
            raise UserError(
                f"{folder} does not exist; get {self.files} from {self.home} and unpack it there, a folder for each "
                f"wnid{self.instead}"
            )
        yield from self.found(folder, options)


class TinyImageNet(Wnids):
    """Two hundred classes of ImageNet-1k, 500 images of 64 pixels a side each."""

    folder, image_size, home = "tiny_imagenet", 64, "http://cs231n.stanford.edu/tiny-imagenet-200.zip"
    files = "train/ of the archive"
    counts, side = Counts(undivided=100_000), 64


class ImageNet1k(Wnids):
    """A thousand classes, 1.28 million images, among them those of ImageNet-30."""

    folder, home, files = "imagenet1k", HOME, "the training images of ILSVRC 2012"
    counts = Counts(undivided=1_281_167)


class ImageNet22k(Wnids):
    """21,841 classes, 14 million images."""

    folder, home, files = "imagenet22k", HOME, "ImageNet's whole release (winter 2021; that of fall 2011 is gone)"
    counts = Counts(undivided=14_197_122)
    instead = (
        f", or take a stand-in, for ImageNet-30 with exclude_file: imagenet30: source imagenet1k ({HOME}), or source "
        f"tiny_imagenet ({TinyImageNet.home})"
    )

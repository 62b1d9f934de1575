"""Images of 32x32 pixels from the web, without classes: 80 Million Tiny Images and 300K Random Images, its stand-in."""

from collections.abc import Iterator
from itertools import islice
from math import gcd, sqrt
from pathlib import Path

from oneclass.data.record import Record
from oneclass.data.sources.base import Counts, Options, Source
from oneclass.errors import UserError

WITHDRAWN = "https://groups.csail.mit.edu/vision/TinyImages"
EXCLUDED_HOME = "https://github.com/hendrycks/outlier-exposure"
FILE = "tiny_images.bin"
RANDOM_FILE = "300K_random_images.npy"
EXCLUDED = "80mn_cifar_idxs.txt"
LARGEST = 5_000_000  # images; a longer index does not fit into the memory of most machines


class TinyImages(Source):
    """Torralba et al. 2008, withdrawn by its authors; for those who have a copy.

    CIFAR10 and CIFAR100 were taken from it; the list of their images (Hendrycks et al. 2019) is left out (paper 2).
    """

    folder, class_names, image_size, side = "tiny_images", ("tiny",), 32, 32
    counts = Counts(undivided=79_302_017)
    further_files = (FILE, EXCLUDED)

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        """The images, or ``options["limit"]`` of them, spread over the file (its order is that of the nouns)."""
        from oneclass.data.containers import tiny_images  # brings NumPy

        if not (folder / FILE).is_file():
            raise UserError(
                f"{folder / FILE} is missing, and its authors withdrew it ({WITHDRAWN}); use source random_images, or "
                "put a copy there if you have one"
            )
        count, limit = len(tiny_images(folder / FILE)), options.get("limit")
        if limit is None and count > LARGEST:
            raise UserError(f"{folder / FILE}: {count} images are too many for an index; set limit ({LARGEST} at most)")
        excluded = _excluded(folder / EXCLUDED)
        kept = (item for item in _spread(count) if item not in excluded)
        for item in islice(kept, limit):
            yield Record(f"{item:08d}", FILE, self.class_names[0], item=item, reader="tiny_images")


class RandomImages(Source):
    """Hendrycks et al. 2019."""

    folder, class_names, image_size, side = "", ("random",), 32, 32
    counts = Counts(undivided=300_000)
    home = EXCLUDED_HOME
    further_files = (RANDOM_FILE,)

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        from oneclass.data.containers import npy  # brings NumPy

        file = folder / RANDOM_FILE
        if not file.is_file():
            raise UserError(f"{file} is missing; get it from {self.home} (300K Random Images) and put it there")
        for item in range(len(npy(file))):
            yield Record(f"{item:06d}", RANDOM_FILE, self.class_names[0], item=item, reader="npy")


def _excluded(file: Path) -> set[int]:
    """The items that are CIFAR's. The list counts from 1; its zeros stand for CIFAR images that are not in the file."""
    try:
        return {int(line) - 1 for line in file.read_text(encoding="utf-8").split()}
    except FileNotFoundError:
        raise UserError(f"{file}, the list of CIFAR's images, is missing; get it from {EXCLUDED_HOME}") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{file}: not one number per line ({error}); get it again from {EXCLUDED_HOME}") from error


def _spread(count: int) -> Iterator[int]:
    """Every number below ``count`` once, the first few of them spread evenly: steps of the golden ratio."""
    first = round(count * (sqrt(5) - 1) / 2)
    step = next(step for step in range(first, first + count) if gcd(step, count) == 1)
    return (position * step % count for position in range(count))

"""80 Million Tiny Images: 32x32 pixels (Torralba et al. 2008), withdrawn by its authors; for those who have a copy.

CIFAR10 and CIFAR100 were taken from it; the list of their images (Hendrycks et al. 2019) is left out, as in paper 2.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from math import gcd, sqrt
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _files
from oneclass.errors import UserError

WITHDRAWN = "https://groups.csail.mit.edu/vision/TinyImages"
EXCLUDED_HOME = "https://github.com/hendrycks/outlier-exposure"
FILE = "tiny_images.bin"
EXCLUDED = "80mn_cifar_idxs.txt"
CLASS = "tiny"
LARGEST = 5_000_000  # images; a longer index does not fit into the memory of most machines


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    return [CLASS]


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.folder(options, data_root, "tiny_images")


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    """The images, or ``options["limit"]`` of them, which are spread over the file (its order is that of the nouns)."""
    from oneclass.data.containers import tiny_images  # brings NumPy

    _files.require_place(options, data_root)
    folder = root(options, data_root)
    if not (folder / FILE).is_file():
        raise UserError(
            f"{folder / FILE} is missing, and its authors withdrew it ({WITHDRAWN}); use source random_images, or put "
            "a copy there if you have one"
        )
    count, limit = len(tiny_images(folder / FILE)), options.get("limit")
    if limit is None and count > LARGEST:
        raise UserError(f"{folder / FILE}: {count} images are too many for an index; set limit ({LARGEST} at most)")
    excluded = _excluded(folder / EXCLUDED)
    kept = (item for item in _spread(count) if item not in excluded)
    for item in islice(kept, limit):
        yield Record(f"{item:08d}", FILE, CLASS, item=item, reader="tiny_images")


def _excluded(file: Path) -> set[int]:
    """The items that are CIFAR's. The list counts from 1; its zeros stand for CIFAR images that are not in the file."""
    try:
        return {int(line) - 1 for line in file.read_text(encoding="utf-8").split()}
    except FileNotFoundError:
        raise UserError(f"{file}, the list of CIFAR's images, is missing; get it from {EXCLUDED_HOME}") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{file}: not a number a line ({error}); get it again from {EXCLUDED_HOME}") from error


def _spread(count: int) -> Iterator[int]:
    """Every number below ``count`` once, the first few of them spread evenly: steps of the golden ratio."""
    first = round(count * (sqrt(5) - 1) / 2)
    step = next(step for step in range(first, first + count) if gcd(step, count) == 1)
    return (position * step % count for position in range(count))

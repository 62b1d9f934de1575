"""Fashion-MNIST: 70,000 grey images of 28x28 pixels, ten classes (Xiao et al. 2017), in torchvision's layout."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _files
from oneclass.data.sources._download import fetch
from oneclass.errors import UserError

IMAGE_SIZE = 28
HOME = "https://github.com/zalandoresearch/fashion-mnist"
CLASSES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
SPLITS = {
    "train": ("raw/train-images-idx3-ubyte", "raw/train-labels-idx1-ubyte"),
    "test": ("raw/t10k-images-idx3-ubyte", "raw/t10k-labels-idx1-ubyte"),
}


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    return list(CLASSES)


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.folder(options, data_root, "FashionMNIST")


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    from oneclass.data.containers import idx  # brings NumPy

    _files.require_place(options, data_root)
    folder = root(options, data_root)
    needed = [file for pair in SPLITS.values() for file in pair]
    fetch("FashionMNIST", HOME, folder, [file for file in needed if not _exists(folder / file)])
    for split, (images, labels) in SPLITS.items():
        names = idx(folder / labels)
        if names.ndim != 1 or len(names) != len(idx(folder / images)) or names.max(initial=0) >= len(CLASSES):
            raise UserError(f"{folder / labels}: does not hold the labels of {images}; fetch both again")
        for item, label in enumerate(names):
            yield Record(f"{split}/{item:05d}", images, CLASSES[label], split, item, reader="idx")


def _exists(file: Path) -> bool:
    return file.is_file() or file.with_name(file.name + ".gz").is_file()

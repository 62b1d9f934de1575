"""CIFAR10: 60,000 colour images of 32x32 pixels, ten classes (Krizhevsky 2009)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _cifar, _files

IMAGE_SIZE = 32
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SPLITS = {**{f"data_batch_{number}": "train" for number in range(1, 6)}, "test_batch": "test"}


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    return list(CLASSES)


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.folder(options, data_root, "cifar-10-batches-py")


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    _files.require_place(options, data_root)
    yield from _cifar.records(root(options, data_root), "CIFAR10", SPLITS, "labels", CLASSES)

"""Three photographs of textures, as scikit-image brings them, cut into crops.

Those of a photograph's upper half are for training, those of its lower half for test. There are no anomalies;
``drawn_defects`` makes some.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _files

CLASSES = ("brick", "grass", "gravel")


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    return list(CLASSES)


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.installed("skimage", "scikit-image") / "data"


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    from oneclass.data.containers import crops  # brings NumPy

    for name in CLASSES:
        count = len(crops(root(options, data_root) / f"{name}.png"))
        for item in range(count):
            split = "train" if item < count // 2 else "test"
            yield Record(f"{name}/{item:03d}", f"{name}.png", name, split, item, reader="crops")

"""ELPV: electroluminescence photographs of solar cells, 300x300 pixels (Deitsch et al. 2019), from its own package.

Experts gave each cell a probability of being defective. 0 is normal and 1 anomalous here; 1/3 and 2/3 mean that they
were not sure, so those cells are left out. There is no official split.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _files

CLASSES = ("mono", "poly")


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    return list(CLASSES)


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.installed("elpv_dataset", "elpv-dataset") / "data"


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    for line in (root(options, data_root) / "labels.csv").read_text(encoding="utf-8").splitlines():
        path, probability, kind = line.split()
        if float(probability) == 0:
            yield Record(path, path, kind)
        elif float(probability) == 1:
            yield Record(path, path, kind, label=1, defect="defective")

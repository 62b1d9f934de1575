"""ELPV: electroluminescence photographs of solar cells, 300x300 pixels (Deitsch et al. 2019), from its own package.

Experts gave each cell a probability of being defective. 0 is normal and 1 anomalous here; 1/3 and 2/3 mean that they
were not sure, so those cells are left out. There is no official split.
"""

from collections.abc import Iterator
from pathlib import Path

from oneclass.data.record import Record
from oneclass.data.sources.base import Counts, Options, Packaged


class Elpv(Packaged):
    """Two kinds of cells."""

    shows = "photographs of solar cells"
    package, distribution, folder = "elpv_dataset", "elpv-dataset", "data"
    class_names = ("mono", "poly")
    counts, side = Counts(undivided=1508, anomalous=715), 300

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        for line in (folder / "labels.csv").read_text(encoding="utf-8").splitlines():
            path, probability, kind = line.split()
            if float(probability) == 0:
                yield Record(path, path, kind)
            elif float(probability) == 1:
                yield Record(path, path, kind, label=1, defect="defective")

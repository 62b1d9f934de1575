"""How many images there are, before there are any: what is known of published data, within the configuration's caps.

Classes are taken to be equally large. Of what nobody knows the index tells, once it is made; until then a guess does,
and ``Sizes.guessed`` names it.
"""

from dataclasses import dataclass
from math import floor, inf
from pathlib import Path

from oneclass.config import Config
from oneclass.config.data import Dataset
from oneclass.data.sources import SOURCES
from oneclass.data.sources.base import Counts

GUESS = 10_000
DRAWN = "drawn_defects"


@dataclass(frozen=True)
class Class:
    """The images of one class: for training, and for test those that are normal and those that are anomalous."""

    train: int
    test: int
    anomalous: int = 0

    @property
    def images(self) -> int:
        """All of them."""
        return self.train + self.test + self.anomalous


class Sizes:
    """The numbers of images of the data sets and pools of ``config``; indexes are looked for in ``results``."""

    def __init__(self, config: Config, results: Path = Path("results")) -> None:
        self._config, self._results = config, results
        self.guessed: set[str] = set()
        self._found: dict[str, Counts] = {}  # in indexes

    def class_of(self, dataset: str) -> Class:
        """Any one class of a data set."""
        options = self._config.datasets[dataset]
        if options.base is not None:
            base = self.class_of(options.base)
            half = base.test // 2
            return _capped(Class(base.train, base.test - half, half), options)
        if found := self._indexed(dataset):
            classes = len(self._classes(dataset))
            return Class(found.train // classes, found.test // classes, found.anomalous // classes)
        counts, known = self._counts(dataset), self._known_classes(dataset)
        train, test, normal = (number // known for number in (counts.train, counts.test, counts.undivided))
        held_out = floor(normal * options.test_fraction + 0.5)
        return _capped(Class(train + normal - held_out, test + held_out, counts.anomalous // known), options)

    def train(self, dataset: str) -> int:
        """The normal images that one class of a data set is trained on."""
        one = self.class_of(dataset)
        others = len(self._config.available_classes(dataset)) - 1
        return one.train * (others if self._config.datasets[dataset].task == "leave_one_out" else 1)

    def test(self, dataset: str) -> int:
        """The images that one class of a data set is tested on."""
        one, task = self.class_of(dataset), self._config.datasets[dataset].task
        return (one.test + one.anomalous) * (1 if task == "defect" else len(self._config.available_classes(dataset)))

    def images(self, name: str) -> int:
        """All images of a data set or pool, as its index has them."""
        if found := self._indexed(name):
            return _sum(found)
        if name in self._config.datasets:
            return self.class_of(name).images * len(self._classes(name))
        pool, counts = self._config.oe_pools[name], self._counts(name)
        if not self._is_published(name):
            return _sum(counts)
        parts = {"train": counts.train, "test": counts.test, None: counts.train + counts.test + counts.undivided}
        share = len(pool.keep) / self._known_classes(name) if pool.keep else 1
        return int(min(parts[pool.split] * share, pool.limit or inf))

    def whole(self, name: str) -> int:
        """All images that its source has, whichever are kept."""
        if self._config.images(name).source == DRAWN:
            return 0
        return _sum(self._indexed(name) or self._counts(name))

    def is_stored(self, name: str) -> bool:
        """Whether the images are decoded once and kept, as those of a pool may not be."""
        return name in self._config.datasets or self._config.oe_pools[name].stored

    def side(self, name: str) -> int:
        """Pixels a side of an image as it is stored by its source, about."""
        options = self._config.images(name)
        if isinstance(options, Dataset) and options.base is not None:
            return self.side(options.base)
        return SOURCES[options.source].side

    def _classes(self, dataset: str) -> list[str]:
        """Those of which the index of a data set has images, for training too."""
        options = self._config.datasets[dataset]
        return (options.classes if options.task == "defect" else None) or self._config.available_classes(dataset)

    def _known_classes(self, name: str) -> int:
        options = self._config.images(name)
        source = SOURCES[options.source]
        found = source.classes(options.model_dump(), Path(self._config.data_root))  # some of them may not be there yet
        return max(len(found), len(source.class_names))

    def _counts(self, name: str) -> Counts:
        """What is published; of what is not, a guess at what is kept."""
        counts = SOURCES[self._config.images(name).source].counts
        if counts:
            return counts
        self.guessed.add(name)
        return Counts(undivided=getattr(self._config.images(name), "limit", None) or GUESS)

    def _is_published(self, name: str) -> bool:
        """Whether numbers are known without an index; those of drawn defects follow from their base."""
        source = self._config.images(name).source
        return source == DRAWN or bool(SOURCES[source].counts)

    def _indexed(self, name: str) -> Counts | None:
        """What the index of ``name`` has, where nothing is published and there is one."""
        index = self._results / "index" / f"{name}.parquet"
        if name not in self._found and not self._is_published(name) and index.is_file() and (found := _read(index)):
            self._found[name] = found
        return self._found.get(name)


def _read(index: Path) -> Counts | None:
    """The rows of an ``index``; None for one of no use: the jobs that read it say what is wrong."""
    import pyarrow as pa  # a quarter of a second, which no published data set needs
    from pyarrow import parquet

    try:
        rows = parquet.ParquetFile(index).read(columns=["split", "label"])
        groups = rows.group_by(["split", "label"]).aggregate([([], "count_all")]).to_pylist()
    except (OSError, KeyError, pa.ArrowException):
        return None
    counts = {(group["split"], group["label"]): group["count_all"] for group in groups}
    return Counts(*(counts.get(kind, 0) for kind in (("train", 0), ("test", 0), ("test", 1))))


def _sum(counts: Counts) -> int:
    return counts.train + counts.test + counts.anomalous + counts.undivided


def _capped(one: Class, options: Dataset) -> Class:
    train, test = (cap or inf for cap in (options.train_per_class, options.test_per_class))
    return Class(*(int(min(*pair)) for pair in ((one.train, train), (one.test, test), (one.anomalous, test))))

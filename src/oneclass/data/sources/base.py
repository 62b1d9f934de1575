"""What a source of images is: where its files are, which classes it has, and a record for each image."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _files

Options = Mapping[str, Any]  # a data set's settings in the configuration, as a dict


@dataclass(frozen=True)
class Counts:
    """How many images a source has in all: those of its own split, normal or ``anomalous`` (for test), and those that
    it does not split (``undivided``, normal). A price is made of them before the images are there."""

    train: int = 0
    test: int = 0
    anomalous: int = 0
    undivided: int = 0


class Source(ABC):
    """A source in the folder ``folder`` of data_root, or where the configuration says.

    ``shows`` says to readers what its images are. ``class_names`` can be normal; ``home`` is the page that a person
    gets ``archive`` from, which is unpacked where the folder does not exist; ``image_size`` is that of all images,
    where they have one. ``counts`` are known of published data sets; ``side`` is about what an image has in pixels.
    ``further_files`` are those in its folder that it reads beside picture files, such as a table of labels.
    """

    folder: str
    shows = "pictures from folders"
    class_names: tuple[str, ...] = ()
    home = ""
    archive = ""
    image_size: int | None = None
    downloads = False  # whether what is missing is fetched where there is a network
    counts: Counts | None = None
    side = 500
    further_files: tuple[str, ...] = ()

    def classes(self, options: Options, data_root: Path) -> list[str]:
        """The class names that can be normal; needs the data only where nothing else knows the names."""
        return list(self.class_names)

    def root(self, options: Options, data_root: Path) -> Path:
        """The folder that the records' paths are relative to; it need not exist yet."""
        return _files.folder(options, data_root, self.folder)

    def state(self, options: Options, data_root: Path) -> str:
        """What changes when one of its images is added, replaced or removed, or one of ``further_files`` is edited: of
        your own pictures, which are those in a folder that ``options`` name. A published data set, in its own place,
        does not change."""
        if self.home and not options.get("path"):
            return ""
        return _files.state(self.root(options, data_root), self.further_files)

    def records(self, options: Options, data_root: Path) -> Iterator[Record]:
        """All images, after unpacking them if need be; ``UserError`` if they cannot be had."""
        _files.require_place(options, data_root)
        if self.archive:
            place = _files.folder(options, data_root, self.folder)
            _files.unpack(data_root / self.archive, place, self.home)
        yield from self.found(self.root(options, data_root), options)

    @abstractmethod
    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        """The images in ``folder``; ``UserError`` if they are not all there."""


class Packaged(Source):
    """A source that is installed as a Python ``package`` of the ``distribution``, in its folder ``folder``."""

    package: str
    distribution: str
    folder = ""

    def root(self, options: Options, data_root: Path) -> Path:
        return _files.installed(self.package, self.distribution) / self.folder

    def state(self, options: Options, data_root: Path) -> str:
        """Nothing: its version is that of the package."""
        return ""

    def records(self, options: Options, data_root: Path) -> Iterator[Record]:
        yield from self.found(self.root(options, data_root), options)

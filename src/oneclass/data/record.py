"""One row of the index. Standard library only: the workflow imports the sources on every parse."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

SUFFIXES = (
    *(".avif", ".bmp", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"),
    *(".pgm", ".png", ".ppm", ".tga", ".tif", ".tiff", ".webp"),
)  # of pictures
WHITE = 65535  # of grey images with 16 bits, unless the index says otherwise (data.depth)


@dataclass(frozen=True)
class Record:
    """An image: where its pixels are and what is known about it.

    ``id`` is unique in the data set; ``path`` and ``mask`` are POSIX paths relative to the source's root, so that a
    record is the same on every machine.
    """

    id: str
    path: str
    class_name: str
    split: str = ""  # "train", "test", or "" where the data set has no official split
    item: int = -1  # row inside a container; -1 for an image file
    reader: str = "image"  # "image", or the kind of container (a key of containers.READERS)
    label: int = 0  # 0 normal, 1 anomalous; 0 for every image of classification data
    defect: str = ""
    mask: str = ""

    @classmethod
    def of_file(cls, folder: Path, file: Path, class_name: str, split: str = "", **known: Any) -> Self:
        """The record of an image ``file`` below ``folder``, by its path."""
        path = file.relative_to(folder).as_posix()
        return cls(path, path, class_name, split, **known)


COLUMNS = tuple(field.name for field in fields(Record))

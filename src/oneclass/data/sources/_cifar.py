"""What CIFAR10 and CIFAR100 have in common: batches of 32x32 images, the "python version" of their home page."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from oneclass.data.record import Record
from oneclass.data.sources._download import fetch

HOME = "https://www.cs.toronto.edu/~kriz/cifar.html"


def records(folder: Path, kind: str, splits: Mapping[str, str], labels: str, names: Sequence[str]) -> Iterator[Record]:
    """The images of the batch files ``splits`` (file: split), named by their key ``labels``."""
    from oneclass.data.containers import cifar  # brings NumPy

    fetch(kind, HOME, folder, [file for file in splits if not (folder / file).is_file()])
    for file, split in splits.items():
        for item, label in enumerate(cifar(folder / file).labels[labels]):
            yield Record(f"{file}/{item:05d}", file, names[label], split, item, reader="cifar")

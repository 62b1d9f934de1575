"""What an index holds, in numbers (paper 1, Table S1)."""

from collections.abc import Sequence

from oneclass.data import images
from oneclass.data.index import Index


def sizes(index: Index, classes: Sequence[str]) -> dict[str, object]:
    """Categories run, training and test images, and the smallest and largest image side in pixels.

    In classification data an image is normal or anomalous only once a class is chosen: all count as normal here.
    """
    test = index.table[index.table["split"] == "test"]
    sides = [side for place in index.places() for side in images.size(*place)]
    return {
        "dataset": index.name,
        "categories": len(classes),
        "train": int((index.table["split"] == "train").sum()),
        "test_normal": int((test["label"] == 0).sum()),
        "test_anomalous": int((test["label"] == 1).sum()),
        "min_size": min(sides),
        "max_size": max(sides),
    }

"""What an index holds, in numbers (paper 1, Table S1)."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from PIL import Image

from oneclass.data import images


def sizes(index: pd.DataFrame, classes: Sequence[str]) -> dict[str, object]:
    """Categories run, training and test images, and the smallest and largest image side in pixels.

    In classification data an image is normal or anomalous only once a class is chosen: all count as normal here.
    """
    test = index[index["split"] == "test"]
    root = Path(index.attrs["root"])
    rows = index[["path", "item", "reader"]].itertuples(index=False, name=None)
    sides = [side for path, item, reader in rows for side in _size(root, path, item, reader)]
    return {
        "dataset": index.attrs["dataset"],
        "categories": len(classes),
        "train": int((index["split"] == "train").sum()),
        "test_normal": int((test["label"] == 0).sum()),
        "test_anomalous": int((test["label"] == 1).sum()),
        "min_size": min(sides),
        "max_size": max(sides),
    }


def _size(root: Path, path: str, item: int, reader: str) -> tuple[int, int]:
    """Width and height; of a plain file from its header alone."""
    if reader != "image":
        return images.load(root, path, item, reader).size
    with Image.open(root / path) as image:
        return image.size

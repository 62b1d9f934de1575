"""Pixel masks of defects, in the geometry that the images have before the backbone."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import ImageOps

from oneclass.data import images
from oneclass.data.index import places
from oneclass.errors import UserError

Mask = NDArray[np.bool_]


def has_masks(rows: pd.DataFrame) -> bool:
    """Whether the anomalous images among these rows of an index have masks; an index has them for all or for none."""
    return bool((rows["mask"] != "").any())


def load_rows(rows: pd.DataFrame, resize: int, crop: int | None) -> Mask:
    """The masks [N, S, S] of rows of an index, in their order, where S is ``crop`` or else ``resize``.

    Normal images have empty ones. Raises ``UserError`` if an anomalous image has no mask, and as ``load`` does.
    """
    side = crop or resize
    masks = np.zeros((len(rows), side, side), bool)
    for position, (place, mask, label) in enumerate(zip(places(rows), rows["mask"], rows["label"], strict=True)):
        root, path = place[:2]
        if mask:
            masks[position] = load(root, mask, images.size(*place), resize, crop)
        elif label == 1:
            raise UserError(
                f"{root / path}: this anomalous image has no mask; add one, or use image-level metrics only"
            )
    return masks


def load(root: Path, mask: str, size: tuple[int, int], resize: int, crop: int | None) -> Mask:
    """The mask [S, S] of an anomalous image of ``size`` (width, height): True where a pixel is not 0.

    ``mask`` is a path relative to ``root``. Nearest neighbour, otherwise the geometry of ``transform.prepare``. Raises
    ``UserError`` naming the file if it is missing, unreadable, of another size than its image, or 0 everywhere.
    """
    file = root / mask
    original = _decode(file)
    height, width = original.shape
    if (width, height) != tuple(size):
        raise UserError(f"{file}: {width}x{height} pixels, but its image has {size[0]}x{size[1]}; replace one of them")
    if not original.any():
        raise UserError(
            f"{file}: marks no pixel, but its image is anomalous; mark the defect, or sort the image as good"
        )
    start = (resize - (crop or resize)) // 2
    kept = np.arange(start, start + (crop or resize))
    rows, columns = ((2 * kept + 1) * length // (2 * resize) for length in original.shape)  # where pixel centres fall
    return original[np.ix_(rows, columns)]


def _decode(file: Path) -> Mask:
    """Where any channel but alpha is not 0 [H, W]; of a palette, its colours count."""
    with images.opened(file, "mask") as stored:
        image = ImageOps.exif_transpose(stored)
        image = image.convert("RGBA") if image.mode == "P" else image
        pixels = np.asarray(image).reshape(image.height, image.width, -1)
        return np.any(pixels[..., [band != "A" for band in image.getbands()]], axis=-1)

"""Pixel masks of defects, in the geometry that the images have before the backbone."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from oneclass.data import images
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.errors import UserError

Mask = NDArray[np.bool_]


def has_masks(index: Index) -> bool:
    """Whether the anomalous images of ``index`` have masks; an index has them for all or for none."""
    return bool((index.table["mask"] != "").any())


def load_all(index: Index, geometry: Geometry) -> Mask:
    """The masks [N, S, S] of ``index``, in its order, where S is the image size of ``geometry``.

    Normal images have empty ones. Raises ``UserError`` if an anomalous image has no mask, and as ``load`` does.
    """
    masks = np.zeros((len(index), geometry.image_size, geometry.image_size), bool)
    rows = zip(index.places(), index.table["mask"], index.table["label"], strict=True)
    for position, (place, mask, label) in enumerate(rows):
        if mask:
            masks[position] = load(place.root, mask, images.size(*place), geometry)
        elif label == 1:
            raise UserError(
                f"{place.root / place.path}: this anomalous image has no mask; add one, or use image-level metrics only"
            )
    return masks


def load(root: Path, mask: str, size: tuple[int, int], geometry: Geometry) -> Mask:
    """The mask [S, S] of an anomalous image of ``size`` (width, height): True where a pixel is not 0.

    ``mask`` is a path relative to ``root``. Nearest neighbour, otherwise in the ``geometry`` of the images. Raises
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
    kept = np.arange(geometry.start, geometry.start + geometry.image_size)
    rows, columns = (
        (2 * kept + 1) * length // (2 * geometry.resize) for length in original.shape
    )  # where pixel centres fall
    return original[np.ix_(rows, columns)]


def _decode(file: Path) -> Mask:
    """Where any channel but alpha is not 0 [H, W]; of a palette, its colours count."""
    with images.opened(file, "mask") as stored:
        image = ImageOps.exif_transpose(stored)
        image = image.convert("RGBA") if image.mode == "P" else image
        pixels = np.asarray(image).reshape(image.height, image.width, -1)
        return np.any(pixels[..., [band != "A" for band in image.getbands()]], axis=-1)

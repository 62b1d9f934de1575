"""Pixel masks of defects, in the geometry that the images have before the backbone."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from oneclass.data import images
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.errors import UserError, listed

Mask = NDArray[np.bool_]
SHADES = 16
"""As many values may be in a mask that is drawn: kinds of defects. Compression, or resizing, makes more of two."""
LOSSY = ("AVIF", "JPEG", "JPEG2000", "MPO", "WEBP")


def has_masks(index: Index) -> bool:
    """Whether the anomalous images of ``index`` have masks; an index has them for all or for none."""
    return bool((index.table["mask"] != "").any())


def files(index: Index) -> list[Path]:
    """The masks of ``index``."""
    return [index.root / mask for mask in index.table["mask"] if mask]


def load_all(index: Index, geometry: Geometry) -> Mask:
    """The masks [N, S, S] of ``index``, in its order, where S is the image size of ``geometry``.

    Normal images have empty ones. Raises ``UserError`` if an anomalous image has no mask, and as ``load`` does, for all
    masks at once.
    """
    faults: list[UserError] = []
    masks = np.zeros((len(index), geometry.image_size, geometry.image_size), bool)
    rows = zip(index.places(), index.table["mask"], index.table["label"], strict=True)
    for position, (place, mask, label) in enumerate(rows):
        if mask:
            try:
                masks[position] = load(place.root, mask, images.size(*place), geometry)
            except UserError as error:
                faults.append(error)
        elif label == 1:
            raise UserError(
                f"{place.root / place.path}: this anomalous image has no mask; add one, or use image-level metrics only"
            )
    if len(faults) > 1:
        raise UserError(f"{len(faults)} masks cannot be used: {listed(faults)}")
    if faults:
        raise faults[0]
    return masks


def check(files: Iterable[Path]) -> list[str]:
    """What is to be said about the masks ``files``, if anything; those that cannot be read are for ``load``.

    Raises ``UserError`` if most of them mark the border and more than half of their picture: then black is the defect.
    """
    read, inverted, shaded = 0, [], []
    for file in files:
        try:
            mask, has_shades = _decode(file)
        except UserError:
            continue
        read += 1
        border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
        if min(mask.mean(), border.mean()) > 0.5 and not mask.all():
            inverted.append(file)
        if has_shades:
            shaded.append(file)
    if 2 * len(inverted) > read:
        raise UserError(
            f"{len(inverted)} of {read} masks, such as {inverted[0]}, mark most of the picture and of its border: they "
            "look inverted; make what is normal black, and the defect white"
        )
    if not shaded:
        return []
    what = "What is at least half as bright as the brightest counts as marked; masks without shades are exact."
    return [f"{len(shaded)} of {read} masks have shades of grey, such as {shaded[0].name} (a JPEG file?). {what}"]


def load(root: Path, mask: str, size: tuple[int, int], geometry: Geometry) -> Mask:
    """The mask [S, S] of an anomalous image of ``size`` (width, height): True where a pixel is not 0.

    Where there are shades (a lossy file, or more than ``SHADES`` values), those pixels count that are at least half as
    bright as the brightest. ``mask`` is a path relative to ``root``. Nearest neighbour, otherwise in the ``geometry``
    of the images. Raises ``UserError`` naming the file if it is missing, unreadable, of another size than its image, or
    0 everywhere.
    """
    file = root / mask
    original, _ = _decode(file)
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


def _decode(file: Path) -> tuple[Mask, bool]:
    """What is marked [H, W], and whether there are shades; alpha does not count, of a palette its colours do."""
    images.verify(file, "mask")
    with images.opened(file, "mask") as stored:
        image = ImageOps.exif_transpose(stored)
        image = image.convert("RGBA") if image.mode == "P" else image
        pixels = np.asarray(image).reshape(image.height, image.width, -1)
        values = pixels[..., [band != "A" for band in image.getbands()]].max(axis=-1)
    counted = values.dtype.kind in "bu"  # to sort a million pixels takes ten times as long
    count = int(np.count_nonzero(np.bincount(values.ravel()))) if counted else np.unique(values).size
    shades = count > (2 if stored.format in LOSSY else SHADES)
    return (values >= values.max() / 2 if shades else values != 0), shades

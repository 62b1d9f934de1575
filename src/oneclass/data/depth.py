"""What is white in grey images with 16 bits: cameras put 10 or 12 bits into such files, which would be nearly black."""

import logging
from dataclasses import replace
from pathlib import PurePath

import numpy as np

from oneclass.data import images
from oneclass.data.index import Index, Place
from oneclass.data.record import WHITE
from oneclass.data.threads import mapped
from oneclass.errors import UserError

log = logging.getLogger(__name__)

SUFFIXES = (".jp2", ".pgm", ".png", ".ppm", ".tif", ".tiff")  # of files that may have 16 bits
WHITES = (2**8 - 1, 2**10 - 1, 2**12 - 1, 2**14 - 1, WHITE)


def with_white(index: Index, workers: int) -> Index:
    """``index`` with the white of its images: that of the fewest bits that hold the brightest pixel of all its training
    images with 16 bits. One for all, or brightness would no longer compare; seen at scoring, too.

    Of files with fewer bits only the header is read, and nothing where the suffix tells; one that cannot be read is
    for its reader to report.
    """
    table = index.table
    deep = table["path"].map(lambda path: PurePath(path).suffix.lower() in SUFFIXES)
    rows = (table["split"] == "train") & (table["reader"] == "image") & deep.astype(bool)
    if not rows.any():
        return index
    brightest = max(mapped(_brightest, index.take(rows.to_numpy()), workers, "bit depth"))
    white = next((white for white in WHITES if brightest <= white), WHITE) if brightest else WHITE
    if white != WHITE:
        log.warning("%s: 16-bit images with values up to %d, so %d counts as white", index.name, brightest, white)
    return replace(index, white=white)


def _brightest(place: Place) -> int:
    """The highest value of a grey image with 16 bits; 0 for any other."""
    try:
        with images.opened(place.root / place.path) as image:
            return int(np.asarray(image).max()) if image.mode.startswith("I") else 0
    except UserError:
        return 0

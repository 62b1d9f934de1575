"""The pages of a picture file: those of a TIFF, and the frames of an animated picture."""

from pathlib import Path
from typing import Any

from oneclass.data import images
from oneclass.errors import UserError

SEVERAL = (".avif", ".gif", ".png", ".tif", ".tiff", ".webp")
"""Suffixes of formats whose further pictures are pages. A JPEG's are previews and maps of its depth."""
SUBFILE_TYPE, NO_PAGE = 254, 0b101  # TIFF's tag; its bits for a reduced copy and for a mask of another page


def pages(file: Path) -> list[int]:
    """The numbers, from 1, of the pages of ``file``; [0] if it holds one picture, or cannot be read."""
    if file.suffix.lower() not in SEVERAL:
        return [0]
    try:
        with images.opened(file) as image:
            return numbers(image)
    except UserError:  # whoever loads it says why
        return [0]


def numbers(image: Any) -> list[int]:
    """The same of a picture that Pillow has opened."""
    count = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)  # MPO: what Pillow calls such a JPEG
    found = [number for number in range(1, count + 1) if count == 1 or _is_page(image, number)]
    return found if len(found) > 1 else [0]


def _is_page(image: Any, number: int) -> bool:
    if image.format != "TIFF":
        return True
    image.seek(number - 1)
    return not int(image.tag_v2.get(SUBFILE_TYPE, 0)) & NO_PAGE

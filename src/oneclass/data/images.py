"""Decoding: any image of an index as 8-bit RGB."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps

from oneclass.data.containers import READERS
from oneclass.data.record import SUFFIXES, WHITE
from oneclass.errors import UserError, reason, shown

# What Pillow raises on damaged input, besides the OSError it documents.
DAMAGED = (
    *(OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, RuntimeError),
    *(OverflowError, struct.error, zlib.error),
)
_STEP = 2**22  # pixels that are scaled at a time


def load(root: Path, path: str, item: int = -1, reader: str = "image", white: int = WHITE) -> Image.Image:
    """The image of an index row, in RGB, 8 bits a channel, upright (EXIF orientation applied).

    ``root`` is the index's root, ``white`` its white (``data.depth``), the rest are columns of the row; of an image
    file with several pages ``item`` is one, from 0. Raises ``UserError`` naming the file if it is missing, truncated,
    no image, or of a kind with no agreed conversion to 8 bits (floating point, 32-bit integers).
    """
    file = Path(root, path)
    return _decode(file, max(item, 0), white) if reader == "image" else _from_container(file, item, reader)


def size(root: Path, path: str, item: int = -1, reader: str = "image", _white: int = WHITE) -> tuple[int, int]:
    """Width and height of the image that ``load`` gives; for an image file its header is enough."""
    file = Path(root, path)
    if reader != "image":
        return _from_container(file, item, reader).size
    with opened(file) as image:
        # Pillow gives the size of a TIFF upright, that of other formats as stored
        sideways = image.format != "TIFF" and image.getexif().get(ExifTags.Base.Orientation) in (5, 6, 7, 8)
        return (image.height, image.width) if sideways else image.size


@cache
def formats() -> list[str]:
    """The formats that files with a picture's suffix have, by Pillow's names: others that it reads run programs."""
    known = Image.registered_extensions()
    return sorted({known[suffix] for suffix in SUFFIXES if suffix in known})


class UnreadableError(UserError):
    """A picture, or a mask, that cannot be read."""


@contextmanager
def opened(file: Path, what: str = "image") -> Iterator[Image.Image]:
    """The image in ``file``, not decoded yet. Whatever fails in the block for its sake is a ``UserError`` naming it."""
    try:
        if not file.is_file() and file.exists() and not file.is_dir():
            raise OSError("it is a pipe or a device, and no file")  # which might be waited for without end
        with Image.open(file, formats=formats()) as image:
            yield image
    except FileNotFoundError:
        raise UnreadableError(f"{shown(file)}: the {what} is missing; restore it, or start again without it") from None
    except MemoryError:  # no fault of the picture: a pool must not go without it
        raise UserError(f"{shown(file)}: there is not enough memory for so large a picture") from None
    except (*DAMAGED, Image.DecompressionBombError) as error:
        said = reason(error)
        raise UnreadableError(f"{shown(file)}: cannot be read as an image ({said}); replace or remove it") from error


def verify(file: Path, what: str = "image") -> None:
    """Check the checksums of a PNG file, which Pillow does not as it decodes: ``UnreadableError`` if one is wrong."""
    if file.suffix.lower() == ".png":
        with opened(file, what) as image:
            image.verify()


def _decode(file: Path, page: int, white: int) -> Image.Image:
    verify(file)
    with opened(file) as image:
        image.seek(page)
        return to_rgb(ImageOps.exif_transpose(image), white)


def _from_container(file: Path, item: int, reader: str) -> Image.Image:
    images = READERS[reader](file)
    if not 0 <= item < len(images):
        raise UserError(f"{file}: has {len(images)} images, not one at {item}; index the data set again")
    return Image.fromarray(images[item]).convert("RGB")


def to_rgb(image: Image.Image, white: int = WHITE) -> Image.Image:
    """``image`` in 8-bit RGB. What is transparent shows white, as on paper; 16-bit grey is scaled so that ``white``,
    and what is above it, becomes 255.

    Raises ``ValueError`` for floating-point and 32-bit images, whose range nothing tells.
    """
    if image.mode == "F":
        raise ValueError("floating-point pixels; save it with 8 or 16 bits")
    if image.mode.startswith("I"):
        image = _eight_bits(image, white)
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _eight_bits(image: Image.Image, white: int) -> Image.Image:
    pixels = np.asarray(image)  # mode "I" holds 16-bit pixels in 32 bits
    if pixels.dtype.itemsize > 2 and (pixels.min() < 0 or pixels.max() > WHITE):
        raise ValueError("32-bit pixels; save it with 8 or 16 bits")
    scaled = ((255 * np.minimum(np.arange(WHITE + 1), white) + white // 2) // white).astype(np.uint8)
    grey = np.empty(pixels.shape, np.uint8)
    rows = max(1, _STEP // max(1, pixels.shape[1]))  # positions in a table take 8 bytes a pixel
    for top in range(0, len(pixels), rows):
        grey[top : top + rows] = scaled[pixels[top : top + rows]]
    return Image.fromarray(grey)

"""Overlays as files: marked as made by scoring, so that no later run takes one for a picture, nor a picture for one."""

import io
from pathlib import Path

from PIL import Image

FOLDER, SUFFIX = "overlays", ".jpg"
MARK = b"made by oneclass score"
_HEAD = 256  # bytes from the start within which the mark lies


def encode(overlay: Image.Image) -> bytes:
    """``overlay`` as a JPEG with the mark; as a PNG it would take longer than the network does."""
    buffer = io.BytesIO()
    overlay.save(buffer, "JPEG", quality=90, subsampling=0, comment=MARK)  # outlines keep their colour
    return buffer.getvalue()


def is_overlay(file: Path) -> bool:
    """Whether scoring made ``file``: it lies in a folder of overlays and bears the mark."""
    if FOLDER not in file.parts or file.suffix != SUFFIX:
        return False
    try:
        with file.open("rb") as opened:
            return MARK in opened.read(_HEAD)
    except OSError:
        return False

"""From the bytes of a request to a picture, and from a picture to the answer about it."""

import base64
import io
import math
from typing import BinaryIO

from fastapi import HTTPException
from PIL import Image, ImageOps, UnidentifiedImageError
from pydantic import BaseModel, Field

from oneclass.data.images import DAMAGED, to_rgb
from oneclass.data.record import SUFFIXES
from oneclass.detector.overlay import overlay
from oneclass.detector.scorer import Scorer

TOO_LARGE, NO_PICTURE, DAMAGED_PICTURE = 413, 415, 422


class Picture(BaseModel):
    """What the detector says about one picture."""

    name: str | None = Field(description="The name of the file that was sent; null for a picture that is the body.")
    width: int = Field(description="In pixels, upright.")
    height: int = Field(description="In pixels, upright.")
    score: float = Field(description="The highest value of the anomaly map.")
    anomalous: bool = Field(description="Whether the score is above the threshold.")
    overlay: str | None = Field(None, description="The picture with its anomaly map: a PNG in base64, if asked for.")


def formats() -> list[str]:
    """The formats that files with a picture's suffix have, by Pillow's names: others that it reads run programs."""
    known = Image.registered_extensions()
    return sorted({known[suffix] for suffix in SUFFIXES if suffix in known})


def read(file: BinaryIO, most_pixels: float) -> Image.Image:
    """The picture in ``file``: RGB, 8 bits a channel, upright.

    Raises ``HTTPException`` with status 413 if it has more than ``most_pixels``, which its header tells before anything
    is decoded; 415 if it is no picture, 422 if it is a damaged one.
    """
    try:
        with Image.open(file, formats=formats()) as image:
            if image.width * image.height > most_pixels:
                size = f"{image.width} × {image.height} pixels"
                raise HTTPException(TOO_LARGE, f"{size} are more than the {most_pixels / 1e6:g} megapixels that count")
            return to_rgb(ImageOps.exif_transpose(image))
    except UnidentifiedImageError:
        raise HTTPException(NO_PICTURE, f"not a picture ({' '.join(SUFFIXES)})") from None
    except Image.DecompressionBombError as error:
        raise HTTPException(TOO_LARGE, str(error)) from None
    except DAMAGED as error:
        raise HTTPException(DAMAGED_PICTURE, f"cannot be read as an image ({error})") from None


def judge(scorer: Scorer, file: BinaryIO, name: str | None, most_pixels: float, with_overlay: bool) -> Picture:
    """The answer about the picture in ``file``; raises what ``read`` raises, any name in front."""
    try:
        picture = read(file, most_pixels)
    except HTTPException as error:
        raise HTTPException(error.status_code, f"{name}: {error.detail}" if name else error.detail) from None
    found = scorer.score(picture)
    if not math.isfinite(found.score):
        raise HTTPException(500, f"the detector gives {found.score}; its file may be damaged")
    drawn = None
    if with_overlay:
        drawn = _png(overlay(picture, found.map, scorer.normal_level, scorer.threshold, scorer.share))
    return Picture(
        name=name,
        width=picture.width,
        height=picture.height,
        score=found.score,
        anomalous=found.anomalous,
        overlay=drawn,
    )


def _png(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()

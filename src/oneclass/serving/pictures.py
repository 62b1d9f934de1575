"""From the bytes of a request to a picture, and from a picture to the answer about it."""

import base64
import io
from collections.abc import Iterator
from typing import BinaryIO

from fastapi import HTTPException
from PIL import Image, ImageOps, UnidentifiedImageError
from pydantic import BaseModel, Field

from oneclass.data.images import DAMAGED, formats, to_rgb
from oneclass.data.record import SUFFIXES, WHITE
from oneclass.detector.overlay import overlay
from oneclass.detector.scorer import Scorer
from oneclass.errors import UserError
from oneclass.scoring.pages import numbers
from oneclass.scoring.regions import regions

TOO_LARGE, NO_PICTURE, DAMAGED_PICTURE = 413, 415, 422
MOST_PAGES = 100  # of a picture


class Region(BaseModel):
    """Where a picture is anomalous: pixels above the threshold that touch."""

    box: tuple[int, int, int, int] = Field(description="Left, top, right, bottom, the last two outside, in pixels.")
    score: float = Field(description="The highest value in it.")
    area: int = Field(description="In pixels.")


class Picture(BaseModel):
    """What the detector says about one picture."""

    name: str | None = Field(description="Of the file that was sent; null for a picture that is the body.")
    page: int | None = Field(description="From 1, in a file of several: a TIFF, an animated picture. Else null.")
    width: int = Field(description="In pixels, upright.")
    height: int = Field(description="In pixels, upright.")
    score: float = Field(description="The highest value of the anomaly map.")
    anomalous: bool = Field(description="Whether the score is above the threshold.")
    regions: list[Region] = Field(description="The anomalous regions, that of the highest score first.")
    overlay: str | None = Field(description="The picture with its anomaly map: a PNG in base64, if asked for.")


def read(file: BinaryIO, most_pixels: float, white: int = WHITE) -> Iterator[tuple[int | None, Image.Image]]:
    """The picture in ``file``, RGB, 8 bits a channel, upright, and None; or its pages one by one, and their numbers.

    ``white`` is that of grey pictures with 16 bits.

    Raises ``HTTPException`` with status 413 if there are more than ``most_pixels``, all pages together, which is known
    before they are decoded; 415 if it is no picture, 422 if it is a damaged one.
    """
    try:
        with Image.open(file, formats=formats()) as image:
            pages, pixels = numbers(image), 0
            if len(pages) > MOST_PAGES:
                raise HTTPException(TOO_LARGE, f"{len(pages)} pages are more than {MOST_PAGES}")
            for page in pages:
                image.seek(max(page - 1, 0))
                pixels += image.width * image.height
                if pixels > most_pixels:
                    raise HTTPException(TOO_LARGE, f"{pixels / 1e6:.4g} megapixels; the most is {most_pixels / 1e6:g}")
                yield page or None, to_rgb(ImageOps.exif_transpose(image), white)
    except UnidentifiedImageError:
        raise HTTPException(NO_PICTURE, f"not a picture ({' '.join(SUFFIXES)})") from None
    except Image.DecompressionBombError as error:
        raise HTTPException(TOO_LARGE, str(error)) from None
    except DAMAGED as error:
        raise HTTPException(DAMAGED_PICTURE, f"cannot be read as an image ({error})") from None


def judge(scorer: Scorer, file: BinaryIO, name: str | None, most_pixels: float, with_overlay: bool) -> list[Picture]:
    """The answer about the picture in ``file``, or about each page; raises what ``read`` raises, any name in front."""
    try:
        return [
            _judged(scorer, name, page, image, with_overlay) for page, image in read(file, most_pixels, scorer.white)
        ]
    except HTTPException as error:
        raise HTTPException(error.status_code, f"{name}: {error.detail}" if name else error.detail) from None


def _judged(scorer: Scorer, name: str | None, page: int | None, image: Image.Image, with_overlay: bool) -> Picture:
    try:
        found = scorer.score(image)
    except UserError as error:
        raise HTTPException(500, str(error)) from error
    drawn = overlay(image, found.map, scorer.normal_level, scorer.threshold, scorer.share) if with_overlay else None
    return Picture(
        name=name,
        page=page,
        width=image.width,
        height=image.height,
        score=found.score,
        anomalous=found.anomalous,
        regions=[Region(**each) for each in regions(found.map, scorer.threshold, image.size, scorer.share)],
        overlay=_png(drawn) if drawn else None,
    )


def _png(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)  # more would take longer than the network, for a tenth of the bytes
    return base64.b64encode(buffer.getvalue()).decode()

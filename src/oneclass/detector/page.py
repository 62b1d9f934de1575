"""The page of a detector or of an evaluation: words, charts, pictures and folded tables, in one HTML file."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_dilation

from oneclass.detector.charts import Chart
from oneclass.detector.overlay import overlay
from oneclass.detector.shown import CardPicture

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("oneclass.detector"),
    autoescape=True,
    trim_blocks=True,
    undefined=jinja2.StrictUndefined,
    finalize=lambda text: text.replace(" %", "\N{NO-BREAK SPACE}%") if isinstance(text, str) else text,
)
MASK = np.array([255, 0, 255], np.uint8)  # neither heat nor the threshold's outline has this colour


@dataclass(frozen=True)
class Section:
    """Pictures under a title."""

    title: str
    note: str
    pictures: Sequence[CardPicture]


@dataclass(frozen=True)
class Table:
    """Rows of label and text under a title: right after the charts, or folded at the end."""

    title: str
    rows: Sequence[tuple[str, str]]
    folded: bool = True


def render(
    title: str,
    summary: str,
    *,
    warnings: Sequence[str],
    steps: Sequence[str],
    charts: Sequence[Chart],
    sections: Sequence[Section],
    tables: Sequence[Table],
    normal_level: float,
    threshold: float,
) -> str:
    """The page; every text is escaped. Maps are coloured from ``normal_level`` on, ``threshold`` outlined."""
    drawn = [
        {
            "title": section.title,
            "note": section.note,
            "pictures": [_figure(picture, normal_level, threshold) for picture in section.pictures],
        }
        for section in sections
        if section.pictures
    ]
    template = TEMPLATES.get_template("page.html")
    masks = any(picture.mask is not None for section in sections for picture in section.pictures)
    content: dict[str, Any] = {"title": title, "summary": summary, "warnings": warnings, "next": steps}
    return template.render(**content, charts=charts, sections=drawn, masks=masks, tables=tables) + "\n"


def by_verdict(shown: Sequence[CardPicture], threshold: float, anomalies: str) -> list[Section]:
    """``shown``, the errors first. ``anomalies`` is what the anomalous ones are called, such as "drawn defects"."""

    def select(anomalous: bool, above: bool) -> list[CardPicture]:
        return [each for each in shown if each.anomalous == anomalous and (each.score > threshold) == above]

    return [
        Section(f"Missed {anomalies}", "Those with the lowest scores.", select(True, False)),
        Section("Normal pictures that are flagged", "Those with the highest scores.", select(False, True)),
        Section(
            f"{anomalies.capitalize()} that are found",
            "From low scores to the highest.",
            select(True, True),
        ),
        Section(
            "Normal pictures that pass",
            "The farthest from the threshold, then the nearest to it.",
            select(False, False),
        ),
    ]


def _figure(shown: CardPicture, normal_level: float, threshold: float) -> dict[str, str]:
    picture = Image.fromarray(shown.picture)
    kind = "anomalous" if shown.anomalous else "normal"
    verdict = "above" if shown.score > threshold else "not above"
    return {
        "caption": f"{shown.name} ({kind}): score {shown.score:.3g}, {verdict} the threshold",
        "plain": _data_uri(picture if shown.mask is None else _outlined(shown.picture, shown.mask)),
        "overlay": _data_uri(overlay(picture, shown.anomaly, normal_level, threshold)),
    }


def _outlined(picture: NDArray[np.uint8], mask: NDArray[np.bool_]) -> Image.Image:
    """``picture`` with a line around ``mask``, two pixels off, so that the defect itself stays visible."""
    near = binary_dilation(mask, iterations=2)
    pixels = picture.copy()
    pixels[binary_dilation(near, iterations=2) & ~near] = MASK
    return Image.fromarray(pixels)


def _data_uri(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85, subsampling=0)  # thin coloured lines stay sharp
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"

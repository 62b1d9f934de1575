"""An anomaly map over its picture."""

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image

HEAT = np.rint(255 * colormaps["inferno"](np.linspace(0.25, 1, 256))[:, :3]).astype(np.uint8)
OUTLINE = np.array([0, 255, 255], np.uint8)  # no heat has this colour
LONGEST, OPACITY = 1024, 0.65

Floats = NDArray[np.float32]


def overlay(picture: Image.Image, anomaly: Floats, level: float, threshold: float, share: float = 1) -> Image.Image:
    """``picture`` under the heat of ``anomaly`` [S, S], the threshold outlined; at most 1024 pixels a side.

    The heat is the same for all of a detector's pictures: none up to ``level``, that of a normal pixel, and full at as
    far above the threshold as the threshold is above ``level``. ``share`` of the picture's sides, in its middle, is
    what the map covers.
    """
    scale = np.clip(LONGEST / max(picture.size), None, max(1.0, len(anomaly) / max(picture.size)))
    size = _scaled(picture.size, float(scale))
    pixels = np.asarray(picture.resize(size, Image.Resampling.BILINEAR))
    heat = _stretch((anomaly - level) / max(threshold - level, 1e-9), size, share)
    colour = HEAT[np.rint(255 * np.clip(heat / 2, 0, 1)).astype(np.uint8)]
    cover = OPACITY * np.clip(heat, 0, 1)[..., None] ** 2  # squared: little haze on what is normal
    mixed = np.rint(pixels * (1 - cover) + colour * cover).astype(np.uint8)
    mixed[_outline(heat > 1)] = OUTLINE
    return Image.fromarray(mixed)


def _scaled(size: tuple[int, int], factor: float) -> tuple[int, int]:
    return max(1, round(factor * size[0])), max(1, round(factor * size[1]))


def _stretch(heat: Floats, size: tuple[int, int], share: float) -> Floats:
    """``heat`` [S, S] in the middle of a picture of ``size`` (width, height); nothing around it."""
    inner = _scaled(size, share)
    canvas = Image.new("F", size)
    part = Image.fromarray(np.ascontiguousarray(heat, np.float32)).resize(inner, Image.Resampling.BILINEAR)
    canvas.paste(part, ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
    return np.asarray(canvas)


def _outline(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of ``inside`` [H, W] with a neighbour, up, down, left or right, that is not; two pixels thick."""
    core = inside
    for _ in range(2):
        padded = np.pad(core, 1, mode="edge")
        core = core & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    outline: NDArray[np.bool_] = inside & ~core
    return outline

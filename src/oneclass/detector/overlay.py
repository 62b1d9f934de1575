"""An anomaly map over its picture."""

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image

HEAT = np.rint(255 * colormaps["inferno"](np.linspace(0.25, 1, 256))[:, :3]).astype(np.uint8)
OUTLINE = np.array([0, 255, 255], np.uint8)  # no heat has this colour
LONGEST, SHORTEST, OPACITY = 1024, 64, 0.65
COVER = np.rint(255 * OPACITY * np.clip(np.linspace(0, 2, 256), 0, 1) ** 2).astype(int)  # squared: little haze

Floats = NDArray[np.float32]


def overlay(picture: Image.Image, anomaly: Floats, level: float, threshold: float, share: float = 1) -> Image.Image:
    """``picture`` under the heat of ``anomaly`` [h, w], outlined where it is above ``threshold``.

    At most 1024 pixels a side, or more where the shorter would have fewer than 64. There is an outline exactly if a
    value is above the threshold: where a picture is anomalous everywhere, along its border. The heat is the same for
    all of a detector's pictures: none up to ``level``, that of a normal pixel, and full at as far above the threshold
    as the threshold is above ``level``. ``share`` of the picture's sides, in its middle, is what the map covers.
    """
    size = _size(picture.size, max(anomaly.shape))
    inner = _scaled(size, share)
    start = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    heat = (anomaly - level) / max(threshold - level, 1e-9)
    eight_bits = Image.fromarray(np.rint(127.5 * np.clip(heat, 0, 2)).astype(np.uint8))
    warmth = Image.new("L", size)
    warmth.paste(eight_bits.resize(inner, Image.Resampling.BILINEAR), start)
    colour = Image.merge("RGB", [warmth.point(band) for band in HEAT.T.tolist()])
    mixed = Image.composite(colour, _resized(picture, size), warmth.point(COVER.tolist()))
    above = anomaly.astype(np.float64) > threshold  # in double precision, as scores are compared
    if not above.any():
        return mixed
    pixels = np.array(mixed)
    rows, columns = (slice(first, first + length) for first, length in zip(start[::-1], inner[::-1], strict=True))
    pixels[rows, columns][_outline(_inside(heat, above, inner))] = OUTLINE
    return Image.fromarray(pixels)


def _size(size: tuple[int, int], side: int) -> tuple[int, int]:
    """That of the overlay of a picture of ``size`` (width, height) with a map of ``side``: small ones are enlarged."""
    longest, shortest = max(size), min(size)
    scale = min(LONGEST / longest, max(1.0, side / longest))
    return _scaled(size, max(scale, min(1.0, SHORTEST / shortest)))


def _scaled(size: tuple[int, int], factor: float) -> tuple[int, int]:
    return max(1, round(factor * size[0])), max(1, round(factor * size[1]))


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture if picture.size == size else picture.resize(size, Image.Resampling.BILINEAR)


def _inside(heat: Floats, above: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Where the interpolated ``heat`` is above the threshold; and the pixel that each one ``above`` it falls on,
    since interpolation may lose what is small."""
    part = Image.fromarray(np.ascontiguousarray(heat, np.float32)).resize(size, Image.Resampling.BILINEAR)
    inside: NDArray[np.bool_] = np.asarray(part) > 1
    rows, columns = np.nonzero(above)
    height, width = above.shape
    inside[(2 * rows + 1) * size[1] // (2 * height), (2 * columns + 1) * size[0] // (2 * width)] = True
    return inside


def _outline(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of ``inside`` [H, W] with a neighbour, up, down, left or right, that is not; two pixels thick.

    Nothing outside the map is inside, so a region that reaches the border is outlined there, too.
    """
    core = inside
    for _ in range(2):
        padded = np.pad(core, 1)
        core = core & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    outline: NDArray[np.bool_] = inside & ~core
    return outline

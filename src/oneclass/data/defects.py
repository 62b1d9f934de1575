"""Defects drawn on images: shapes with Perlin's irregularities and soft edges, inside which the image changes.

The mask of a defect is the set of pixels that differ from the original, no more and no less.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from oneclass.errors import UserError

Pixels = NDArray[np.uint8]  # [H, W, 3], RGB
Mask = NDArray[np.bool_]  # [H, W]
Field = NDArray[np.floating]  # [H, W]; an image is [H, W, 3]
Shape = tuple[int, int]

SMALLEST = 16  # pixels a side


def draw(image: Pixels, kind: str, contrast: float, rng: np.random.Generator) -> tuple[Pixels, Mask]:
    """``image`` [H, W, 3] with one defect of ``kind`` (a key of ``KINDS``), and the mask [H, W] of what changed.

    ``contrast`` in (0, 1] scales the contrast, in units of the image's own range of brightness. The defect covers
    about 0.1 to 5 percent of the image and is near its middle, so that no centre crop loses it. Raises ``UserError``
    if a side has fewer than 16 pixels.
    """
    if min(image.shape[:2]) < SMALLEST:
        height, width = image.shape[:2]
        raise UserError(f"an image of {width}x{height} pixels is too small to draw on; {SMALLEST} a side are needed")
    defect, cover = KINDS[kind](image.astype(np.float32), contrast, rng)
    drawn = np.clip(np.rint(image + cover[..., None] * (defect - image)), 0, 255).astype(np.uint8)
    # where the defect happens to look like what it covers it moves one level: the mask has no holes, and no lies
    same = (cover > 0) & (drawn == image).all(axis=-1)
    drawn[same] = np.where(image[same] < 255, image[same] + 1, 254)
    return drawn, (drawn != image).any(axis=-1)


# The kinds of defect: each gives what a float image [H, W, 3] would be if the defect were everywhere, and how far the
# defect covers each pixel [H, W], from 0 to 1.

Defect = tuple[Field, Field]


def scratch(image: Field, contrast: float, rng: np.random.Generator) -> Defect:
    """A thin, slightly bent line of uneven width and depth."""
    shape, size = _shape(image)
    length, width = rng.uniform(0.25, 0.5) * size, max(rng.uniform(0.005, 0.012) * size, 2)
    depth = 0.4 * width * fractal(shape, 0.08 * size, rng) - _distance_to_arc(shape, length, rng)
    cover = _cover(depth, length * width, edge=max(0.3 * width, 0.7))
    pressure = 0.75 + 0.25 * fractal(shape, 0.15 * size, rng)
    # what is so thin needs more contrast to be seen
    return _filling(image, cover, 1.5 * _offset(image, cover, contrast, rng), keep=0.2), cover * pressure


def blotch(image: Field, contrast: float, rng: np.random.Generator) -> Defect:
    """A compact, mottled spot with a ragged border, through which the texture is half seen."""
    shape, size = _shape(image)
    depth, area = _blob(shape, (0.003, 0.015), 0.5, rng)
    cover = _cover(depth, area, edge=0.25 * _radius(area))
    mottled = 1 + 0.35 * fractal(shape, 0.03 * size, rng)
    return _filling(image, cover, _offset(image, cover, contrast, rng) * mottled, keep=0.5), cover


def cut_paste(image: Field, contrast: float, rng: np.random.Generator) -> Defect:
    """A patch from elsewhere in the image, mirrored, a little brighter or darker (after CutPaste, Li et al. 2021)."""
    shape, _ = _shape(image)
    area, stretch = rng.uniform(0.006, 0.03) * np.prod(shape), np.exp(rng.uniform(-0.6, 0.6))
    down, right = _grid(shape, _centre(shape, rng), rng.uniform(0, np.pi))
    outline = np.maximum(np.abs(down) * stretch, np.abs(right) / stretch)
    depth = 0.15 * np.sqrt(area) * fractal(shape, 0.5 * np.sqrt(area), rng) - outline
    cover = _cover(depth, area, edge=1)
    return _elsewhere(image, cover > 0, rng) + 0.3 * _offset(image, cover, contrast, rng), cover


def blur(image: Field, contrast: float, rng: np.random.Generator) -> Defect:
    """A smear: out of focus, with a faint veil."""
    shape, size = _shape(image)
    depth, area = _blob(shape, (0.012, 0.035), 0.3, rng)
    cover = _cover(depth, area, edge=0.4 * _radius(area))
    soft = Image.fromarray(image.astype(np.uint8)).filter(ImageFilter.GaussianBlur((0.01 + 0.04 * contrast) * size))
    return np.asarray(soft, np.float32) + 0.3 * _offset(image, cover, contrast, rng), cover


def stain(image: Field, contrast: float, rng: np.random.Generator) -> Defect:
    """A transparent film, strongest at its rim where it dried; tinted where the image has colour."""
    shape, _ = _shape(image)
    depth, area = _blob(shape, (0.012, 0.035), 0.4, rng)
    cover = _cover(depth, area, edge=max(0.1 * _radius(area), 1))
    film = 1 - 0.65 * _cover(depth, area, edge=0.5 * _radius(area))
    grey = not np.ptp(image, axis=-1).any()
    tint = np.ones(3) if grey else rng.uniform(0.5, 1, 3)
    return image + film[..., None] * (_offset(image, cover, contrast, rng) * tint).astype(np.float32), cover


Kind = Callable[[Field, float, np.random.Generator], Defect]
KINDS: dict[str, Kind] = {
    "scratch": scratch,
    "blotch": blotch,
    "cut_paste": cut_paste,
    "blur": blur,
    "stain": stain,
}


# What the kinds are made of.


def perlin(shape: Shape, cell: float | tuple[float, float], rng: np.random.Generator) -> Field:
    """Perlin's gradient noise [H, W]: smooth, about zero on average, within [-1, 1], with features of ``cell`` pixels
    (down and right, if they differ).

    A lattice of random unit gradients, laid anywhere; a pixel blends the ramps of the four corners around it by the
    fade 6t^5 - 15t^4 + 10t^3 (Perlin 2002). The lattice is never finer than 2 pixels, where noise has no shape.
    """
    steps, start = np.broadcast_to(np.maximum(cell, 2), 2), rng.uniform(0, 1, 2)
    rows, columns = (
        (np.arange(length) / step + at).astype(np.float32) for length, step, at in zip(shape, steps, start, strict=True)
    )
    top, left = rows.astype(np.int64), columns.astype(np.int64)
    angles = rng.uniform(0, 2 * np.pi, (top[-1] + 2, left[-1] + 2)).astype(np.float32)
    down, right = (rows - top)[:, None], (columns - left)[None]

    def ramp(below: int, beside: int) -> Field:
        angle = angles[np.ix_(top + below, left + beside)]
        noise: Field = np.sin(angle) * (down - below) + np.cos(angle) * (right - beside)
        return noise

    fade_down, fade_right = (t**3 * (t * (6 * t - 15) + 10) for t in (down, right))
    upper = ramp(0, 0) * (1 - fade_right) + ramp(0, 1) * fade_right
    lower = ramp(1, 0) * (1 - fade_right) + ramp(1, 1) * fade_right
    blended: Field = upper * (1 - fade_down) + lower * fade_down
    return blended


def fractal(shape: Shape, cell: float, rng: np.random.Generator) -> Field:
    """Three octaves of Perlin noise [H, W], scaled so that the largest value is 1 or -1."""
    noise = sum(perlin(shape, cell / 2**octave, rng) / 2**octave for octave in range(3))
    scaled: Field = noise / np.abs(noise).max()
    return scaled


def _shape(image: Field) -> tuple[Shape, int]:
    """Height and width, and the smaller of the two."""
    height, width = image.shape[:2]
    return (height, width), min(height, width)


def _centre(shape: Shape, rng: np.random.Generator) -> NDArray[np.float64]:
    """A point (row, column) in the middle half of the image."""
    return rng.uniform(0.25, 0.75, 2) * shape


def _grid(shape: Shape, centre: NDArray[np.float64], angle: float) -> tuple[Field, Field]:
    """Coordinates [H, W] of every pixel along two axes through ``centre``, turned by ``angle``, in pixels."""
    down, right = (
        np.arange(length, dtype=np.float32) - np.float32(at) for length, at in zip(shape, centre, strict=True)
    )
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return cosine * down[:, None] - sine * right, sine * down[:, None] + cosine * right


def _radius(area: float) -> float:
    return float(np.sqrt(area / np.pi))


def _blob(shape: Shape, share: tuple[float, float], ragged: float, rng: np.random.Generator) -> tuple[Field, float]:
    """Depth [H, W] in pixels of an ellipse whose border moves by ``ragged`` of its radius, and its area.

    The area is between the two parts of the image in ``share``.
    """
    area, stretch = float(rng.uniform(*share) * np.prod(shape)), np.exp(rng.uniform(0, 0.4))
    down, right = _grid(shape, _centre(shape, rng), rng.uniform(0, np.pi))
    border = ragged * _radius(area) * fractal(shape, 0.9 * _radius(area), rng)
    return border - np.hypot(down * stretch, right / stretch), area


def _distance_to_arc(shape: Shape, length: float, rng: np.random.Generator) -> Field:
    """Distance [H, W] in pixels of every pixel to a parabola of about ``length``, made of 16 straight pieces."""
    down, right = _grid(shape, _centre(shape, rng), rng.uniform(0, np.pi))
    along = np.linspace(-0.5, 0.5, 17) * length
    across = rng.uniform(-0.6, 0.6) / length * along**2
    points = np.stack([along, across], axis=1).astype(np.float32)
    square = np.full(shape, np.inf, np.float32)
    for (y, x), (dy, dx) in zip(points[:-1], np.diff(points, axis=0), strict=True):
        nearest = np.clip(((down - y) * dy + (right - x) * dx) / (dy * dy + dx * dx), 0, 1)
        np.minimum(square, (down - y - nearest * dy) ** 2 + (right - x - nearest * dx) ** 2, out=square)
    return np.sqrt(square)


def _cover(depth: Field, area: float, edge: float) -> Field:
    """How far the defect covers each pixel [H, W], 0 to 1: the ``area`` deepest pixels, faded over ``edge`` pixels."""
    count = max(round(area), 4)
    border = np.partition(depth, -count - 1, axis=None)[-count - 1]
    cover: Field = np.clip((depth - border) / min(edge, depth.max() - border), 0, 1)
    return cover


def _offset(image: Field, cover: Field, contrast: float, rng: np.random.Generator) -> float:
    """By how many levels a defect is brighter (or darker: negative), on the side where the scale leaves room."""
    low, high = np.percentile(image, (5, 95))
    contrast = max(contrast * max(high - low, 64), 4)  # a flat image has no range of its own
    mean = float(np.average(image.mean(axis=-1), weights=cover))
    room = {1: 255 - mean, -1: mean}
    signs = [sign for sign in room if room[sign] >= contrast] or [max(room, key=room.__getitem__)]
    return float(rng.choice(signs) * contrast)


def _filling(image: Field, cover: Field, offset: float | Field, keep: float) -> Field:
    """The covered area's mean colour plus ``offset``, with the share ``keep`` of the texture."""
    mean = np.average(image, axis=(0, 1), weights=cover).astype(np.float32)
    filling: Field = mean + np.broadcast_to(offset, cover.shape)[..., None] + keep * (image - mean)
    return filling


def _elsewhere(image: Field, where: Mask, rng: np.random.Generator) -> Field:
    """``image`` with the box around ``where`` replaced by the mirror image of another box of that size."""
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    top, left, height, width = rows[0], columns[0], np.ptp(rows) + 1, np.ptp(columns) + 1
    free_rows, free_columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    # half the free way round in each direction, give or take a quarter: never the place itself
    other_top = (top + round(rng.uniform(0.25, 0.75) * free_rows)) % free_rows
    other_left = (left + round(rng.uniform(0.25, 0.75) * free_columns)) % free_columns
    box = image[other_top : other_top + height, other_left : other_left + width]
    moved = image.copy()
    moved[top : top + height, left : left + width] = box[::-1] if rng.random() < 0.5 else box[:, ::-1]
    return moved

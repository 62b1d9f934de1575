"""Sets of normal and anomalous pictures to compare detectors on: real ones, and stand-ins for kinds not at hand.

A set is named ``WHERE[+VARIATION][@TRAIN]``. WHERE is a folder as docs/detector.md lays it out, or a class of packaged
images (``elpv:mono``). Where it has no anomalies, defects are drawn on the held-out pictures. A variation changes every
picture, and its mask, in its own way; TRAIN is how many of the training pictures are used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from oneclass.config.data import Dataset
from oneclass.data.build import build
from oneclass.data.defects import fractal
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.detector.pictures import Drawn, Pictures, draw_on
from oneclass.errors import UserError
from oneclass.library import index_folder
from oneclass.seeds import derive

SEED = 1024
Pixels = NDArray[np.uint8]  # [N, S, S, 3]
Masks = NDArray[np.bool_]  # [N, S, S]
Grid = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class PictureSet:
    """Normal pictures to train on, others that are held out, and anomalous ones with masks or without."""

    name: str
    train: Pixels
    held_out: Pixels
    anomalous: Pixels
    masks: Masks | None


def load(name: str, size: int, most: int | None = None) -> PictureSet:
    """The set ``name`` at ``size`` pixels a side; of the held-out and of the anomalous pictures at most ``most``, a
    random choice."""
    rest, _, count = name.partition("@")
    where, _, variation = rest.partition("+")
    index, class_name = index_of(where)
    parts, geometry = split(index, "defect", class_name), Geometry(size)
    groups = [parts.train, parts.test[parts.labels == 0], parts.test[parts.labels == 1]]
    limits = [int(count) if count else None, most, most]
    train, held_out, anomalous = (
        Pictures(index.take(_some(rows, limit, kind)), geometry, workers=2)
        for kind, (rows, limit) in enumerate(zip(groups, limits, strict=True))
    )
    contrast = Dataset.model_fields["defect_contrast"].default
    anomalies: Pictures | Drawn = anomalous if len(anomalous) else draw_on(held_out, contrast, SEED)
    found = PictureSet(name, _pixels(train), _pixels(held_out), _pixels(anomalies), anomalies.masks())
    return _vary(found, variation) if variation else found


def index_of(where: str) -> tuple[Index, str]:
    """The index of a folder or of a packaged class, and its class."""
    source, _, class_name = where.partition(":")
    if not class_name:
        index = index_folder(where, seed=SEED)
        return index, str(index.table["class_name"].iloc[0])
    settings = Dataset(source=source, task="defect", classes=[class_name]).model_dump()
    return build(source, settings, Path(), SEED), class_name


def _some(rows: NDArray[np.int64], limit: int | None, kind: int) -> NDArray[np.int64]:
    if limit is None or limit >= len(rows):
        return rows
    return np.sort(np.random.default_rng(derive(SEED, "limit", kind)).permutation(rows)[:limit])


def _pixels(pictures: Pictures | Drawn) -> Pixels:
    return np.ascontiguousarray(np.concatenate([batch.permute(0, 2, 3, 1).numpy() for batch in pictures.batches()]))


# Variations: each moves or lights a picture in a way of its own. What leaves the picture is mirrored back into it.


def _vary(found: PictureSet, variation: str) -> PictureSet:
    if variation not in VARIATIONS:
        raise UserError(f"no variation '{variation}'; there is: {', '.join(VARIATIONS)}")
    masks = None if found.masks is None else found.masks.copy()

    def varied(group: str, pictures: Pixels) -> Pixels:
        result = np.empty_like(pictures)
        for number, picture in enumerate(pictures):
            rng = np.random.default_rng(derive(SEED, variation, group, number))
            if variation == "lit":
                result[number] = lit(picture, rng)
                continue
            grid = GRIDS[variation](len(picture), rng)
            for channel in range(3):
                result[number, ..., channel] = map_coordinates(picture[..., channel], grid, order=1, mode="mirror")
            if group == "anomalous" and masks is not None:
                masks[number] = map_coordinates(masks[number].astype(np.uint8), grid, order=0, mode="mirror") > 0
        return result

    train, held_out = varied("train", found.train), varied("held_out", found.held_out)
    return PictureSet(found.name, train, held_out, varied("anomalous", found.anomalous), masks)


def lit(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Other light: from 0.7 to 1.3 times as much, up to a fifth more on one side than in the middle, a faint tint."""
    across = np.linspace(-1, 1, len(picture))
    angle = rng.uniform(0, 2 * np.pi)
    slope = 0.2 * (np.sin(angle) * across[:, None] + np.cos(angle) * across[None])
    gain = (rng.uniform(0.7, 1.3) + rng.uniform(0, 1) * slope)[..., None] * rng.uniform(0.97, 1.03, 3)
    return np.clip(np.rint(picture * gain), 0, 255).astype(np.uint8)


def _centred(size: int) -> Grid:
    rows, columns = np.mgrid[:size, :size] - (size - 1) / 2
    return rows, columns


def _turned(size: int, rng: np.random.Generator) -> Grid:
    (rows, columns), angle, middle = _centred(size), rng.uniform(0, 2 * np.pi), (size - 1) / 2
    sine, cosine = np.sin(angle), np.cos(angle)
    return cosine * rows - sine * columns + middle, sine * rows + cosine * columns + middle


def _moved(size: int, rng: np.random.Generator) -> Grid:
    (rows, columns), (down, right) = _centred(size), rng.uniform(-0.08, 0.08, 2) * size + (size - 1) / 2
    return rows + down, columns + right


def _squeezed(size: int, rng: np.random.Generator) -> Grid:
    (rows, columns), middle = _centred(size), (size - 1) / 2
    return 2 * rows + middle, columns + middle


def _warped(size: int, rng: np.random.Generator) -> Grid:
    (rows, columns), middle = _centred(size), (size - 1) / 2
    down, right = (0.05 * size * fractal((size, size), 0.5 * size, rng) + middle for _ in range(2))
    return rows + down, columns + right


GRIDS: dict[str, Callable[[int, np.random.Generator], Grid]] = {
    "turned": _turned,
    "moved": _moved,
    "squeezed": _squeezed,
    "warped": _warped,
}
VARIATIONS = ["lit", *GRIDS]

"""Pictures much larger than the network's, scored in overlapping tiles."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from oneclass.data.images import to_rgb
from oneclass.detector.scorer import Scored, Scorer
from oneclass.errors import UserError

OVERLAP = 0.25
"""The least share of a tile's side that its neighbour has, too."""


class Tiled:
    """A detector that looks at a picture in square tiles of ``side`` pixels, each scored as a picture of its own.

    The map of the whole picture has the largest of their values where tiles overlap, and the score is its largest.
    A tile should show as much as a normal picture did. Raises ``UserError`` for tiles of less than 16 pixels, and for a
    detector that crops, since no tile would show the border.
    """

    def __init__(self, scorer: Scorer, side: int) -> None:
        if scorer.share != 1:
            raise UserError(
                "this detector crops its pictures, so tiles would miss their borders; make one without --crop (in "
                "a configuration: crop: null)"
            )
        if side < 16:
            raise UserError(f"tiles of {side} pixels show nothing; take as many as a normal picture has")
        self.scorer, self.threshold, self.normal_level, self.share = scorer, scorer.threshold, scorer.normal_level, 1.0
        self.size, self.white = scorer.geometry.image_size, scorer.white
        self.side = side

    def score(self, picture: Image.Image) -> Scored:
        """The score of ``picture``, of any size and mode; its map has as many values a tile as the network's."""
        picture = to_rgb(picture, self.white)
        width, height = (max(self.size, round(length * self.size / self.side)) for length in picture.size)
        anomaly = np.full((height, width), -np.inf, np.float32)
        for top in starts(height, self.size):
            for left in starts(width, self.size):
                part = anomaly[top : top + self.size, left : left + self.size]
                np.maximum(part, self.scorer.score(self._tile(picture, left, top, width, height)).map, out=part)
        value = float(anomaly.max())
        return Scored(value, value > self.threshold, anomaly)

    def _tile(self, picture: Image.Image, left: int, top: int, width: int, height: int) -> Image.Image:
        """What the square of the map at ``left``, ``top`` shows, in the network's size."""
        across, down = picture.width / width, picture.height / height
        box = (left * across, top * down, (left + self.size) * across, (top + self.size) * down)
        return picture.resize((self.size, self.size), Image.Resampling.BILINEAR, box=box)


def starts(length: int, size: int) -> list[int]:
    """Where tiles of ``size`` begin that cover ``length``, evenly and with the overlap."""
    stride = size * (1 - OVERLAP)
    count = 1 + max(0, int(np.ceil((length - size) / stride)))
    found: NDArray[np.int64] = np.rint(np.linspace(0, length - size, count)).astype(np.int64)
    return found.tolist()

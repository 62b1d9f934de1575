"""Places in every picture that do not count, by a mask."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from oneclass.data import images
from oneclass.detector.scorer import Scored, Scorer
from oneclass.errors import UserError
from oneclass.scoring.tiles import Tiled


class Ignoring:
    """A detector ``scorer`` to which what is white in ``mask``, a picture file, is as normal as anything.

    The mask is stretched to each picture. Raises ``UserError`` for a file that cannot be read, and for a mask that
    leaves nothing or ignores nothing.
    """

    def __init__(self, scorer: Scorer | Tiled, mask: Path) -> None:
        self.scorer, self.mask = scorer, images.load(mask.parent, mask.name).convert("L")
        self.threshold, self.normal_level, self.share = scorer.threshold, scorer.normal_level, scorer.share
        self.white = scorer.white
        ignored = np.asarray(self.mask) > 127
        if ignored.all() or not ignored.any():
            what = "all is white" if ignored.all() else "nothing is white"
            raise UserError(f"{mask}: {what}; a mask is white where the picture does not count, and black elsewhere")

    def score(self, picture: Image.Image) -> Scored:
        """The score and the map of ``picture``, the latter with its lowest value where it does not count."""
        found = self.scorer.score(picture)
        anomaly = np.where(self._ignored(*found.map.shape), found.map.min(), found.map)
        value = float(anomaly.max())
        return Scored(value, value > self.threshold, anomaly)

    def _ignored(self, height: int, width: int) -> NDArray[np.bool_]:
        """Where a map [height, width], which covers the middle of the picture, does not count."""
        whole = round(width / self.share), round(height / self.share)
        left, top = (whole[0] - width) // 2, (whole[1] - height) // 2
        mask = self.mask.resize(whole, Image.Resampling.NEAREST).crop((left, top, left + width, top + height))
        ignored: NDArray[np.bool_] = np.asarray(mask) > 127
        return ignored

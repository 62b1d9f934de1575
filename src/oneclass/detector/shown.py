"""What the pages of a detector show of pictures: scores by name, and a few pictures with their maps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class NamedScores:
    """Scores [N] of pictures, and what a reader knows each by."""

    names: list[str]
    scores: Floats


@dataclass(frozen=True)
class CardPicture:
    """A picture for the card: uint8 [S, S, 3], its anomaly map [S, S], and the mask [S, S] of its defect, if known."""

    name: str
    anomalous: bool
    score: float
    picture: NDArray[np.uint8]
    anomaly: Floats
    mask: NDArray[np.bool_] | None

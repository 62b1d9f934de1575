"""What is found out about one picture, in a thread of its own; nothing is written here."""

import math
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from oneclass.data import images
from oneclass.detector.overlay import overlay
from oneclass.detector.scorer import Scored
from oneclass.errors import UserError
from oneclass.scoring.drawn import encode
from oneclass.scoring.memory import PIXELS, Gate
from oneclass.scoring.pictures import Picture
from oneclass.scoring.regions import regions

ALL, ANOMALOUS, NONE = "all", "anomalous", "none"


@dataclass(frozen=True)
class Task:
    """A page of a picture file, from 1, or 0 for a file with one picture; ``modified`` is the file's time."""

    picture: Picture
    page: int
    modified: str

    @property
    def key(self) -> tuple[str, str]:
        """As in the table."""
        return str(self.picture.file), str(self.page or "")

    @property
    def name(self) -> str:
        """What is written about the page is called so, and a suffix."""
        return f"{self.picture.name}.{self.page}" if self.page else self.picture.name


@dataclass(frozen=True)
class Examined:
    """A picture's score and what goes with it; where ``error`` says why there is no score, nothing else is there."""

    task: Task
    error: str = ""
    score: float = math.nan
    anomalous: bool = False
    overlay: bytes | None = None
    map: NDArray[np.float32] | None = None
    regions: list[dict[str, Any]] = field(default_factory=list)


class Scores(Protocol):
    """What gives a picture its score: a detector, as a whole or in tiles."""

    normal_level: float
    share: float
    white: int

    def score(self, picture: Image.Image) -> Scored: ...


class Examiner:
    """Examines pictures by a detector, any number at a time in as many threads.

    A picture that scores above ``threshold`` is anomalous; ``overlays`` says of which pictures there is one, and
    ``maps`` whether the raw maps are kept.
    """

    def __init__(self, scorer: Scores, threshold: float, overlays: str, maps: bool) -> None:
        self.scorer, self.threshold, self.overlays, self.maps = scorer, threshold, overlays, maps
        self._gate = Gate(PIXELS)

    def wants_overlay(self, anomalous: bool) -> bool:
        return self.overlays == ALL or (anomalous and self.overlays == ANOMALOUS)

    def __call__(self, task: Task) -> Examined:
        file = task.picture.file
        try:
            with images.opened(file) as image:
                pixels = image.width * image.height
            with self._gate.passed(pixels):
                return self._examine(task)
        except UserError as error:
            gone = not file.exists()
            return Examined(task, f"{file}: is not there any more, so it has no score" if gone else str(error))
        except MemoryError:
            return Examined(task, f"{file}: there is not enough memory for so large a picture")

    def _examine(self, task: Task) -> Examined:
        file = task.picture.file
        picture = images.load(file.parent, file.name, task.page - 1, white=self.scorer.white)
        try:
            found = self.scorer.score(picture)
        except UserError as error:
            return Examined(task, f"{file}: {error}")
        anomalous = found.score > self.threshold
        drawn = None
        if self.wants_overlay(anomalous):
            drawn = encode(overlay(picture, found.map, self.scorer.normal_level, self.threshold, self.scorer.share))
        return Examined(
            task,
            score=found.score,
            anomalous=anomalous,
            overlay=drawn,
            map=found.map if self.maps else None,
            regions=regions(found.map, self.threshold, picture.size, self.scorer.share),
        )

"""Labelled pictures, scored by a finished detector."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oneclass import cpus
from oneclass.data import images, masks
from oneclass.data.record import Record
from oneclass.data.sources.own_images import labelled, root_of_labelled
from oneclass.detector.scorer import Scorer
from oneclass.errors import UserError
from oneclass.scoring.run import in_order

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Labelled:
    """N labelled pictures of ``folder`` that a detector has scored: ``scores`` [N], ``labels`` [N] (1 anomalous).

    ``maps`` and ``masks`` [N, S, S] are there if the anomalous ones have masks; ``errors`` are what is wrong with those
    that could not be read, which are not among ``records``.
    """

    folder: Path
    records: list[Record]
    scores: Floats
    maps: Floats | None
    masks: NDArray[np.bool_] | None
    errors: dict[str, str]

    @property
    def labels(self) -> NDArray[np.int64]:
        return np.array([record.label for record in self.records], np.int64)


def score_labelled(scorer: Scorer, folder: Path) -> Labelled:
    """Score the pictures of ``folder``, laid out as ``own_images.labelled`` says.

    Raises ``UserError`` as that does, if no picture of one of the kinds can be read, or if only some of the anomalous
    ones have masks.
    """
    found, root = labelled(folder), root_of_labelled(folder)
    masked = any(record.mask for record in found)
    if masked and (bare := [record.path for record in found if record.label and not record.mask]):
        raise UserError(f"{root / bare[0]} has no mask, but other anomalous pictures have; add it, or remove all masks")

    for remark in masks.check(root / record.mask for record in found if record.mask):
        log.warning("%s: %s", folder, remark)

    def one(record: Record) -> _Examined:
        return _examine(scorer, root, record, keep_map=masked)

    done = list(in_order(one, found, cpus.usable()))
    good = [each for each in done if not each.error]
    if len({each.record.label for each in good}) < 2:
        error = next(each.error for each in done if each.error)
        raise UserError(f"{folder}: neither normal nor anomalous pictures may all be unreadable; the first: {error}")
    empty = np.zeros((scorer.geometry.image_size,) * 2, bool)
    return Labelled(
        root,
        [each.record for each in good],
        np.array([each.score for each in good], np.float32),
        np.stack([each.map for each in good if each.map is not None]) if masked else None,
        np.stack([empty if each.mask is None else each.mask for each in good]) if masked else None,
        {each.record.path: each.error for each in done if each.error},
    )


class _Examined(NamedTuple):
    """A picture's score, map and mask, or what is wrong with it."""

    record: Record
    score: float = 0.0
    map: Floats | None = None
    mask: NDArray[np.bool_] | None = None
    error: str = ""


def _examine(scorer: Scorer, root: Path, record: Record, *, keep_map: bool) -> _Examined:
    try:
        picture = images.load(root, record.path, white=scorer.white)
        found = scorer.score(picture)
        if not np.isfinite(found.score):
            raise UserError(f"{root / record.path}: the detector gives {found.score}; its file may be damaged")
        mask = masks.load(root, record.mask, picture.size, scorer.geometry) if record.mask else None
    except UserError as error:
        return _Examined(record, error=str(error))
    return _Examined(record, found.score, found.map if keep_map else None, mask)

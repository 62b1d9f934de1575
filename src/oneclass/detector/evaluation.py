"""A finished detector on labelled pictures: what it finds at its threshold, and at that of a wanted rate of alarms."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oneclass import cpus
from oneclass.data import images, masks
from oneclass.data.record import Record
from oneclass.data.sources.own_images import labelled, root_of_labelled
from oneclass.detector.scorer import Scorer
from oneclass.detector.threshold import choose_threshold, false_alarms
from oneclass.detector.verdict import share_interval
from oneclass.errors import UserError
from oneclass.files import atomic
from oneclass.metrics import auroc, bootstrap_auroc
from oneclass.pixel_metrics import average_precision, pixel_metrics
from oneclass.scoring.run import in_order

RESAMPLES = 1000

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
        picture = images.load(root, record.path)
        found = scorer.score(picture)
        if not np.isfinite(found.score):
            raise UserError(f"{root / record.path}: the detector gives {found.score}; its file may be damaged")
        mask = masks.load(root, record.mask, picture.size, scorer.geometry) if record.mask else None
    except UserError as error:
        return _Examined(record, error=str(error))
    return _Examined(record, found.score, found.map if keep_map else None, mask)


def measure(pictures: Labelled, threshold: float, wanted: float, seed: int) -> dict[str, Any]:
    """What ``evaluation.json`` says: metrics in percent, the confusion at ``threshold``, and what the threshold would
    be for ``wanted``, a share of normal pictures that may be flagged.

    Intervals are of 95 %: exact ones of shares (Clopper and Pearson), of the false alarms of a threshold that these
    normal pictures set (order statistics), and a stratified bootstrap of the AUROC from ``seed``.
    """
    labels, scores = pictures.labels, pictures.scores
    normal, anomalous = scores[labels == 0], scores[labels == 1]
    resampled = np.quantile(bootstrap_auroc(labels, scores, RESAMPLES, seed), [0.025, 0.975])
    chosen, _ = choose_threshold(normal, 1 - wanted)
    metrics = {"image_auroc": auroc(labels, scores), "image_ap": average_precision(labels, scores)}
    if pictures.masks is not None and pictures.maps is not None:
        metrics |= pixel_metrics(pictures.masks, pictures.maps)
    return {
        "pictures": {"normal": len(normal), "anomalous": len(anomalous), "unreadable": sorted(pictures.errors)},
        "metrics": {name: round(100 * value, 2) for name, value in metrics.items()},
        "image_auroc_interval": [round(100 * float(bound), 2) for bound in resampled],
        "at_threshold": _confusion(normal, anomalous, threshold),
        "at_wanted_false_alarms": {
            "wanted": wanted,
            **{name: round(value, 5) for name, value in false_alarms(len(normal), 1 - wanted)._asdict().items()},
            **_confusion(normal, anomalous, chosen),
        },
        "by_kind": {kind: _kind(pictures, normal, kind, threshold) for kind in _kinds(pictures)},
    }


def _confusion(normal: Floats, anomalous: Floats, threshold: float) -> dict[str, Any]:
    """Counts on both sides of ``threshold``, and the shares of each kind above it with their intervals."""
    found, flagged = int((anomalous > threshold).sum()), int((normal > threshold).sum())
    return {
        "threshold": threshold,
        "found": found,
        "missed": len(anomalous) - found,
        "flagged": flagged,
        "passed": len(normal) - flagged,
        "found_interval": [round(bound, 5) for bound in share_interval(found, len(anomalous))],
        "flagged_interval": [round(bound, 5) for bound in share_interval(flagged, len(normal))],
    }


def _kinds(pictures: Labelled) -> list[str]:
    return sorted({record.defect for record in pictures.records if record.label})


def _kind(pictures: Labelled, normal: Floats, kind: str, threshold: float) -> dict[str, Any]:
    """One kind of anomaly against all normal pictures."""
    own = pictures.scores[[record.defect == kind for record in pictures.records]]
    labels = np.repeat([0, 1], [len(normal), len(own)])
    area = auroc(labels, np.concatenate([normal, own]))
    return {"pictures": len(own), "found": int((own > threshold).sum()), "image_auroc": round(100 * area, 2)}


def write_csv(pictures: Labelled, threshold: float, path: Path) -> None:
    """A row for each picture, the highest score first, those that could not be read last."""
    order = np.argsort(-pictures.scores, kind="stable").tolist()
    rows: list[Sequence[str]] = [("path", "kind", "label", "score", "flagged", "error")]
    for position in order:
        record, score = pictures.records[position], pictures.scores[position]
        flagged = "yes" if score > threshold else "no"
        rows.append((record.path, record.defect, _label(record), f"{score:.6g}", flagged, ""))
    rows += [(path, "", "", "", "", error) for path, error in sorted(pictures.errors.items())]
    with (
        atomic(path) as partial,
        partial.open("w", newline="", encoding="utf-8", errors="surrogateescape") as table,
    ):
        csv.writer(table).writerows(rows)


def _label(record: Record) -> str:
    return "anomalous" if record.label else "normal"


def as_json(measured: dict[str, Any]) -> str:
    return json.dumps(measured, indent=2, ensure_ascii=False) + "\n"

"""What a detector finds among labelled pictures, at its threshold and at that of a wanted rate of false alarms."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oneclass.data.record import Record
from oneclass.detector.threshold import choose_threshold, false_alarms
from oneclass.detector.verdict import share_interval
from oneclass.evaluation.labelled import Labelled
from oneclass.files import atomic
from oneclass.metrics import auroc, bootstrap_auroc
from oneclass.pixel_metrics import average_precision, pixel_metrics

RESAMPLES = 1000

Floats = NDArray[np.float32]


def measure(pictures: Labelled, threshold: float, wanted: float, seed: int) -> dict[str, Any]:
    """What ``evaluation.json`` says: metrics in percent, the confusion at ``threshold``, and what the threshold would
    be for ``wanted``, a share of normal pictures that may be flagged.

    Intervals are of 95 %: exact ones of shares (Clopper and Pearson), of the false alarms of a threshold that these
    normal pictures set (order statistics), and a stratified bootstrap of the AUROC from ``seed``.
    """
    labels, scores = pictures.labels, pictures.scores
    normal, anomalous = scores[labels == 0], scores[labels == 1]
    resampled = np.quantile(bootstrap_auroc(labels, scores, RESAMPLES, seed), [0.025, 0.975])
    chosen = choose_threshold(normal, 1 - wanted)
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

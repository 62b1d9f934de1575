"""How an evaluation is drawn: in words, as curves, and the worst errors."""

from typing import Any

import numpy as np

from oneclass.data import images
from oneclass.detector import charts, page
from oneclass.detector.page import Table
from oneclass.detector.scorer import Scorer
from oneclass.detector.shown import CardPicture
from oneclass.detector.verdict import GOOD, percent, word
from oneclass.evaluation.labelled import Labelled

WORST, BEST = 6, 2
"""Pictures of each kind that are shown: those that are scored worst, and those that are scored best."""

METRICS = {
    "image_ap": "image average precision",
    "pixel_auroc": "pixel AUROC",
    "pixel_aupro": "pixel AUPRO (false-positive rate to 0.3)",
    "pixel_ap": "pixel average precision",
}


def summary(measured: dict[str, Any]) -> str:
    """What the detector does, in words."""
    here, metrics = measured["at_threshold"], measured["metrics"]
    anomalous, normal = here["found"] + here["missed"], here["flagged"] + here["passed"]
    low, high = measured["image_auroc_interval"]
    how_good = word(100 * here["found"] / anomalous, 100 * here["flagged"] / normal)
    return (
        f"{how_good}: it finds {here['found']} of {anomalous} anomalous pictures ({percent(*here['found_interval'])}) "
        f"and flags {here['flagged']} of {normal} normal ones ({percent(*here['flagged_interval'])}). "
        f"Image AUROC {metrics['image_auroc']:.1f} % ({low:.1f} to {high:.1f} %)."
    )


def steps(measured: dict[str, Any]) -> list[str]:
    """What to do next."""
    there, here = measured["at_wanted_false_alarms"], measured["at_threshold"]
    promise = f"about {100 * there['expected']:.2g} % ({percent(there['low'], there['high'])})"
    found = [
        f"With oneclass score --threshold {there['threshold']:g}, which these normal pictures set for "
        f"{100 * there['wanted']:g} % of false alarms, {there['found']} anomalous pictures are found instead of "
        f"{here['found']}, and {promise} of new normal ones are expected to be flagged."
    ]
    if there["expected"] > 1.01 * there["wanted"]:
        needed = round(1 / there["wanted"]) - 1
        found.append(f"{needed} normal pictures would be needed to promise {100 * there['wanted']:g} %.")
    if measured["metrics"]["image_auroc"] < GOOD[0]:
        found.append("No threshold serves well: fit with larger pictures (--size 512), or another method or backbone.")
    return found


def as_html(name: str, pictures: Labelled, measured: dict[str, Any], scorer: Scorer) -> str:
    """A page that needs nothing but itself; ``name`` is that of the detector."""
    labels, threshold = pictures.labels, scorer.threshold
    normal, anomalous = pictures.scores[labels == 0], pictures.scores[labels == 1]
    unreadable = [f"It could not be scored: {error}" for _, error in sorted(pictures.errors.items())]
    return page.render(
        f"Detector made from '{name}', on '{pictures.folder.name}'",
        summary(measured),
        warnings=unreadable,
        steps=steps(measured),
        charts=[
            charts.histogram(normal, anomalous, threshold, "anomalous"),
            charts.roc(normal, anomalous, threshold),
            charts.precision_recall(normal, anomalous, threshold),
        ],
        sections=page.by_verdict(_shown(pictures, scorer), threshold, "anomalies"),
        tables=[Table("At the threshold", _confusion(measured), folded=False), Table("Numbers", _numbers(measured))],
        normal_level=scorer.normal_level,
        threshold=threshold,
    )


def _confusion(measured: dict[str, Any]) -> list[tuple[str, str]]:
    here = measured["at_threshold"]
    kinds = [
        (f"of these, {kind}", f"{each['found']} of {each['pictures']} found; image AUROC {each['image_auroc']:.1f} %")
        for kind, each in measured["by_kind"].items()
    ]
    return [
        ("Anomalous pictures", f"{here['found']} found, {here['missed']} missed"),
        *kinds,
        ("Normal pictures", f"{here['flagged']} flagged, {here['passed']} pass"),
    ]


def _numbers(measured: dict[str, Any]) -> list[tuple[str, str]]:
    metrics = measured["metrics"]
    low, high = measured["image_auroc_interval"]
    return [
        ("image AUROC", f"{metrics['image_auroc']:.1f} % (95 % interval by bootstrap: {low:.1f} to {high:.1f} %)"),
        *((label, f"{metrics[key]:.1f} %") for key, label in METRICS.items() if key in metrics),
        ("Threshold", f"{measured['at_threshold']['threshold']:g}"),
    ]


def _shown(pictures: Labelled, scorer: Scorer) -> list[CardPicture]:
    """The normal pictures with the highest scores and the anomalous ones with the lowest, and a few of the others."""
    shown = []
    for label in (0, 1):
        own = np.flatnonzero(pictures.labels == label)
        order = own[np.argsort(pictures.scores[own], kind="stable")].tolist()
        chosen = {*order[:WORST], *order[-BEST:]} if label else {*order[-WORST:], *order[:BEST]}
        shown += [_picture(pictures, scorer, position) for position in order if position in chosen]
    return shown


def _picture(pictures: Labelled, scorer: Scorer, position: int) -> CardPicture:
    record = pictures.records[position]
    picture = images.load(pictures.folder, record.path, white=scorer.white)
    return CardPicture(
        record.path,
        bool(record.label),
        float(pictures.scores[position]),
        np.asarray(scorer.geometry.apply(picture)),
        scorer.score(picture).map,
        pictures.masks[position] if pictures.masks is not None and record.label else None,
    )

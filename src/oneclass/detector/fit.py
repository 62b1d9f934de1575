"""Fitting a detector to normal pictures: what is chosen, from which pictures, and how well it does.

Three sets of pictures. The training ones give the model. The held-out normal ones set the threshold, and what a method
chooses without anomalies (``learning``). With anomalies, the user's own or else drawn on the held-out pictures, they
measure the detector; the closed form's norm is all that is chosen by looking at an anomaly.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.detector.distances import ClosedForm
from oneclass.detector.learning import learn
from oneclass.detector.network import DetectorModule, FeatureExtractor, assemble
from oneclass.detector.pictures import Drawn, Pictures, draw_on
from oneclass.detector.shown import CardPicture, NamedScores
from oneclass.detector.threshold import choose_threshold
from oneclass.metrics import auroc, cosine_between
from oneclass.objective.localisation.maps import Maps
from oneclass.objective.localisation.moments import Centering
from oneclass.objective.localisation.smoothing import image_scores, smooth
from oneclass.pixel_metrics import Masks, average_precision, pixel_metrics

TOLERANCE = 1.0
"""Points of AUROC below the best within which a norm is feasible."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ScoredPictures:
    """N pictures under V settings of the method: scores [V, N], distance maps [V, N, h, w], pooled features [N, D]."""

    scores: Floats
    distance: Floats
    pooled: Floats


@dataclass(frozen=True)
class Findings:
    """What was chosen and measured; AUROC and the like in percent.

    What only the closed form has is None or empty for the nearest patch; together they have no norm to choose.
    """

    train: int
    held_out: int
    anomalies: int
    drawn: bool
    method: str
    variance_explained_by_mean_map: float | None
    centering: Centering | None
    cosine: float
    auroc_by_center_norm: dict[float, float]
    feasible: list[float]
    center_norm: float | None
    threshold: float
    false_alarms: float
    detected: float
    normal_level: float
    measured: dict[str, float]
    normal_scores: NamedScores
    anomaly_scores: NamedScores
    shown: list[CardPicture]


@torch.no_grad()
@torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)  # the threshold is for CPUs too
def fit(
    index: Index,
    class_name: str,
    extractor: FeatureExtractor,
    geometry: Geometry,
    *,
    method: str,
    center_norms: Sequence[float],
    centering: Centering | None,
    sigma: float,
    threshold_quantile: float,
    defect_contrast: float,
    seed: int,
    workers: int,
    device: str,
) -> tuple[DetectorModule, Findings]:
    """A detector of what is unlike the normal training pictures of ``class_name``, and what was found on the way.

    ``centering`` None chooses it. ``defect_contrast`` is that of the defects, drawn if the index holds no anomalies.
    Raises ``UserError`` for an unreadable picture and for features that are not finite.
    """
    extractor.to(device)
    train, held_out, anomalous = _pictures(index, class_name, geometry, workers)
    anomalies = anomalous if len(anomalous) else draw_on(held_out, defect_contrast, seed)
    size = geometry.image_size
    learned = learn(
        method,
        lambda: _maps(extractor, train, device),
        lambda: _maps(extractor, held_out, device),
        center_norms=center_norms,
        centering=centering,
        image_size=size,
        sigma=sigma,
        seed=seed,
    )
    distance = learned.distance
    normal, other = (score_pictures(extractor, distance, each, size, sigma, device) for each in (held_out, anomalies))
    labels = np.repeat([0, 1], [len(held_out), len(anomalies)])
    by_norm: dict[float, float] = {}
    k = 0
    if isinstance(distance, ClosedForm):
        found = 100 * np.asarray(auroc(labels, np.concatenate([normal.scores, other.scores], axis=1)))
        by_norm = dict(zip(center_norms, found.tolist(), strict=True))
        k = list(center_norms).index(feasible_norms(by_norm)[0])
        distance = distance.at(k)
    threshold, false_alarms = choose_threshold(normal.scores[k], threshold_quantile)
    anomaly = smooth(np.concatenate([normal.distance[k], other.distance[k]]), size, sigma)
    masks = anomalies.masks()
    findings = Findings(
        train=len(train),
        held_out=len(held_out),
        anomalies=len(anomalies),
        drawn=not len(anomalous),
        method=method,
        variance_explained_by_mean_map=learned.known,
        centering=learned.centering,
        cosine=cosine_between(normal.pooled, other.pooled),
        auroc_by_center_norm=by_norm,
        feasible=feasible_norms(by_norm),
        center_norm=center_norms[k] if by_norm else None,
        threshold=threshold,
        false_alarms=100 * false_alarms,
        detected=100 * float((other.scores[k] > threshold).mean()),
        normal_level=float(np.median(anomaly[: len(held_out)])),
        measured=_measure(labels, np.concatenate([normal.scores[k], other.scores[k]]), anomaly, masks),
        normal_scores=_named(held_out, normal.scores[k]),
        anomaly_scores=_named(anomalies, other.scores[k]),
        shown=_shown(held_out, anomalies, anomaly, masks),
    )
    return assemble(extractor, distance, size, sigma), findings


def feasible_norms(auroc_by_center_norm: Mapping[float, float]) -> list[float]:
    """Norms, rising, whose AUROC (percent) is within a point of the best. Any of them serves; AUROC falls where the
    norm is too large, so the first is the safest (paper 1, Section 5.3)."""
    best = max(auroc_by_center_norm.values(), default=0)
    return sorted(norm for norm, value in auroc_by_center_norm.items() if value >= best - TOLERANCE)


def score_pictures(
    extractor: FeatureExtractor,
    distance: nn.Module,
    pictures: Pictures | Drawn,
    image_size: int,
    sigma: float,
    device: str,
) -> ScoredPictures:
    """Scores, distance maps and pooled features of ``pictures``."""
    distances, pooled = [], []
    for maps in _maps(extractor, pictures, device):
        distances.append(distance(maps).cpu())
        pooled.append(torch.cat([m.mean((2, 3)) for m in maps], dim=1).cpu())
    found = torch.cat(distances, dim=1).numpy()
    return ScoredPictures(image_scores(found, image_size, sigma), found, torch.cat(pooled).numpy())


def _pictures(index: Index, class_name: str, geometry: Geometry, workers: int) -> tuple[Pictures, Pictures, Pictures]:
    """Normal training pictures, held-out normal ones, and anomalous ones, of which there may be none."""
    parts = split(index, "defect", class_name)
    groups = [parts.train, parts.test[parts.labels == 0], parts.test[parts.labels == 1]]
    train, held_out, anomalous = (Pictures(index.take(rows), geometry, workers) for rows in groups)
    return train, held_out, anomalous


def _maps(extractor: FeatureExtractor, pictures: Pictures | Drawn, device: str) -> Iterable[Maps]:
    return (extractor(batch.to(device)) for batch in pictures.batches())


def _named(pictures: Pictures | Drawn, scores: Floats) -> NamedScores:
    return NamedScores([pictures.name(position) for position in range(len(pictures))], scores)


def _measure(labels: NDArray[np.int64], scores: Floats, anomaly: Floats, masks: Masks | None) -> dict[str, float]:
    """Metrics in percent of all pictures, the normal ones first; of pixels only where the anomalies have ``masks``."""
    found = {"image_auroc": float(auroc(labels, scores)), "image_ap": average_precision(labels, scores)}
    if masks is not None:
        clean = np.zeros((int((labels == 0).sum()), *masks.shape[1:]), bool)
        found |= pixel_metrics(np.concatenate([clean, masks]), anomaly)
    return {name: 100 * value for name, value in found.items()}


def _shown(held_out: Pictures, anomalies: Pictures | Drawn, anomaly: Floats, masks: Masks | None) -> list[CardPicture]:
    """The normal pictures with the lowest and the three highest scores, the anomalies with the three lowest, the
    middle and the highest: where the detector errs, if it does, and what it does else."""
    maps = {False: anomaly[: len(held_out)], True: anomaly[len(held_out) :]}
    shown = []
    for anomalous, pictures in ((False, held_out), (True, anomalies)):
        scores = maps[anomalous].max((1, 2))
        order = np.argsort(scores, kind="stable").tolist()
        chosen = {*order[:3], order[len(order) // 2], order[-1]} if anomalous else {order[0], *order[-3:]}
        shown += [
            CardPicture(
                pictures.name(position),
                anomalous,
                float(scores[position]),
                pictures[position].permute(1, 2, 0).numpy(),
                maps[anomalous][position],
                masks[position] if anomalous and masks is not None else None,
            )
            for position in sorted(chosen, key=order.index)
        ]
    return shown

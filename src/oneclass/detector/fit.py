"""Fitting a detector to normal pictures: what is chosen, from which pictures, and how well it does.

Three sets of pictures. The training ones give the model. The held-out normal ones set the threshold, and what a method
chooses without anomalies (``learning``). With anomalies, the user's own or else drawn on the held-out pictures, they
measure the detector; the closed form's norm is all that is chosen by looking at an anomaly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from oneclass.data import masks
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.detector import inspection
from oneclass.detector.distances import ClosedForm
from oneclass.detector.learning import learn
from oneclass.detector.measuring import Measuring, evenly, maps_of, measure
from oneclass.detector.network import DetectorModule, FeatureExtractor, assemble
from oneclass.detector.pictures import Drawn, Pictures, draw_on
from oneclass.detector.shown import CardPicture, NamedScores
from oneclass.detector.threshold import choose_threshold
from oneclass.metrics import auroc, cosine_between
from oneclass.objective.localisation.moments import Centering

TOLERANCE = 1.0
"""Points of AUROC below the best within which a norm is feasible."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Findings:
    """What was chosen and measured; AUROC and the like in percent.

    What only the closed form has is None or empty for the nearest patch, and the other way round; together they have no
    norm to choose. ``training_scores`` say how far the training pictures are apart (``patches``).
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
    detected: float
    normal_level: float
    measured: dict[str, float]
    training_scores: NamedScores
    normal_scores: NamedScores
    anomaly_scores: NamedScores
    shown: list[CardPicture]
    oddities: list[str]


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
    kept = evenly(len(held_out))
    learned = learn(
        method,
        lambda: maps_of(extractor, train, device, "training pictures"),
        lambda: maps_of(extractor, held_out.take(kept), device, "held-out pictures"),
        center_norms=center_norms,
        centering=centering,
        image_size=geometry.image_size,
        sigma=sigma,
        seed=seed,
    )
    measuring = Measuring(extractor, learned.distance, geometry.image_size, sigma, device)
    normal = measuring.score(held_out, kept, "scores of held-out pictures")
    other = measuring.score(anomalies, np.arange(len(anomalies)), "scores of anomalies")
    by_norm = _auroc_by_center_norm(learned.distance, center_norms, normal.scores, other.scores)
    feasible = feasible_norms(by_norm)
    k = list(center_norms).index(feasible[0]) if feasible else 0
    threshold = choose_threshold(normal.scores[k], threshold_quantile)
    maps = [measuring.smooth(scored.kept[k]) for scored in (normal, other)]
    where = anomalies.masks()
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
        feasible=feasible,
        center_norm=feasible[0] if feasible else None,
        threshold=threshold,
        detected=100 * float((other.scores[k] > threshold).mean()),
        normal_level=float(np.median(maps[0])),
        measured=measure(normal.scores[k], other.scores[k], maps, where),
        training_scores=_named(train, learned.apart),
        normal_scores=_named(held_out, normal.scores[k]),
        anomaly_scores=_named(anomalies, other.scores[k]),
        shown=[
            *measuring.shown(held_out, normal.scores[k], k, None, anomalous=False),
            *measuring.shown(anomalies, other.scores[k], k, where, anomalous=True),
        ],
        oddities=_oddities(train, held_out, anomalous),
    )
    distance = learned.distance.at(k) if isinstance(learned.distance, ClosedForm) else learned.distance
    return assemble(extractor, distance, geometry.image_size, sigma), findings


def _auroc_by_center_norm(
    distance: nn.Module, center_norms: Sequence[float], normal: Floats, anomalous: Floats
) -> dict[float, float]:
    """Image AUROC in percent under each norm, from scores [V, N] and [V, M]; empty where there is no norm to choose."""
    if not isinstance(distance, ClosedForm):
        return {}
    labels = np.repeat([0, 1], [normal.shape[1], anomalous.shape[1]])
    found = 100 * np.asarray(auroc(labels, np.concatenate([normal, anomalous], axis=1)))
    return dict(zip(center_norms, found.tolist(), strict=True))


def feasible_norms(auroc_by_center_norm: Mapping[float, float]) -> list[float]:
    """Norms, rising, whose AUROC (percent) is within a point of the best. Any of them serves; AUROC falls where the
    norm is too large, so the first is the safest (paper 1, Section 5.3)."""
    best = max(auroc_by_center_norm.values(), default=0)
    return sorted(norm for norm, value in auroc_by_center_norm.items() if value >= best - TOLERANCE)


def _pictures(index: Index, class_name: str, geometry: Geometry, workers: int) -> tuple[Pictures, Pictures, Pictures]:
    """Normal training pictures, held-out normal ones, and anomalous ones, of which there may be none."""
    parts = split(index, "defect", class_name)
    groups = [parts.train, parts.test[parts.labels == 0], parts.test[parts.labels == 1]]
    train, held_out, anomalous = (Pictures(index.take(rows), geometry, workers) for rows in groups)
    return train, held_out, anomalous


def _oddities(train: Pictures, held_out: Pictures, anomalous: Pictures) -> list[str]:
    """What speaks against the normal pictures, all of which were seen by now, and against the masks."""

    def name(position: int) -> str:
        return train.name(position) if position < len(train) else held_out.name(position - len(train))

    of_masks = masks.check(masks.files(anomalous.index))
    return [*inspection.warnings(train.looks, held_out.looks, [*train.sizes(), *held_out.sizes()], name), *of_masks]


def _named(pictures: Pictures | Drawn, scores: Floats) -> NamedScores:
    return NamedScores([pictures.name(position) for position in range(len(scores))], scores)

"""What a distance makes of pictures, batch by batch: scores of all, anomaly maps of those that a card needs.

Memory does not grow with the number of held-out pictures: maps are kept of at most ``KEPT`` of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from oneclass.detector.network import FeatureExtractor
from oneclass.detector.pictures import Drawn, Pictures
from oneclass.detector.shown import CardPicture
from oneclass.detector.threads import maps_of_batch
from oneclass.metrics import auroc
from oneclass.objective.localisation.maps import Maps
from oneclass.objective.localisation.smoothing import image_scores, smooth
from oneclass.pixel_metrics import Masks, average_precision, pixel_metrics

KEPT = 500
"""Held-out pictures that the level of a normal pixel and the metrics of pixels are computed from, at most."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ScoredPictures:
    """N pictures under V settings of the method: scores [V, N], pooled features [N, D], and the distance maps
    [V, M, h, w] of those that were kept."""

    scores: Floats
    pooled: Floats
    kept: Floats


@dataclass(frozen=True)
class Measuring:
    """An extractor and a distance, for anomaly maps of ``image_size`` pixels a side, smoothed by ``sigma``."""

    extractor: FeatureExtractor
    distance: nn.Module
    image_size: int
    sigma: float
    device: str

    def score(self, pictures: Pictures | Drawn, keep: NDArray[np.int64], what: str) -> ScoredPictures:
        """All of ``pictures``, which are ``what``; the maps at the positions ``keep``, which rise, are kept."""
        scores, pooled, kept, start = [], [], [], 0
        for maps in maps_of(self.extractor, pictures, self.device, what):
            found = self.distance(maps).cpu().numpy()
            scores.append(image_scores(found, self.image_size, self.sigma))
            pooled.append(torch.cat([m.mean((2, 3)) for m in maps], dim=1).cpu().numpy())
            first, last = np.searchsorted(keep, (start, start + found.shape[1]))
            kept.append(found[:, keep[first:last] - start])
            start += found.shape[1]
        return ScoredPictures(*(np.concatenate(parts, axis) for parts, axis in ((scores, 1), (pooled, 0), (kept, 1))))

    def smooth(self, distance: Floats) -> Floats:
        """Anomaly maps [..., S, S]."""
        return smooth(distance, self.image_size, self.sigma)

    def shown(
        self, pictures: Pictures | Drawn, scores: Floats, k: int, masks: Masks | None, anomalous: bool
    ) -> list[CardPicture]:
        """The pictures where the detector errs, if it does, and what it does else, by their ``scores`` under setting
        ``k``: normal ones with the lowest and the three highest, anomalies with the three lowest, the middle and the
        highest."""
        order = np.argsort(scores, kind="stable").tolist()
        chosen = {*order[:3], order[len(order) // 2], order[-1]} if anomalous else {order[0], *order[-3:]}
        positions = sorted(chosen, key=order.index)
        images = torch.stack([pictures[position] for position in positions])
        anomaly = self.smooth(self.distance(maps_of_batch(self.extractor, images.to(self.device)))[k].cpu().numpy())
        return [
            CardPicture(
                pictures.name(position),
                anomalous,
                float(scores[position]),
                image.permute(1, 2, 0).numpy(),
                found,
                None if masks is None else masks[position],
            )
            for position, image, found in zip(positions, images, anomaly, strict=True)
        ]


def maps_of(extractor: FeatureExtractor, pictures: Pictures | Drawn, device: str, what: str) -> Iterator[Maps]:
    """The maps of ``pictures``, batch by batch; on a terminal a bar says how far ``what`` has come."""
    with tqdm(total=len(pictures), unit="img", desc=what, disable=None) as progress:
        for batch in pictures.batches():
            yield maps_of_batch(extractor, batch.to(device))
            progress.update(len(batch))


def evenly(count: int, most: int = KEPT) -> NDArray[np.int64]:
    """Positions of all of ``count`` pictures, or of ``most`` of them, evenly spread; they rise."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))


def measure(normal: Floats, anomalous: Floats, maps: Sequence[Floats], masks: Masks | None) -> dict[str, float]:
    """Metrics in percent from scores [N] and [M]; of pixels, too, from ``maps``, those of normal pictures and those of
    the anomalous ones, where the latter have ``masks``."""
    labels, scores = np.repeat([0, 1], [len(normal), len(anomalous)]), np.concatenate([normal, anomalous])
    found = {"image_auroc": float(auroc(labels, scores)), "image_ap": average_precision(labels, scores)}
    if masks is not None:
        clean = np.zeros((len(maps[0]), *masks.shape[1:]), bool)
        found |= pixel_metrics(np.concatenate([clean, masks]), np.concatenate(maps))
    return {name: 100 * value for name, value in found.items()}

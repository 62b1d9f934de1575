"""From features to distances to the centre, at the features' resolution, and to rows and maps of a result."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.objective.localisation.category import DefectImages
from oneclass.objective.localisation.maps import Maps, project, sliced
from oneclass.objective.localisation.smoothing import image_scores
from oneclass.objective.localisation.sources import MapSource, Rows
from oneclass.objective.projector import Projectors
from oneclass.objective.result import Result
from oneclass.objective.variants import Variant

Floats = NDArray[np.float32]
_TOGETHER = 4  # images projected at once: more fall out of a CPU's cache


@dataclass(frozen=True)
class Scored:
    """T images under K projectors: ``distance`` [K, T, H, W] to the centre at every position; ``norm`` and ``cosine``
    [K, T] of the projected feature, to the centre, at the position farthest from it."""

    distance: Floats
    norm: Floats
    cosine: Floats


def record(
    result: Result,
    category: DefectImages,
    method: str,
    variants: Sequence[Variant | None],
    scored: Scored,
    sigma: float,
    factor: Floats | float = 1,
    /,
    **columns: Any,
) -> None:
    """Add the test images of ``category`` under each of ``variants`` (None where nothing varies), with ``columns`` as
    ``Result.columns`` takes them.

    An image's score is the maximum of its anomaly map, smoothed by ``sigma`` pixels, times its ``factor`` [T]. Maps are
    kept for categories with masks, whose metrics need them all, and else for the variants that the result keeps.
    """
    scores = factor * image_scores(scored.distance, category.geometry.image_size, sigma)
    for k, variant in enumerate(variants):
        described = result.columns(method, variant, **columns)
        result.add(category, described, scores[k], z_norm=scored.norm[k], z_cosine=scored.cosine[k])
        if category.has_masks or result.keeps(category.class_name, variant):
            result.add_map(category, described, scored.distance[k])


@torch.no_grad()
def score(projectors: Projectors, source: MapSource, rows: Rows) -> Scored:
    """Distances d = ||W f + b - c|| (Equation 16) of the images ``rows`` under every projector."""
    batches = []
    for maps in source.batches(rows):
        for some in sliced(maps, _TOGETHER):
            by_projector = [_score_one(projectors, k, some) for k in range(len(projectors))]
            batches.append([torch.stack(values) for values in zip(*by_projector, strict=True)])
    return Scored(*(torch.cat(values, dim=1).cpu().numpy() for values in zip(*batches, strict=True)))


def distances(projectors: Projectors, maps: Maps) -> Tensor:
    """``Scored.distance`` [K, B, H, W] of one batch."""
    return torch.stack([_score_one(projectors, k, maps)[0] for k in range(len(projectors))])


def _score_one(projectors: Projectors, k: int, maps: Maps) -> tuple[Tensor, Tensor, Tensor]:
    """``Scored`` of one batch under projector ``k``."""
    center = projectors.center[k]
    residual = project(maps, projectors.weight[k], projectors.bias[k] - center)
    distance = torch.linalg.vector_norm(residual, dim=1)
    farthest = distance.flatten(1).argmax(1)
    place = farthest[:, None, None].expand(-1, len(center), 1)
    z = residual.flatten(2).gather(2, place)[:, :, 0] + center
    norm = z.norm(dim=1)
    return distance, norm, z @ center / (norm * center.norm()).clamp_min(torch.finfo(z.dtype).tiny)


def concatenated(maps: Iterable[Tensor]) -> Floats:
    """Maps [N, H, W] that come in batches, as one array."""
    return np.concatenate([m.cpu().numpy() for m in maps])

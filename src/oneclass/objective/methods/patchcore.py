"""PatchCore (Roth et al. 2022): distance to the nearest of a coreset of training patches.

The coreset is a tenth of 20,000 training patches drawn at random (the paper: of all), spread by greedy k-centre. Images
are scored by the maximum of the smoothed map, as everywhere here. An option multiplies it by the weight of PatchCore's
Equation 7: of the image's patch p that is farthest from the coreset, whose row m* is nearest to it,
1 - exp(|p - m*|) / (sum of exp(|p - m|) over the nine rows m that are nearest to m*, itself among them).
"""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from oneclass.objective.localisation.maps import Maps, align, sliced
from oneclass.objective.localisation.scoring import Floats, concatenated
from oneclass.seeds import derive

CANDIDATES = 20_000  # training patches from which the coreset is chosen
CORESET = 0.1  # share of the candidates that is kept
COMPARED = 512  # patches that are compared with the coreset at once
NEIGHBOURS = 9  # in the coreset, from which the weight of an image is computed


def score_maps(
    train: Iterable[Maps], test: Iterable[Maps], seed: int, image_score: str
) -> Floats | tuple[Floats, Floats]:
    """Distance maps [T, H, W] of the test images; and the images' weights [T], if the ``image_score`` is "weighted"."""
    reservoir = Reservoir(CANDIDATES, np.random.default_rng(derive(seed, "patchcore")))
    for maps in train:
        for image in sliced(maps, 1):
            reservoir.add(_patches(image))
    candidates = reservoir.rows()
    offset = candidates.mean(0)  # inner products cost a distance fewer digits around the mean
    candidates -= offset
    coreset = candidates[greedy_k_centre(candidates, max(1, int(CORESET * len(candidates))))]
    distances, weights = [], []
    for maps in test:
        for image in sliced(maps, 1):
            points = _patches(image) - offset
            nearest = _nearest(points, coreset)
            distances.append(nearest.view(1, *image[0].shape[-2:]))
            if image_score == "weighted":
                weights.append(weight(points[nearest.argmax()], coreset)[None])
    return (concatenated(distances), concatenated(weights)) if weights else concatenated(distances)


def weight(patch: Tensor, coreset: Tensor) -> Tensor:
    """The weight (a scalar) of the image whose farthest ``patch`` [D] that is."""
    distances = (coreset - patch).norm(dim=1)
    nearest = distances.argmin()
    beside = (coreset - coreset[nearest]).norm(dim=1).topk(min(NEIGHBOURS, len(coreset)), largest=False).indices
    return 1 - (distances[nearest] - distances[beside].logsumexp(0)).exp()


def greedy_k_centre(points: Tensor, count: int) -> Tensor:
    """Indices [count] of ``points`` [N, D]: the first point, then always the one farthest from those chosen."""
    norms = points.square().sum(1)
    distances = torch.full_like(norms, torch.inf)
    chosen = torch.zeros(count, dtype=torch.int64, device=points.device)
    for k in range(1, count):
        last = chosen[k - 1]
        torch.minimum(distances, torch.addmv(norms, points, points[last], alpha=-2) + norms[last], out=distances)
        chosen[k] = distances.argmax()
    return chosen


def _patches(image: Maps) -> Tensor:
    """The aligned features of one image, a row per position [P, D]."""
    return align(image)[0].flatten(1).T


class Reservoir:
    """At most ``size`` of all rows that are added, a random choice in random order that does not depend on the batches.

    Each row draws a number in [0, 1); those with the smallest stay.
    """

    def __init__(self, size: int, random: np.random.Generator) -> None:
        self._size, self._random = size, random
        self._kept, self._numbers = torch.zeros(0), np.full(size, np.inf)  # of a free place: infinity

    def add(self, rows: Tensor) -> None:
        """Consider ``rows`` [n, D]."""
        size, drawn = self._size, self._random.random(len(rows))
        smallest = np.argsort(np.concatenate([self._numbers, drawn]), kind="stable")[:size]
        added, free = smallest[smallest >= size] - size, np.setdiff1d(np.arange(size), smallest)
        if not self._kept.numel():
            self._kept = rows.new_empty(size, rows.shape[1])
        self._kept[free], self._numbers[free] = rows[added], drawn[added]

    def rows(self) -> Tensor:
        """Those that stayed, [N, D]."""
        return self._kept[np.argsort(self._numbers)[: np.isfinite(self._numbers).sum()]]


def _nearest(points: Tensor, coreset: Tensor) -> Tensor:
    """Distance [n] of each of ``points`` [n, D] to the nearest row of ``coreset`` [m, D]."""
    norms, transposed = coreset.square().sum(1), coreset.T
    least = [torch.addmm(norms, some, transposed, alpha=-2).amin(1) for some in points.split(COMPARED)]
    return (torch.cat(least) + points.square().sum(1)).clamp(min=0).sqrt()

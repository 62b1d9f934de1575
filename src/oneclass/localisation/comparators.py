"""What the projector's maps are compared with, on the same features and splits; larger distances are more anomalous.

anomalib has PaDiM and PatchCore only as models that run a backbone of their own on images and keep every feature, so
they are written here. Each function reads the pooled maps of the training images, then those of the test images, a
batch at a time, and gives the test images' distance maps [T, H, W] at the size of the finest layer. Images are scored
by the maximum of the smoothed map, like every method here (PatchCore weighs its maximum by the density around it).
"""

import itertools
from collections.abc import Callable, Iterable
from math import sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from oneclass.localisation.category import Category
from oneclass.localisation.maps import Maps, align, project, sliced
from oneclass.localisation.moments import collect
from oneclass.localisation.results import Result
from oneclass.localisation.scoring import Scored
from oneclass.seeds import derive

Distances = NDArray[np.float32]

DIMENSIONS = 100  # channels that PaDiM keeps
RIDGE = 0.01  # PaDiM's addition to each variance: a covariance from few images is singular
CANDIDATES = 20_000  # training patches from which PatchCore's coreset is chosen
CORESET = 0.1  # share of the candidates that is kept
FACTORED = 64  # covariances that are factored at once, in float64
COMPARED = 512  # patches that are compared with the coreset at once


def padim(train: Iterable[Maps], test: Iterable[Maps], seed: int) -> Distances:
    """PaDiM (Defard et al. 2021): Mahalanobis distance to a Gaussian at each position, on 100 random channels.

    Holds a matrix a position: 125 MB at 56 x 56 positions.
    """
    mean, whitening = _gaussians(_by_position(maps, seed) for maps in train)
    return _numpy(
        (whitening @ (_by_position(maps, seed) - mean)).norm(dim=1).T.unflatten(1, maps[0].shape[-2:]) for maps in test
    )


def patchcore(train: Iterable[Maps], test: Iterable[Maps], seed: int) -> Distances:
    """PatchCore (Roth et al. 2022): distance to the nearest of a coreset of training patches.

    The coreset is a tenth of 20,000 training patches drawn at random (the paper: of all), spread by greedy k-centre.
    """
    candidates = _sample((_patches(image) for maps in train for image in sliced(maps, 1)), CANDIDATES, seed)
    offset = candidates.mean(0)  # inner products cost a distance fewer digits around the mean
    candidates -= offset
    coreset = candidates[greedy_k_centre(candidates, max(1, int(CORESET * len(candidates))))]
    return _numpy(
        _nearest(_patches(image) - offset, coreset).view(1, *image[0].shape[-2:])
        for maps in test
        for image in sliced(maps, 1)
    )


def mahalanobis(train: Iterable[Maps], test: Iterable[Maps], seed: int) -> Distances:
    """Mahalanobis distance to one Gaussian of all channels over all positions; draws nothing from ``seed``.

    It is the norm of a fixed projection, which commutes with interpolation as the trained one does.
    """
    statistics = collect(train)
    mean, covariance = statistics.moment[:-1, -1], statistics.centred("channel")[:-1, :-1]
    whitening = _whitening(covariance)
    weight, bias = whitening.float(), -(whitening @ mean).float()
    return _numpy(project(image, weight, bias).norm(dim=1) for maps in test for image in sliced(maps, 1))


COMPARATORS: dict[str, Callable[[Iterable[Maps], Iterable[Maps], int], Distances]] = {
    "padim": padim,
    "patchcore": patchcore,
    "mahalanobis": mahalanobis,
}


def run(categories: list[Category], names: list[str], seed: int, result: Result) -> None:
    """The distance maps of the comparators ``names`` on every category, added to ``result``."""
    for category, name in tqdm(list(itertools.product(categories, names)), desc="comparators"):
        train, test = (category.source.batches(rows) for rows in (category.train, category.test))
        distance = COMPARATORS[name](train, test, derive(seed, name, category.name))[None]
        nothing = np.full(distance.shape[:2], np.nan, np.float32)
        result.add(category, name, [None], Scored(distance, nothing, nothing))


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
    """The aligned features of one image, a row a position [P, D]."""
    return align(image)[0].flatten(1).T


def _by_position(maps: Maps, seed: int) -> Tensor:
    """The aligned features of a batch in PaDiM's channels, [P, d, B]."""
    dimension = sum(m.shape[1] for m in maps)
    order = np.random.default_rng(derive(seed, "padim")).permutation(dimension)
    kept = torch.from_numpy(np.sort(order[:DIMENSIONS])).to(maps[0].device)
    return torch.stack([align(image)[0, kept].flatten(1).T for image in sliced(maps, 1)], dim=2)


def _gaussians(batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Mean [P, d, 1] and whitening [P, d, d] of values that come in batches [P, d, B].

    The scatter about the mean is updated by each batch's scatter and the shift of the mean (Chan et al. 1983), which
    loses no digits in float32.
    """
    count, mean, scatter = 0, torch.zeros(()), torch.zeros(())
    for values in batches:
        size = values.shape[2]
        middle = values.mean(2, keepdim=True)
        if not count:
            mean, scatter = torch.zeros_like(middle), values.new_zeros(*values.shape[:2], values.shape[1])
        shift = middle - mean
        columns = torch.cat([values - middle, shift * sqrt(count * size / (count + size))], dim=2)
        scatter.baddbmm_(columns, columns.mT)
        count += size
        mean = mean + shift * (size / count)
    for some in scatter.split(FACTORED):  # in place
        some.copy_(_whitening(some.double() / max(1, count - 1)))
    return mean, scatter


def _whitening(covariance: Tensor) -> Tensor:
    """W [..., d, d] such that ||W (x - mean)|| is the Mahalanobis distance, with ``RIDGE`` added to each variance."""
    unit = torch.eye(covariance.shape[-1]).to(covariance)
    factor = torch.linalg.cholesky(covariance + RIDGE * unit)
    return torch.linalg.solve_triangular(factor, unit.expand_as(factor), upper=False)


def _sample(rows: Iterable[Tensor], size: int, seed: int) -> Tensor:
    """At most ``size`` of all rows [n, D], a random choice in random order that does not depend on the batches.

    Each row draws a number in [0, 1); those with the smallest stay.
    """
    random = np.random.default_rng(derive(seed, "patchcore"))
    kept, numbers = torch.zeros(0), np.full(size, np.inf)  # of a free place: infinity
    for some in rows:
        drawn = random.random(len(some))
        smallest = np.argsort(np.concatenate([numbers, drawn]), kind="stable")[:size]
        added, free = smallest[smallest >= size] - size, np.setdiff1d(np.arange(size), smallest)
        if not kept.numel():
            kept = some.new_empty(size, some.shape[1])
        kept[free], numbers[free] = some[added], drawn[added]
    return kept[np.argsort(numbers)[: np.isfinite(numbers).sum()]]


def _nearest(points: Tensor, coreset: Tensor) -> Tensor:
    """Distance [n] of each of ``points`` [n, D] to the nearest row of ``coreset`` [m, D]."""
    norms, transposed = coreset.square().sum(1), coreset.T
    least = [torch.addmm(norms, some, transposed, alpha=-2).amin(1) for some in points.split(COMPARED)]
    return (torch.cat(least) + points.square().sum(1)).clamp(min=0).sqrt()


def _numpy(maps: Iterable[Tensor]) -> Distances:
    return np.concatenate([m.cpu().numpy() for m in maps])

"""PaDiM (Defard et al. 2021): Mahalanobis distance to a Gaussian at each position, on some channels drawn at random."""

from collections.abc import Iterable
from math import sqrt

import numpy as np
import torch
from torch import Tensor

from oneclass.objective.localisation.maps import Maps, align, sliced
from oneclass.objective.localisation.scoring import Floats, concatenated
from oneclass.objective.methods.mahalanobis import whitening
from oneclass.seeds import derive

FACTORED = 64  # covariances that are factored at once, in float64


def score_maps(train: Iterable[Maps], test: Iterable[Maps], seed: int, channels: float) -> Floats:
    """Distance maps [T, H, W] of the test images, on that many random ``channels``: all, if there are no more.

    Holds one matrix per position: 125 MB at 56 x 56 positions and 100 channels.
    """
    kept = max(1, round(channels))
    mean, factors = _gaussians(_by_position(maps, seed, kept) for maps in train)
    return concatenated(
        (factors @ (_by_position(maps, seed, kept) - mean)).norm(dim=1).T.unflatten(1, maps[0].shape[-2:])
        for maps in test
    )


def _by_position(maps: Maps, seed: int, channels: int) -> Tensor:
    """The aligned features of a batch in the ``channels`` that are kept, [P, d, B]."""
    dimension = sum(m.shape[1] for m in maps)
    order = np.random.default_rng(derive(seed, "padim")).permutation(dimension)
    kept = torch.from_numpy(np.sort(order[:channels])).to(maps[0].device)
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
        some.copy_(whitening(some.double() / max(1, count - 1)))
    return mean, scatter

"""Where training starts: the centre, the first weights and the order of the images, each from one seed."""

import torch
from torch import Tensor

from oneclass.errors import UserError
from oneclass.objective.projector import Projectors
from oneclass.objective.variants import CenterKind, Variant
from oneclass.training.trials import Seeds

# The names of these seeds are older than those of the centres, and stay: a new name would be another centre.
PURPOSES = {"gaussian": "center normal", "uniform": "center uniform", "ones": "center ones"}


def start(seeds: Seeds, class_name: str, mean: Tensor, variants: list[Variant]) -> Projectors:
    """Untrained projectors, one for each of ``variants``, for features whose ``mean`` [D] is that of the normal images.

    All norms and centres of a repetition share its weights: they compare in pairs. They are on the device of ``mean``.
    """
    repetitions = {variant.repetition for variant in variants}
    first = {n: initial_projector(len(mean), seeds.derive("init", class_name, n)) for n in repetitions}
    centers = [
        make_center(v.center, v.center_norm, mean, seeds.derive(_purpose(v), class_name, v.repetition))
        for v in variants
    ]
    weights, biases = zip(*(first[variant.repetition] for variant in variants), strict=True)
    return Projectors(*(torch.stack(parts).to(mean.device) for parts in (list(weights), list(biases), centers)))


def _purpose(variant: Variant) -> str:
    return PURPOSES.get(str(variant.center), "center features")


def orders(seeds: Seeds, class_name: str, count: int, epochs: int, repetition: int) -> Tensor:
    """The order of the ``count`` training images in each epoch, int64 [epochs, count]."""
    return batch_orders(count, epochs, seeds.derive("order", class_name, repetition))


def make_center(kind: CenterKind | None, norm: float | None, mean: Tensor, seed: int) -> Tensor:
    """The hypersphere centre [D]: N(0, 1), U(0, 1), all ones or the ``mean`` feature [D], scaled to ``norm`` (None: as
    it is). Raises ``UserError`` for a mean of zero, which points nowhere."""
    generator = torch.Generator().manual_seed(seed)
    if kind == "gaussian":
        center = torch.randn(len(mean), generator=generator)
    elif kind == "uniform":
        center = torch.rand(len(mean), generator=generator)
    elif kind == "ones":
        center = torch.ones(len(mean))
    else:
        center = mean.cpu()
        if not center.any():
            raise UserError(f"a centre of kind {kind} needs features that are not centred: their mean is 0")
    return center if norm is None else center * (norm / center.norm())


def initial_projector(size: int, seed: int) -> tuple[Tensor, Tensor]:
    """PyTorch's default for a linear layer of ``size`` D to D: weight [D, D] and bias [D], both U(-1/√D, 1/√D)."""
    generator = torch.Generator().manual_seed(seed)
    bound = size**-0.5
    weight = torch.empty(size, size).uniform_(-bound, bound, generator=generator)
    bias = torch.empty(size).uniform_(-bound, bound, generator=generator)
    return weight, bias


def batch_orders(count: int, epochs: int, seed: int) -> Tensor:
    """A fresh random order of ``count`` images for each epoch, int64 [epochs, count]."""
    generator = torch.Generator().manual_seed(seed)
    return torch.stack([torch.randperm(count, generator=generator) for _ in range(epochs)])

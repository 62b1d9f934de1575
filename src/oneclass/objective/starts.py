"""Where training starts: the centre, the first weights and the order of the images, each from one seed."""

import torch
from torch import Tensor

from oneclass.objective.variants import CenterKind


def make_center(kind: CenterKind, norm: float, train: Tensor, seed: int) -> Tensor:
    """The hypersphere centre [D]: N(0, 1), U(0, 1), all ones or the mean of ``train`` [N, D], scaled to ``norm``."""
    generator = torch.Generator().manual_seed(seed)
    size = train.shape[1]
    if kind == "normal":
        center = torch.randn(size, generator=generator)
    elif kind == "uniform":
        center = torch.rand(size, generator=generator)
    elif kind == "ones":
        center = torch.ones(size)
    else:
        center = train.mean(0).cpu()
    return center * (norm / center.norm())


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

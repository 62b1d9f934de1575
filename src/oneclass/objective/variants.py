"""What varies within one class: the centre's distribution, its norm, and the repetition."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from oneclass.seeds import derive

CenterKind = Literal["normal", "uniform", "ones", "features"]


@dataclass(frozen=True)
class Variant:
    """One projector's hypersphere centre and its repetition (0, 1, ...)."""

    center: CenterKind
    norm: float
    seed: int


def grid(norms: list[float], reference_norm: float, centers: list[CenterKind], seeds: int) -> list[Variant]:
    """Every norm for centres from N(0, 1) (Section 5.3); the other distributions at the reference norm (Table 4)."""
    pairs: list[tuple[CenterKind, float]] = [("normal", norm) for norm in norms]
    pairs += [(center, reference_norm) for center in centers if center != "normal"]
    return [Variant(center, norm, seed) for seed in range(seeds) for center, norm in pairs]


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
    """PyTorch's default initialisation of a ``size`` to ``size`` linear layer: weight [D, D], bias [D], both U(±1/√D)."""
    generator = torch.Generator().manual_seed(seed)
    bound = size**-0.5
    weight = torch.empty(size, size).uniform_(-bound, bound, generator=generator)
    bias = torch.empty(size).uniform_(-bound, bound, generator=generator)
    return weight, bias


def batch_orders(count: int, epochs: int, seed: int) -> Tensor:
    """A fresh random order of ``count`` images for each epoch, int64 [epochs, count]."""
    generator = torch.Generator().manual_seed(seed)
    return torch.stack([torch.randperm(count, generator=generator) for _ in range(epochs)])


def seed_of(run_seed: int, purpose: str, dataset: str, class_name: str, repetition: int) -> int:
    """The seed of one random choice; all norms and centres of a repetition share it, so that they compare in pairs."""
    return derive(run_seed, purpose, dataset, class_name, repetition)

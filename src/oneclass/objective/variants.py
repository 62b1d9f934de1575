"""What varies within one class: the centre's distribution, its norm, and the repetition."""

from dataclasses import dataclass
from typing import Literal

CenterKind = Literal["normal", "uniform", "ones", "features", ""]  # empty where the distribution does not matter
Pair = tuple[CenterKind, float]  # a kind of centre and its norm


@dataclass(frozen=True)
class Variant:
    """One projector's hypersphere centre and its repetition (0, 1, ...)."""

    center: CenterKind
    norm: float
    seed: int


def grid(norms: list[float], reference_norm: float, centers: list[CenterKind], seeds: int) -> list[Variant]:
    """Every norm for centres from N(0, 1) (Section 5.3); the other distributions at the reference norm (Table 4)."""
    pairs: list[Pair] = [("normal", norm) for norm in norms]
    pairs += [(center, reference_norm) for center in centers if center != "normal"]
    return [Variant(center, norm, seed) for seed in range(seeds) for center, norm in pairs]

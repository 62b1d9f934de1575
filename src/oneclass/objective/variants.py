"""What varies within one class: the centre's distribution, its norm, and the repetition."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

CenterKind = Literal["gaussian", "uniform", "ones", "mean_feature", "mean_feature_unscaled"]
Pair = tuple[CenterKind | None, float | None]  # a kind of centre and its norm
T = TypeVar("T")


@dataclass(frozen=True)
class Variant:
    """One projector's hypersphere centre (None: its distribution does not matter), its norm (None: the one that it
    has, unscaled), and the repetition (0, 1, ...)."""

    center: CenterKind | None
    center_norm: float | None
    repetition: int


def grid(
    center_norms: list[float], default_center_norm: float, centers: list[CenterKind], repetitions: int
) -> list[Variant]:
    """Every norm for centres from N(0, 1) (Section 5.3); the other distributions at the default norm (Table 4),
    but for the unscaled mean feature."""
    pairs: list[Pair] = [("gaussian", norm) for norm in center_norms]
    scaled = {center: None if center == "mean_feature_unscaled" else default_center_norm for center in centers}
    pairs += [pair for pair in scaled.items() if pair[0] != "gaussian"]
    return [Variant(center, norm, repetition) for repetition in range(repetitions) for center, norm in pairs]


def stacks(
    counts: dict[str, int], size: int, variants: list[Variant], memory_mb: int
) -> Iterator[tuple[list[tuple[str, int]], list[Pair]]]:
    """Which projectors of ``size`` inputs and outputs train as one stack: runs (a class and a repetition), and (center,
    norm) pairs, whose product fits ``memory_mb``; the runs of a stack have equally many images, ``counts`` by class."""
    copies = 5  # the weights, their gradient, Adam's two moments, and the parts the stack is made from
    room = max(1, memory_mb * 2**20 // (4 * copies * size * (size + 1)))
    pairs = list(dict.fromkeys((variant.center, variant.center_norm) for variant in variants))
    repetitions = sorted({variant.repetition for variant in variants})
    by_count: dict[int, list[tuple[str, int]]] = {}
    for name, count in counts.items():
        by_count.setdefault(count, []).extend((name, repetition) for repetition in repetitions)
    for some_pairs in _batched(pairs, room):
        for runs in by_count.values():
            for some_runs in _batched(runs, max(1, room // len(some_pairs))):
                yield some_runs, some_pairs


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = list(items)
    return (rest[start : start + size] for start in range(0, len(rest), size))

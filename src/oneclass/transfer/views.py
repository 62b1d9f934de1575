"""The random views of images that MS compares, by the authors' (MoCo's) transforms, made by several threads at once."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from functools import cache, partial
from itertools import chain, pairwise
from typing import Any

import torch
from torch import Generator, Tensor
from torch.overrides import TorchFunctionMode
from torchvision.transforms import v2

_RANDOM: set[Any] = {torch.rand, torch.randint, torch.randperm, torch.Tensor.uniform_}


def pairs(
    pixels: Tensor, size: int, orders: Iterator[Tensor], seed: Callable[[int, int], int], workers: Executor
) -> Iterator[Tensor]:
    """Two views [2 B, 3, size, size] of the images of ``pixels`` [N, 3, S, S] uint8 at each of ``orders`` [B].

    First come the first views of all, then the second. View k of step i is drawn by ``seed(i, k)``. ``workers`` make
    them, a step ahead of the one that is asked for.
    """

    def begin(step: int, rows: Tensor) -> Iterator[Tensor]:
        both = [*rows.tolist(), *rows.tolist()]
        seeds = [seed(step, number) for number in range(len(both))]
        return workers.map(partial(view, size=size), [pixels[row] for row in both], seeds)

    begun = (begin(step, rows) for step, rows in enumerate(orders))
    for step, _ in pairwise(chain(begun, [()])):
        yield torch.stack(list(step))


def view(image: Tensor, seed: int, size: int) -> Tensor:
    """A view [3, size, size] of ``image`` [3, S, S] uint8; what is random in it is drawn by ``seed``."""
    with _Draws(Generator().manual_seed(seed)):
        seen: Tensor = transform(size)(image)
    return seen


@cache
def transform(size: int) -> v2.Compose:
    """The transforms, which draw from PyTorch's own generator."""
    return v2.Compose(
        [
            v2.RandomResizedCrop(size, scale=(0.2, 1), antialias=True),
            v2.RandomApply([v2.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
            v2.RandomGrayscale(0.2),
            v2.RandomApply([v2.GaussianBlur(13, (0.1, 2))], p=0.5),
            v2.RandomHorizontalFlip(),
        ]
    )


class _Draws(TorchFunctionMode):
    """In this thread, what would be drawn from PyTorch's own generator, which all threads share, is from ``random``."""

    def __init__(self, random: Generator) -> None:
        super().__init__()
        self._random = random

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        drawn = {"generator": self._random} if func in _RANDOM else {}
        return func(*args, **(kwargs or {}), **drawn)

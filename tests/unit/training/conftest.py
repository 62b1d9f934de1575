from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from oneclass.catalogue.networks import NETWORKS
from oneclass.filters import Filter
from oneclass.training.inputs import Pixels


@pytest.fixture
def pictures() -> Callable[..., Tensor]:
    """Random images, uint8."""

    def make(count: int, size: int = 32, seed: int = 0) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        return torch.randint(256, (count, 3, size, size), dtype=torch.uint8, generator=generator)

    return make


@pytest.fixture
def pixels() -> Callable[..., Pixels]:
    """A data set or pool of images, by default unfiltered and not augmented."""

    def make(images: Tensor, *augmentation: str, network: str = "lenet", filter: str = "none") -> Pixels:
        return Pixels(images, NETWORKS[network], Filter.parse(filter), frozenset(augmentation))

    return make

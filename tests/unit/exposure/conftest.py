from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from oneclass.exposure.inputs import Pixels
from oneclass.filters import Filter


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
        return Pixels(images, network, Filter.parse(filter), frozenset(augmentation), "code")

    return make

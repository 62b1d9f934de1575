"""Maps from before the last nonlinearity of their level."""

import copy

import pytest
import timm
import torch
from torch import Tensor
from torch.nn import functional

from oneclass.errors import UserError
from oneclass.features.backbone import Backbone, frozen

LAYERS = [1, 2, 3]


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def both() -> tuple[Backbone, Backbone]:
    """One network with random weights, its maps after and before."""
    torch.manual_seed(0)
    network = timm.create_model("resnet18", pretrained=False, zero_init_last=False)
    return frozen(copy.deepcopy(network), "after", ""), frozen(network, "before", "")


def test_the_nonlinearity_of_maps_before_it_are_the_maps_after(both: tuple[Backbone, Backbone], images: Tensor) -> None:
    (pooled, after), (same, before) = (backbone.features(images, LAYERS) for backbone in both)
    assert torch.equal(pooled, same)
    for one, other in zip(after, before, strict=True):
        assert torch.equal(one, functional.relu(other))
        assert (other < 0).any()
    for backbone, expected in zip(both, (after, before), strict=True):
        for one, other in zip(backbone.maps(images, LAYERS), expected, strict=True):
            assert torch.equal(one, other)


def test_levels_without_a_last_nonlinearity_are_refused(images: Tensor) -> None:
    backbone = frozen(timm.create_model("tf_efficientnet_lite0", pretrained=False), "before", "")
    with pytest.raises(UserError, match="level 1 does not end in a nonlinearity; set activations: after"):
        backbone.features(images, LAYERS)

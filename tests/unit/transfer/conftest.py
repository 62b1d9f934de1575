"""A random network whose batch statistics are not their defaults, and random images."""

import pytest
import timm
import torch
from torch import Tensor, nn

from oneclass.transfer.blocks import Split, split
from oneclass.transfer.images import Images


@pytest.fixture(scope="session")
def network() -> nn.Module:
    torch.manual_seed(0)
    network: nn.Module = timm.create_model("test_resnet", pretrained=False, num_classes=7)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if "running_mean" in name:
                tensor.uniform_(-0.2, 0.2)
            elif "running_var" in name or ("bn" in name and name.endswith("weight")):  # timm starts some weights at 0
                tensor.uniform_(0.5, 1.5)
    return network.eval()


@pytest.fixture(scope="session")
def parts(network: nn.Module) -> Split:
    return split(network, "", 2)


@pytest.fixture(scope="session")
def pixels() -> Tensor:
    return torch.randint(0, 256, (12, 3, 40, 40), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def images(parts: Split, pixels: Tensor) -> Images:
    return Images(pixels, 32, parts.front, 100, "cpu")

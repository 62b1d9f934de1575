"""Folding batch normalisation changes the speed and nothing else."""

import logging

import pytest
import timm
import torch
from torch import Tensor, nn

from oneclass.features.folding import fold

SIZE = (3, 64, 64)


def randomised(network: nn.Module) -> nn.Module:
    """Statistics and scales other than their defaults, which folding could lose unseen."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                for tensor in [
                    *module.parameters(),
                    module.get_buffer("running_mean"),
                    module.get_buffer("running_var"),
                ]:
                    tensor.copy_(0.5 + torch.rand(tensor.shape, generator=generator))
    return network.eval()


@pytest.mark.parametrize("name", ["tf_efficientnet_lite0", "resnet18"])
def test_the_function_stays_and_the_normalisations_go(name: str) -> None:
    network = randomised(timm.create_model(name, pretrained=False))
    folded = fold(network, SIZE)
    images = torch.rand(2, *SIZE)
    with torch.inference_mode():
        expected, found = network(images), folded(images)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=float(expected.abs().max()) * 1e-4)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    assert any(isinstance(module, nn.BatchNorm2d) for module in network.modules()), "the original is left alone"


def test_a_network_without_any_comes_back_itself() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()).eval()
    assert fold(network, SIZE) is network


class Crossed(nn.Module):
    """Its normalisation stands after the convolution and runs before it."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 3, 3)
        self.normalisation = nn.BatchNorm2d(3)

    def forward(self, images: Tensor) -> Tensor:
        out: Tensor = self.convolution(self.normalisation(images).relu())
        return out


def test_a_pair_that_runs_in_another_order_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    network = randomised(Crossed())
    with caplog.at_level(logging.WARNING):
        assert fold(network, SIZE) is network
    assert "not foldable" in caplog.text

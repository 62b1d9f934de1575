"""A network cut in two is the same function of the same parameters."""

import copy

import pytest
import timm
import torch
from torch import nn

from oneclass.errors import UserError
from oneclass.transfer.blocks import Fused, Split, split


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_the_parts_make_the_network(network: nn.Module, blocks: int) -> None:
    parts = split(network, "", blocks)
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        logits = parts.classifier(parts.trainable()(parts.front.network(images)))
        torch.testing.assert_close(logits, network(images), rtol=1e-3, atol=1e-4)


def test_what_follows_the_cut_is_trained(network: nn.Module, parts: Split) -> None:
    layers = [network.get_submodule(name) for name in ("layer3", "layer4")]
    assert parts.parameters() == sum(p.numel() for layer in layers for p in layer.parameters())
    assert all(p.requires_grad for p in parts.trainable().parameters())
    assert not any(p.requires_grad for p in parts.front.network.parameters())


@pytest.mark.parametrize("bias", [False, True])
def test_gradients_are_those_of_convolution_and_normalisation(bias: bool) -> None:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, bias=bias), nn.BatchNorm2d(4))
    assert isinstance(layers[0], nn.Conv2d) and isinstance(layers[1], nn.BatchNorm2d)
    for tensor in (layers[1].running_mean, layers[1].running_var, layers[1].weight, layers[1].bias):
        assert tensor is not None
        tensor.data.uniform_(0.5, 2)
    fused, x = Fused(copy.deepcopy(layers[0]), copy.deepcopy(layers[1])).eval(), torch.randn(2, 3, 9, 9)
    found, expected = fused(x), layers.eval()(x)
    torch.testing.assert_close(found, expected)
    gradients = [
        torch.autograd.grad(y.square().sum(), list(of.parameters())) for y, of in ((found, fused), (expected, layers))
    ]
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-4, atol=1e-4)


def test_the_default_run_s_backbone_can_be_cut() -> None:
    network = timm.create_model("tf_efficientnet_lite0", pretrained=False).eval()
    parts = split(network, "", 2)
    assert parts.front.network(torch.rand(1, 3, 64, 64)).shape == (1, 40, 8, 8)
    assert parts.trainable()(torch.rand(1, 40, 8, 8)).shape == (1, 1280)


def test_more_blocks_than_there_are(network: nn.Module) -> None:
    with pytest.raises(UserError, match=r"transfer.blocks: ResNet has 5 stages, of which 5 cannot be trained"):
        split(network, "", 5)


def test_a_network_that_is_no_chain() -> None:
    with pytest.raises(UserError, match=r"no chain of stages .* name a ResNet"):
        split(timm.create_model("test_vit", pretrained=False).eval(), "", 1)

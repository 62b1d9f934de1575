"""What the price knows of a network's memory is what the training counts on the network itself."""

from types import ModuleType

import pytest
import torch

from oneclass.exposure.networks import cbam_resnet18, head, lenet
from oneclass.price.exposure import ACTIVATIONS, WEIGHTS
from oneclass.training.capacity import COPIES, PASSES, footprint


@pytest.mark.parametrize(
    ("name", "module", "shape"),
    [("lenet", lenet, (3, 32, 32)), ("cbam_resnet18", cbam_resnet18, (3, 224, 224)), ("head", head, (2048,))],
)
def test_activations_and_weights_are_what_a_network_has(name: str, module: ModuleType, shape: tuple[int, ...]) -> None:
    network = module.build(1.0, "float32", shape[0])
    weights = sum(tensor.nbytes for tensor in [*network.parameters(), *network.buffers()])
    kept = (footprint(network, torch.zeros(2, *shape), 1000) - COPIES * weights) / PASSES / 1000
    assert WEIGHTS[name] == pytest.approx(weights / 1e6, rel=0.1, abs=1)
    assert ACTIVATIONS[name] == pytest.approx(kept / 1e6, rel=0.3, abs=0.02)

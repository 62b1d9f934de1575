"""What the price knows of a network's memory is what the training counts on the network itself."""

from types import ModuleType

import pytest
import torch

from oneclass.exposure.networks import cbam_resnet18, head, lenet
from oneclass.price import exposure
from oneclass.price.exposure import ACTIVATIONS, WEIGHTS, training_mb
from oneclass.training.capacity import COPIES, PASSES, footprint


@pytest.mark.parametrize(
    ("name", "module", "shape"),
    [("lenet", lenet, (3, 32, 32)), ("cbam_resnet18", cbam_resnet18, (3, 224, 224)), ("head", head, (2048,))],
)
def test_activations_and_weights_are_what_a_network_has(name: str, module: ModuleType, shape: tuple[int, ...]) -> None:
    network = module.build(1.0, "float32", shape[0])
    weights = sum(tensor.nbytes for tensor in [*network.parameters(), *network.buffers()])
    kept = (footprint(network, torch.zeros(2, *shape), 1000) - COPIES * weights) / PASSES / 1000
    assert WEIGHTS[name] == pytest.approx(weights / 1e6, rel=0.02)
    assert ACTIVATIONS[name] == pytest.approx(kept / 1e6, rel=0.02)


@pytest.mark.parametrize(("name", "held"), [("lenet", 440), ("head", 28), ("cbam_resnet18", 11_600)])
def test_a_network_is_reckoned_to_take_at_least_what_it_took_on_a_gpu(name: str, held: float) -> None:
    """MB on an H100, at width 1 and with 128 pairs; of stacks the share of one network (benchmarks/README.md)."""
    assert held <= training_mb(name, 1, 256) < 1.3 * held


def test_a_price_reckons_as_training_does() -> None:
    assert (exposure.COPIES, exposure.PASSES) == (COPIES, PASSES)

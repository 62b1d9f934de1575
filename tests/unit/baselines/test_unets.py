"""The networks of DRAEM."""

import pytest
import torch

from oneclass.baselines.unets import discriminative, reconstructive, untrained
from oneclass.training.weights import drawn


def test_the_paper_s_networks_have_their_numbers_of_weights() -> None:
    with torch.device("meta"):
        counts = [sum(p.numel() for p in build(1).parameters()) for build in (reconstructive, discriminative)]
    assert sum(counts) == pytest.approx(97.42e6, abs=0.01e6)  # of the authors' code


@pytest.mark.parametrize("side", [64, 56, 50])
def test_outputs_have_the_size_of_the_image(side: int) -> None:
    assert reconstructive(0.02)(torch.zeros(2, 3, side, side)).shape == (2, 3, side, side)
    assert discriminative(0.02)(torch.zeros(2, 6, side, side)).shape == (2, 2, side, side)


def test_details_reach_the_second_network_s_output_past_its_bottleneck() -> None:
    network = drawn(lambda: untrained(0.05), 1)[1].eval()
    for layer in (network.down[-1], network.join[0]):
        for parameter in layer.parameters():
            torch.nn.init.zeros_(parameter)
    images = torch.rand(2, 6, 64, 64, generator=torch.Generator().manual_seed(1))
    one, other = network(images)
    assert not torch.allclose(one, other, atol=0)


@torch.no_grad()
def test_first_weights_have_a_standard_deviation_of_a_50th() -> None:
    network = drawn(lambda: untrained(0.2), 1)[0]
    convolution, norm = network.down[2][0].weight, torch.cat([block[1].weight for block in network.down])
    assert float(convolution.std()) == pytest.approx(0.02, rel=0.1)
    assert float(norm.mean()) == pytest.approx(1, abs=0.01) and float(norm.std()) == pytest.approx(0.02, rel=0.3)

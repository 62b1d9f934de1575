"""FastFlow against FrEIA's couplings, a Jacobian and numbers by hand, and what training does."""

from collections.abc import Callable, Iterator
from math import exp

import numpy as np
import pytest
import torch
from FrEIA.modules import AllInOneBlock
from torch import Tensor, nn

from oneclass.metrics import auroc
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.maps import Maps
from oneclass.objective.localisation.sources import TrainingImages
from oneclass.objective.methods import fastflow

Batches = Callable[..., list[Maps]]
CPU = torch.device("cpu")


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def coupling(channels: int, kernel: int) -> fastflow.Coupling:
    """One whose factors and offsets are as after some training."""
    made = fastflow.Coupling.untrained(channels, kernel, torch.Generator().manual_seed(1), CPU)
    with torch.no_grad():
        made.factor.add_(5 * random(channels, 1, 1))
        made.offset.add_(random(channels, 1, 1, seed=1))
    return made


@pytest.mark.parametrize(("channels", "kernel"), [(6, 3), (5, 1)])
def test_a_coupling_is_freia_s(channels: int, kernel: int) -> None:
    ours, x = coupling(channels, kernel), 3 * random(4, channels, 5, 6)

    def subnet(inputs: int, outputs: int) -> nn.Module:
        first, last = (nn.Conv2d(inputs, count, kernel, padding="same") for count in (inputs, outputs))
        for layer, (weight, bias) in ((first, ours.first), (last, ours.last)):
            layer.weight, layer.bias = nn.Parameter(weight), nn.Parameter(bias)
        return nn.Sequential(first, nn.ReLU(), last)

    theirs = AllInOneBlock([(channels, 5, 6)], subnet_constructor=subnet, permute_soft=False)
    assert (
        theirs.global_scale.flatten()[0]
        == fastflow.Coupling.untrained(channels, kernel, torch.Generator(), CPU).factor.flatten()[0].item()
    )
    theirs.global_scale, theirs.global_offset = nn.Parameter(ours.factor[None]), nn.Parameter(ours.offset[None])
    theirs.w_perm = nn.Parameter(torch.eye(channels)[ours.order, :, None, None])
    [expected], log_determinant = theirs([x])
    for found, wanted in zip(ours(x), (expected, log_determinant), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


def test_a_flow_gives_the_determinant_of_its_couplings_jacobian() -> None:
    flow = fastflow.Flow(torch.ones(4, 3, 2), torch.zeros(4, 3, 2), [coupling(4, 3), coupling(4, 1)])
    x = torch.nn.functional.layer_norm(random(1, 4, 3, 2), (4, 3, 2))

    def couplings(x: Tensor) -> Tensor:
        for one in flow.couplings:
            x, _ = one(x)
        return x

    jacobian = torch.autograd.functional.jacobian(couplings, x).reshape(24, 24)
    z, log_determinant = flow(x)
    torch.testing.assert_close(z, couplings(x), rtol=1e-3, atol=1e-4)
    assert log_determinant.item() == pytest.approx(jacobian.slogdet()[1].item(), abs=1e-3)
    assert abs(log_determinant.item()) > 0.5


def test_the_loss_is_the_mean_of_half_the_squares_less_the_determinant() -> None:
    z = torch.tensor([[1.0, 2.0], [3.0, -4.0]]).view(2, 2, 1, 1)
    assert float(fastflow.loss(z, torch.tensor([0.5, 2.5]))) == ((1 + 4) / 2 - 0.5 + (9 + 16) / 2 - 2.5) / 2


def test_a_score_is_the_unlikelihood_averaged_over_channels_and_levels() -> None:
    fine = torch.tensor([[[0.0, 1.0], [2.0, 3.0]], [[0.0, 1.0], [0.0, 1.0]]])[None]
    coarse = torch.tensor([2.0, 0.0]).view(1, 2, 1, 1)
    found = fastflow.score([lambda x: (x, None)] * 2, Maps([fine, coarse]))
    squares = [[0, 1], [2, 5]]  # means over channels
    expected = [[1 - (exp(-each / 2) + exp(-2 / 2)) / 2 for each in row] for row in squares]
    np.testing.assert_allclose(found[0], expected, rtol=1e-6)


def test_training_tells_the_anomalous_and_the_seed_decides(tile: Category) -> None:
    train, test = TrainingImages(tile.source, tile.train), list(tile.source.batches(tile.test))

    def scores(epochs: int, seed: int = 1) -> np.ndarray:
        return fastflow.score_maps(train, test, seed, epochs, batch_size=8)

    found = scores(6)
    assert found.shape == (10, 8, 8) and found.min() >= 0 and found.max() <= 1
    assert auroc(tile.labels, found[:, :4, :4].mean((1, 2))) > 0.9  # the corner that is unlike anything seen
    assert np.array_equal(found, scores(6)) and not np.allclose(found, scores(6, seed=2))


def test_training_makes_normal_images_likelier(batches: Batches) -> None:
    [maps] = batches(4, 0)
    flow = fastflow.Flow.untrained(maps[0], torch.Generator().manual_seed(1))
    before = fastflow.loss(*flow(maps[0]))
    optimiser = fastflow.Adam(flow.parameters)
    for _ in range(10):
        optimiser.step(torch.autograd.grad(fastflow.loss(*flow(maps[0])), flow.parameters), 1e-3)
    assert fastflow.loss(*flow(maps[0])) < before


def test_a_loss_that_is_not_finite_is_an_error(tile: Category) -> None:
    class Broken:
        def batches(self, rows: np.ndarray, size: int = 16) -> Iterator[Maps]:
            return (Maps(m * torch.inf for m in maps) for maps in tile.source.batches(rows, size))

    train = TrainingImages(Broken(), tile.train)
    with pytest.raises(ValueError, match="FastFlow diverged in step 0: the loss is not finite"):
        fastflow.score_maps(train, [], 1, epochs=1, batch_size=8)

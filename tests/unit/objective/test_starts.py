"""Centres, first weights and orders: the right distributions, each from its own seed."""

import pytest
import torch
from scipy.stats import ks_2samp
from torch import Tensor, nn

from oneclass.objective.starts import batch_orders, initial_projector, make_center
from oneclass.objective.variants import CenterKind

KINDS: list[CenterKind] = ["normal", "uniform", "ones", "features"]


@pytest.fixture
def train() -> Tensor:
    return torch.randn(30, 4096, generator=torch.Generator().manual_seed(5)) + 0.5


@pytest.mark.parametrize("norm", [0.01, 1.0, 32.0])
@pytest.mark.parametrize("kind", KINDS)
def test_the_norm_is_the_one_asked_for(kind: CenterKind, norm: float, train: Tensor) -> None:
    center = make_center(kind, norm, train, 0)
    assert center.shape == (4096,) and center.dtype == torch.float32
    assert float(center.double().norm()) == pytest.approx(norm, rel=1e-6)


def test_distributions(train: Tensor) -> None:
    """The mean magnitude over the root mean square tells them apart: √(2/π), √3/2 and 1."""
    shape = {kind: float(c.abs().mean() / c.square().mean().sqrt()) for kind, c in centers(train).items()}
    assert shape["normal"] == pytest.approx((2 / torch.pi) ** 0.5, abs=0.02)
    assert shape["uniform"] == pytest.approx(3**0.5 / 2, abs=0.02)
    assert shape["ones"] == pytest.approx(1, abs=1e-6)
    positive = {kind: float((center > 0).float().mean()) for kind, center in centers(train).items()}
    assert positive["normal"] == pytest.approx(0.5, abs=0.03)
    assert positive["uniform"] == positive["ones"] == 1


def centers(train: Tensor) -> dict[str, Tensor]:
    return {kind: make_center(kind, 1, train, 0) for kind in KINDS}


def test_the_feature_mean_points_where_the_features_do(train: Tensor) -> None:
    mean = train.mean(0)
    torch.testing.assert_close(make_center("features", 3, train, 0), 3 * mean / mean.norm())


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_the_seed_decides_and_nothing_else(kind: CenterKind, train: Tensor) -> None:
    torch.manual_seed(0)
    first = make_center(kind, 1, train, 7)
    torch.manual_seed(1)
    assert torch.equal(first, make_center(kind, 1, train[:3], 7))
    assert not torch.allclose(first, make_center(kind, 1, train, 8))


def test_first_weights_are_those_of_a_linear_layer() -> None:
    size = 400
    weight, bias = initial_projector(size, 3)
    assert weight.shape == (size, size) and bias.shape == (size,)
    assert max(weight.abs().max(), bias.abs().max()) <= size**-0.5
    assert weight.abs().max() > 0.999 * size**-0.5
    torch.manual_seed(0)
    literal = nn.Linear(size, size)
    assert ks_2samp(weight.flatten(), literal.weight.detach().flatten()).pvalue > 0.01
    assert ks_2samp(bias, literal.bias.detach()).pvalue > 0.01
    assert float(weight.var()) == pytest.approx(1 / (3 * size), rel=0.02)  # what the closed form assumes


def test_first_weights_follow_the_seed() -> None:
    first, again, other = (initial_projector(8, seed) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0]) and torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0]) and not torch.equal(first[1], other[1])


def test_every_epoch_has_an_order_of_its_own() -> None:
    orders = batch_orders(50, 4, 9)
    assert torch.equal(orders.sort(dim=1).values, torch.arange(50).expand(4, 50))
    assert len({tuple(order.tolist()) for order in orders}) == 4
    assert torch.equal(orders, batch_orders(50, 4, 9))
    assert torch.equal(orders[:2], batch_orders(50, 2, 9))  # more epochs go on where fewer end
    assert not torch.equal(orders, batch_orders(50, 4, 10))

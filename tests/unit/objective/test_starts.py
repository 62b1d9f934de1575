"""Centres, first weights and orders: the right distributions, each from a seed by name."""

import pytest
import torch
from scipy.stats import ks_2samp
from torch import Tensor, nn

from oneclass.errors import UserError
from oneclass.objective.starts import batch_orders, initial_projector, make_center, orders, start
from oneclass.objective.variants import CenterKind, Variant, grid
from oneclass.seeds import derive
from oneclass.training.trials import Seeds

KINDS: list[CenterKind] = ["gaussian", "uniform", "ones", "mean_feature"]
VARIANTS = grid([1, 8], 1, KINDS, 2)
SEEDS = Seeds(1024, "toy")


@pytest.fixture
def mean() -> Tensor:
    return torch.randn(30, 4096, generator=torch.Generator().manual_seed(5)).mean(0) + 0.5


@pytest.mark.parametrize("norm", [0.01, 1.0, 32.0])
@pytest.mark.parametrize("kind", KINDS)
def test_the_norm_is_the_one_asked_for(kind: CenterKind, norm: float, mean: Tensor) -> None:
    center = make_center(kind, norm, mean, 0)
    assert center.shape == (4096,) and center.dtype == torch.float32
    assert float(center.double().norm()) == pytest.approx(norm, rel=1e-6)


def test_distributions(mean: Tensor) -> None:
    """The mean magnitude over the root mean square tells them apart: √(2/π), √3/2 and 1."""
    shape = {kind: float(c.abs().mean() / c.square().mean().sqrt()) for kind, c in centers(mean).items()}
    assert shape["gaussian"] == pytest.approx((2 / torch.pi) ** 0.5, abs=0.02)
    assert shape["uniform"] == pytest.approx(3**0.5 / 2, abs=0.02)
    assert shape["ones"] == pytest.approx(1, abs=1e-6)
    positive = {kind: float((center > 0).float().mean()) for kind, center in centers(mean).items()}
    assert positive["gaussian"] == pytest.approx(0.5, abs=0.03)
    assert positive["uniform"] == positive["ones"] == 1


def centers(mean: Tensor) -> dict[str, Tensor]:
    return {kind: make_center(kind, 1, mean, 0) for kind in KINDS}


def test_the_mean_feature_points_where_the_features_do(mean: Tensor) -> None:
    torch.testing.assert_close(make_center("mean_feature", 3, mean, 0), 3 * mean / mean.norm())


def test_the_unscaled_mean_feature_is_the_mean_as_it_is(mean: Tensor) -> None:
    assert torch.equal(make_center("mean_feature_unscaled", None, mean, 0), mean)


@pytest.mark.parametrize(("kind", "norm"), [("mean_feature", 1), ("mean_feature_unscaled", None)])
def test_centred_features_have_no_mean_to_be_a_centre(kind: CenterKind, norm: float | None, mean: Tensor) -> None:
    with pytest.raises(UserError, match="not centred: their mean is 0"):
        make_center(kind, norm, 0 * mean, 0)


@pytest.mark.parametrize("kind", ["gaussian", "uniform"])
def test_the_seed_decides_and_nothing_else(kind: CenterKind, mean: Tensor) -> None:
    torch.manual_seed(0)
    first = make_center(kind, 1, mean, 7)
    torch.manual_seed(1)
    assert torch.equal(first, make_center(kind, 1, 2 * mean, 7))
    assert not torch.allclose(first, make_center(kind, 1, mean, 8))


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
    drawn = batch_orders(50, 4, 9)
    assert torch.equal(drawn.sort(dim=1).values, torch.arange(50).expand(4, 50))
    assert len({tuple(order.tolist()) for order in drawn}) == 4
    assert torch.equal(drawn, batch_orders(50, 4, 9))
    assert torch.equal(drawn[:2], batch_orders(50, 2, 9))  # more epochs go on where fewer end
    assert not torch.equal(drawn, batch_orders(50, 4, 10))


def test_a_start_depends_neither_on_order_nor_on_company(mean: Tensor) -> None:
    mean = mean[:16]
    together = start(SEEDS, "cat", mean, VARIANTS)
    backwards = start(SEEDS, "cat", mean, VARIANTS[::-1])
    for k, variant in enumerate(VARIANTS):
        alone = start(SEEDS, "cat", mean, [variant])
        for part in ("weight", "bias", "center"):
            wanted = getattr(together, part)[k]
            assert torch.equal(wanted, getattr(alone, part)[0])
            assert torch.equal(wanted, getattr(backwards, part)[len(VARIANTS) - 1 - k])


def test_the_variants_of_a_repetition_compare_in_pairs(mean: Tensor) -> None:
    begun = start(SEEDS, "cat", mean[:16], VARIANTS)
    by_repetition = [[k for k, variant in enumerate(VARIANTS) if variant.repetition == n] for n in (0, 1)]
    for members in by_repetition:
        assert all(torch.equal(begun.weight[k], begun.weight[members[0]]) for k in members)
        assert all(torch.equal(begun.bias[k], begun.bias[members[0]]) for k in members)
    assert not torch.equal(begun.weight[by_repetition[0][0]], begun.weight[by_repetition[1][0]])
    small, large = (VARIANTS.index(Variant("gaussian", norm, 0)) for norm in (1, 8))
    torch.testing.assert_close(begun.center[large], 8 * begun.center[small])
    again = VARIANTS.index(Variant("gaussian", 1, 1))
    assert not torch.allclose(begun.center[small], begun.center[again])


@pytest.mark.parametrize(
    ("other", "name", "repetition"),
    [
        (Seeds(1024, "toy"), "horse", 0),
        (Seeds(1024, "toy"), "cat", 1),
        (Seeds(1024, "other"), "cat", 0),
        (Seeds(1, "toy"), "cat", 0),
    ],
)
def test_everything_else_starts_elsewhere(mean: Tensor, other: Seeds, name: str, repetition: int) -> None:
    mean = mean[:16]
    first = start(SEEDS, "cat", mean, [Variant("gaussian", 1, 0)])
    second = start(other, name, mean, [Variant("gaussian", 1, repetition)])
    assert not torch.allclose(first.weight, second.weight)
    assert not torch.allclose(first.center, second.center)
    assert not torch.equal(orders(SEEDS, "cat", 40, 1, 0), orders(other, name, 40, 1, repetition))


def test_the_seeds_are_those_of_the_published_results(mean: Tensor) -> None:
    """Names of choices, old ones too: another name would be another centre, another start, another order."""
    mean, variants = mean[:16], [Variant(kind, 1, 3) for kind in KINDS]
    begun = start(SEEDS, "cat", mean, variants)
    for k, name in enumerate(("normal", "uniform", "ones", "features")):
        seed = derive(1024, f"center {name}", "toy", "cat", 3)
        assert torch.equal(begun.center[k], make_center(KINDS[k], 1, mean, seed))
    weight, bias = initial_projector(16, derive(1024, "init", "toy", "cat", 3))
    assert torch.equal(begun.weight[0], weight) and torch.equal(begun.bias[0], bias)
    expected = batch_orders(40, 2, derive(1024, "order", "toy", "cat", 3))
    assert torch.equal(orders(SEEDS, "cat", 40, 2, 3), expected)

"""Losses and scores of paper 2 against their formulas, written out for one sample at a time."""

import math
from collections.abc import Callable, Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.records import Loss, load
from oneclass.exposure.losses import Method, bce, dsad, dsvdd, focal, hsc
from oneclass.exposure.losses.hsc import RADIALS

LITERAL_RADIALS: dict[str, Callable[[list[float]], float]] = {  # Table 6
    "norm1": lambda z: sum(abs(v) for v in z),
    "norm2": lambda z: math.sqrt(sum(v**2 for v in z)),
    "squared": lambda z: sum(v**2 for v in z),
    "pseudo_huber": lambda z: math.sqrt(sum(v**2 for v in z) + 1) - 1,
}


def equation_1(y: int, normal: float, tiny: float = 0) -> float:
    """The cross-entropy of one sample with probability ``normal`` of being normal, which it is if y = 1."""
    return -(y * math.log(normal) + (1 - y) * math.log(1 - normal + tiny))


def literal_hsc(radial: str) -> Callable[[list[float], bool], float]:
    return lambda z, outlier: equation_1(1 - outlier, math.exp(-LITERAL_RADIALS[radial](z)), 1e-9)


def literal_dsad(z: list[float], outlier: bool) -> float:
    squared = sum(v**2 for v in z)
    return 1 / (squared + 1e-9) if outlier else squared


def literal_bce(z: list[float], outlier: bool) -> float:
    return equation_1(1 - outlier, 1 - 1 / (1 + math.exp(-z[0])))


def literal_focal(gamma: float) -> Callable[[list[float], bool], float]:
    def loss(z: list[float], outlier: bool) -> float:
        p = 1 / (1 + math.exp(-z[0]))
        p = p if outlier else 1 - p
        return -((1 - p) ** gamma) * math.log(p)

    return loss


METHODS = {
    **{f"hsc {radial}": (hsc.Loss(radial), literal_hsc(radial)) for radial in RADIALS},
    "dsad": (dsad.Loss(), literal_dsad),
    "bce": (bce.Loss(), literal_bce),
    **{f"focal {gamma}": (focal.Loss(gamma), literal_focal(gamma)) for gamma in (0, 0.5, 2, 5)},
}
ALL = {name: method for name, (method, _) in METHODS.items()} | {"dsvdd": dsvdd.Loss(torch.tensor([0.1, 0.3, -2]))}
CLASSIFIERS = {"bce": bce.Loss(), "focal": focal.Loss()}


def outputs(method: Method, count: int = 40, scale: float = 1) -> Tensor:
    """Outputs of a network, float64."""
    size = 1 if method.classifier else 3
    generator = torch.Generator().manual_seed(count)
    return scale * torch.randn(count, size, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("name", METHODS)
def test_losses_as_written(name: str) -> None:
    method, literal = METHODS[name]
    z, outlier = outputs(method, scale=2), torch.arange(40) % 3 == 0
    expected = [literal(row, is_outlier) for row, is_outlier in zip(z.tolist(), outlier.tolist(), strict=True)]
    losses = method.losses(z, outlier)
    torch.testing.assert_close(losses, torch.tensor(expected, dtype=torch.float64))


def test_scores_as_written() -> None:
    for radial, h in LITERAL_RADIALS.items():
        z = outputs(hsc.Loss())
        torch.testing.assert_close(hsc.Loss(radial).score(z), torch.tensor([h(row) for row in z.tolist()]).double())
    z = outputs(hsc.Loss())
    torch.testing.assert_close(dsad.Loss().score(z), hsc.Loss("squared").score(z))
    for method in CLASSIFIERS.values():
        z = outputs(method)
        assert torch.equal(method.score(z), z[:, 0])


@pytest.mark.parametrize("method", ALL.values(), ids=ALL)
def test_gradients_are_finite_at_the_centre_and_far_from_it(method: Method) -> None:
    for value in (0, 1e-12, 50):
        for outlier in (False, True):
            if outlier and isinstance(method, dsvdd.Loss):
                continue
            z = torch.full((2, 1 if method.classifier else 3), value, dtype=torch.float32, requires_grad=True)
            loss = method.losses(z, torch.tensor([outlier, outlier])).sum()
            loss.backward()
            assert loss.isfinite() and z.grad is not None and z.grad.isfinite().all()


@pytest.mark.parametrize("method", ALL.values(), ids=ALL)
def test_normal_images_are_pulled_in_and_outliers_pushed_out(method: Method) -> None:
    z = outputs(method).requires_grad_()
    for outlier, sign in ((False, 1), (True, -1)):
        if outlier and isinstance(method, dsvdd.Loss):
            continue
        [down] = torch.autograd.grad(method.losses(z, torch.full((40,), outlier)).sum(), z)
        [up] = torch.autograd.grad(method.score(z).sum(), z)
        along = (sign * down * up).sum(1)
        assert (along >= 0).all() and (along > 0).any()  # 0 where a loss has a margin, and is past it


@given(st.floats(-14, 14), st.booleans())
def test_gamma_zero_is_cross_entropy(logit: float, outlier: bool) -> None:
    z, outliers = torch.tensor([[logit]], dtype=torch.float64), torch.tensor([outlier])
    expected = bce.Loss().losses(z, outliers)
    torch.testing.assert_close(focal.Loss(0).losses(z, outliers), expected)


def test_focal_stops_at_the_edge() -> None:
    z, outliers = torch.tensor([[-40.0], [40.0]]), torch.tensor([True, False])
    losses = focal.Loss(0).losses(z, outliers)
    torch.testing.assert_close(losses, torch.full((2,), -math.log(1e-7)))


@pytest.mark.parametrize("radial", RADIALS)
def test_scores_rank_as_the_probability_of_an_outlier(radial: str) -> None:
    method = hsc.Loss(radial)
    z = outputs(method)
    probability = -torch.expm1(-torch.tensor([LITERAL_RADIALS[radial](row) for row in z.tolist()]).double())
    assert probability.unique().numel() == len(z)
    assert torch.equal(method.score(z).argsort(), probability.argsort())


@pytest.mark.parametrize("radial", RADIALS)
def test_scores_do_not_tie_where_probabilities_do(radial: str) -> None:
    """In float32, far from the centre and next to it."""
    score = hsc.Loss(radial).score
    far, near = (torch.linspace(low, 2 * low, 1000)[:, None].expand(-1, 3) for low in (40, 1e-5))
    assert (1 - torch.exp(-score(far))).unique().numel() == 1
    assert (1 - torch.exp(-score(near))).unique().numel() < 1000
    for z in (far, near):
        assert (score(z).diff() > 0).all()


@pytest.mark.parametrize("method", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_logits_do_not_tie_where_probabilities_do(method: Method) -> None:
    z = torch.linspace(40, 80, 1000)[:, None]
    assert torch.sigmoid(z).unique().numel() == 1
    assert (method.score(z).diff() > 0).all()


@pytest.mark.parametrize("radial", RADIALS)
def test_hsc_without_outliers_is_the_mean_of_h(radial: str) -> None:
    z, normal = outputs(hsc.Loss()), torch.zeros(40, dtype=torch.bool)
    expected = sum(LITERAL_RADIALS[radial](row) for row in z.tolist()) / 40
    assert hsc.Loss(radial).losses(z, normal).mean().item() == pytest.approx(expected)


def test_deep_svdd_at_the_origin_is_hsc_without_outliers() -> None:
    """Section 3.2."""
    z, normal = outputs(hsc.Loss()), torch.zeros(40, dtype=torch.bool)
    centred = dsvdd.Loss(torch.zeros(3).double())
    torch.testing.assert_close(centred.losses(z, normal), hsc.Loss("squared").losses(z, normal))


def test_the_centre_is_the_mean_of_batch_means() -> None:
    batches = [torch.tensor([[1.0, -4.0], [3.0, -6.0]]), torch.tensor([[6.0, -1.0]])]
    center = dsvdd.Loss().start(batches).center
    assert torch.equal(center, torch.tensor([4.0, -3.0]))  # of all three images: 10/3, -11/3


def test_the_centre_keeps_away_from_zero() -> None:
    mean = torch.tensor([[0.0, 0.05, -0.05, 0.1, -0.1, 0.2, -0.2, -1e-9]])
    center = dsvdd.Loss().start([mean]).center
    assert torch.equal(center, torch.tensor([0.1, 0.1, -0.1, 0.1, -0.1, 0.2, -0.2, -0.1]))


def test_deep_svdd_scores_by_the_distance_to_its_centre() -> None:
    method = dsvdd.Loss().start([torch.tensor([[1.0, 2.0]])])
    z = torch.tensor([[1.0, 2.0], [4.0, 6.0]])
    assert method.score(z).tolist() == method.losses(z, torch.tensor([False, False])).tolist() == [0, 25]


def test_deep_svdd_refuses_outliers_and_needs_a_centre() -> None:
    assert of_kind(Loss)["dsvdd"].outliers == "none"
    with pytest.raises(ValueError, match="without outliers"):
        dsvdd.Loss(torch.zeros(3)).losses(torch.zeros(2, 3), torch.tensor([False, True]))
    with pytest.raises(ValueError, match="call start"):
        dsvdd.Loss().score(torch.zeros(2, 3))


@pytest.mark.parametrize("name", METHODS)
def test_other_methods_do_not_ask_for_outputs(name: str) -> None:
    def never() -> Iterator[Tensor]:
        raise AssertionError
        yield

    method = METHODS[name][0]
    assert method.start(never()) is method


@pytest.mark.parametrize("name", of_kind(Loss))
def test_the_catalogue_knows_the_losses(name: str) -> None:
    entry = of_kind(Loss)[name]
    defaults = {option: described.default for option, described in entry.options.items()}
    method = load(entry.module).Loss(**defaults)
    assert entry.outliers == "required" or not method.classifier, "a classifier needs outliers; its entry says not"
    z = outputs(method)
    started, alone = method.start([z]), load(entry.module).Loss().start([z])
    assert torch.equal(started.score(z), alone.score(z)), "the constructor has the same defaults"


def test_every_value_of_an_option_is_a_function() -> None:
    assert [*of_kind(Loss)["hsc"].options["radial"].values] == [*RADIALS]
    with pytest.raises(KeyError):
        hsc.Loss("norm3")

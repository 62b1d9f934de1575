"""Losses and scores of paper 2 against their formulas, written out for one sample at a time."""

import math
from collections.abc import Callable, Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from oneclass.exposure.members import CLASSIFIERS, UNSUPERVISED
from oneclass.exposure.methods import Method, make
from oneclass.exposure.methods.dsvdd import DSVDD
from oneclass.exposure.methods.hsc import HSC, RADIALS

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
    **{f"hsc {radial}": (make("hsc", radial, math.nan), literal_hsc(radial)) for radial in RADIALS},
    "dsad": (make("dsad", "", math.nan), literal_dsad),
    "bce": (make("bce", "", math.nan), literal_bce),
    **{f"focal {gamma}": (make("focal", "", gamma), literal_focal(gamma)) for gamma in (0, 0.5, 2, 5)},
}
ALL = [*(method for method, _ in METHODS.values()), DSVDD(torch.tensor([0.1, 0.3, -2]))]


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
        z = outputs(HSC())
        torch.testing.assert_close(HSC(radial).score(z), torch.tensor([h(row) for row in z.tolist()]).double())
    z = outputs(HSC())
    torch.testing.assert_close(make("dsad", "", math.nan).score(z), HSC("squared").score(z))
    for name in CLASSIFIERS:
        z = outputs(make(name, "", 2))
        assert torch.equal(make(name, "", 2).score(z), z[:, 0])


@pytest.mark.parametrize("method", ALL, ids=lambda method: type(method).__name__)
def test_gradients_are_finite_at_the_centre_and_far_from_it(method: Method) -> None:
    for value in (0, 1e-12, 50):
        for outlier in (False, True):
            if outlier and isinstance(method, DSVDD):
                continue
            z = torch.full((2, 1 if method.classifier else 3), value, dtype=torch.float32, requires_grad=True)
            loss = method.losses(z, torch.tensor([outlier, outlier])).sum()
            loss.backward()
            assert loss.isfinite() and z.grad is not None and z.grad.isfinite().all()


@pytest.mark.parametrize("method", ALL, ids=lambda method: type(method).__name__)
def test_normal_images_are_pulled_in_and_outliers_pushed_out(method: Method) -> None:
    z = outputs(method).requires_grad_()
    for outlier, sign in ((False, 1), (True, -1)):
        if outlier and isinstance(method, DSVDD):
            continue
        [down] = torch.autograd.grad(method.losses(z, torch.full((40,), outlier)).sum(), z)
        [up] = torch.autograd.grad(method.score(z).sum(), z)
        assert ((sign * down * up).sum(1) > 0).all()


@given(st.floats(-14, 14), st.booleans())
def test_gamma_zero_is_cross_entropy(logit: float, outlier: bool) -> None:
    z, outliers = torch.tensor([[logit]], dtype=torch.float64), torch.tensor([outlier])
    expected = make("bce", "", math.nan).losses(z, outliers)
    torch.testing.assert_close(make("focal", "", 0).losses(z, outliers), expected)


def test_focal_stops_at_the_edge() -> None:
    z, outliers = torch.tensor([[-40.0], [40.0]]), torch.tensor([True, False])
    losses = make("focal", "", 0).losses(z, outliers)
    torch.testing.assert_close(losses, torch.full((2,), -math.log(1e-7)))


@pytest.mark.parametrize("radial", RADIALS)
def test_scores_rank_as_the_probability_of_an_outlier(radial: str) -> None:
    method = HSC(radial)
    z = outputs(method)
    probability = -torch.expm1(-torch.tensor([LITERAL_RADIALS[radial](row) for row in z.tolist()]).double())
    assert probability.unique().numel() == len(z)
    assert torch.equal(method.score(z).argsort(), probability.argsort())


@pytest.mark.parametrize("radial", RADIALS)
def test_scores_do_not_tie_where_probabilities_do(radial: str) -> None:
    """In float32, far from the centre and next to it."""
    score = HSC(radial).score
    far, near = (torch.linspace(low, 2 * low, 1000)[:, None].expand(-1, 3) for low in (40, 1e-5))
    assert (1 - torch.exp(-score(far))).unique().numel() == 1
    assert (1 - torch.exp(-score(near))).unique().numel() < 1000
    for z in (far, near):
        assert (score(z).diff() > 0).all()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_logits_do_not_tie_where_probabilities_do(name: str) -> None:
    z = torch.linspace(40, 80, 1000)[:, None]
    assert torch.sigmoid(z).unique().numel() == 1
    assert (make(name, "", 2).score(z).diff() > 0).all()


@pytest.mark.parametrize("radial", RADIALS)
def test_hsc_without_outliers_is_the_mean_of_h(radial: str) -> None:
    z, normal = outputs(HSC()), torch.zeros(40, dtype=torch.bool)
    expected = sum(LITERAL_RADIALS[radial](row) for row in z.tolist()) / 40
    assert HSC(radial).losses(z, normal).mean().item() == pytest.approx(expected)


def test_deep_svdd_at_the_origin_is_hsc_without_outliers() -> None:
    """Section 3.2."""
    z, normal = outputs(HSC()), torch.zeros(40, dtype=torch.bool)
    centred = DSVDD(torch.zeros(3).double())
    torch.testing.assert_close(centred.losses(z, normal), HSC("squared").losses(z, normal))


def test_the_centre_is_the_mean_of_batch_means() -> None:
    batches = [torch.tensor([[1.0, -4.0], [3.0, -6.0]]), torch.tensor([[6.0, -1.0]])]
    center = DSVDD().start(batches).center
    assert torch.equal(center, torch.tensor([4.0, -3.0]))  # of all three images: 10/3, -11/3


def test_the_centre_keeps_away_from_zero() -> None:
    mean = torch.tensor([[0.0, 0.05, -0.05, 0.1, -0.1, 0.2, -0.2, -1e-9]])
    center = DSVDD().start([mean]).center
    assert torch.equal(center, torch.tensor([0.1, 0.1, -0.1, 0.1, -0.1, 0.2, -0.2, -0.1]))


def test_deep_svdd_scores_by_the_distance_to_its_centre() -> None:
    method = DSVDD().start([torch.tensor([[1.0, 2.0]])])
    z = torch.tensor([[1.0, 2.0], [4.0, 6.0]])
    assert method.score(z).tolist() == method.losses(z, torch.tensor([False, False])).tolist() == [0, 25]


def test_deep_svdd_refuses_outliers_and_needs_a_centre() -> None:
    with pytest.raises(ValueError, match="without outliers"):
        DSVDD(torch.zeros(3)).losses(torch.zeros(2, 3), torch.tensor([False, True]))
    with pytest.raises(ValueError, match="call start"):
        DSVDD().score(torch.zeros(2, 3))


@pytest.mark.parametrize("name", METHODS)
def test_other_methods_do_not_ask_for_outputs(name: str) -> None:
    def never() -> Iterator[Tensor]:
        raise AssertionError
        yield

    method = METHODS[name][0]
    assert method.start(never()) is method


def test_members_know_the_methods() -> None:
    for name in ("hsc", "dsad", "dsvdd", "bce", "focal"):
        method = make(name, "norm1", 1)
        assert method.classifier == (name in CLASSIFIERS)
        assert isinstance(method, DSVDD) == (name in UNSUPERVISED)
    with pytest.raises(ValueError, match="no method 'svm'"):
        make("svm", "", 0)

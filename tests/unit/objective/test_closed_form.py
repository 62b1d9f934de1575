"""The closed form against what it replaces: gradient descent by autograd, over many random starts."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from oneclass.objective.closed_form import REMAINING_ENERGY, Spectrum, choose_time, decompose, residual
from oneclass.objective.methods.closed_form import TIMES
from oneclass.objective.projector import augment
from oneclass.objective.starts import initial_projector
from oneclass.objective.vectors import VectorClass

Toy = Callable[..., VectorClass]
D = 16
COUNTS = [6, 40]  # fewer images than dimensions, and more


@pytest.fixture(params=COUNTS, ids=lambda count: f"{count} images")
def data(request: pytest.FixtureRequest, toy: Toy) -> VectorClass:
    return toy(count=request.param, size=D, dtype=torch.float64)


def moment(data: VectorClass) -> Tensor:
    """M = mean [f; 1][f; 1]ᵀ."""
    augmented = augment(data.train)
    return torch.stack([torch.outer(f, f) for f in augmented]).mean(0)


def dropped(data: VectorClass, times: Tensor) -> Tensor:
    """The common factor that ``rates`` takes out of the scores: exp(-2 t λ_min), 1 while there are null directions."""
    smallest = torch.linalg.eigvalsh(moment(data))[0] if len(data.train) > D else torch.zeros(())
    return torch.exp(-2 * times * smallest)


def starts(count: int) -> Tensor:
    """[W b] [count, D, D + 1] of PyTorch's initialisation."""
    many = [initial_projector(D, seed) for seed in range(count)]
    return torch.stack([torch.cat([weight, bias[:, None]], dim=1) for weight, bias in many]).double()


def center(norm: float, seed: int = 0) -> Tensor:
    c = torch.randn(D, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return c * norm / c.norm()


def collapse(c: Tensor) -> Tensor:
    """[0 c], the minimiser of zero loss."""
    return torch.cat([torch.zeros(D, D, dtype=c.dtype), c[:, None]], dim=1)


def descend(joined: Tensor, train: Tensor, c: Tensor, steps: int, size: float) -> Tensor:
    """Plain gradient descent on mean ||[W b] [f; 1] - c||², by autograd; ``joined`` [..., D, D + 1]."""
    joined = joined.clone().requires_grad_()
    for _ in range(steps):
        distances = (augment(train) @ joined.mT - c).square().sum(-1)
        (gradient,) = torch.autograd.grad(distances.mean(-1).sum(), joined)
        joined = (joined - size * gradient).detach().requires_grad_()
    return joined.detach()


def test_the_spectrum_is_that_of_the_moments(data: VectorClass) -> None:
    spectrum = decompose(data.train)
    assert spectrum.vectors.shape == (D + 1, min(len(data.train), D + 1))
    rebuilt = spectrum.vectors * spectrum.values @ spectrum.vectors.T
    torch.testing.assert_close(rebuilt, moment(data), rtol=1e-11, atol=1e-12)
    identity = torch.eye(len(spectrum.values), dtype=torch.float64)
    torch.testing.assert_close(spectrum.vectors.T @ spectrum.vectors, identity, rtol=1e-11, atol=1e-12)


def test_repeated_images_add_no_direction(data: VectorClass) -> None:
    once, thrice = decompose(data.train), decompose(data.train.repeat(3, 1))
    torch.testing.assert_close(once.values, thrice.values, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("steps", [1, 30])
def test_gradient_descent_is_a_matrix_power(data: VectorClass, steps: int) -> None:
    """k steps of size η: W~_k - [0 c] = (W~_0 - [0 c]) (I - 2ηM)^k."""
    size, c, first = 0.01, center(8), starts(1)[0]
    power = torch.linalg.matrix_power(torch.eye(D + 1, dtype=torch.float64) - 2 * size * moment(data), steps)
    expected = (first - collapse(c)) @ power + collapse(c)
    torch.testing.assert_close(descend(first, data.train, c, steps, size), expected, rtol=1e-11, atol=1e-11)


def test_small_steps_converge_to_the_flow(data: VectorClass) -> None:
    """The error against P_t falls with the size of the step, and halves when that is halved."""
    time, c, first = 0.1, center(2), starts(1)[0]
    flow = (first - collapse(c)) @ torch.linalg.matrix_exp(-2 * time * moment(data)) + collapse(c)
    errors = [float((descend(first, data.train, c, steps, time / steps) - flow).abs().max()) for steps in (40, 80, 160)]
    assert errors[2] < 0.01
    assert errors[0] / errors[1] == pytest.approx(2, abs=0.1)
    assert errors[1] / errors[2] == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("time", [0.0, 0.05, 1.0])
def test_residual_is_what_the_flow_leaves(data: VectorClass, time: float) -> None:
    times = torch.tensor([time], dtype=torch.float64)
    left = residual(decompose(data.train), data.test, times)
    literal = augment(data.test) @ torch.linalg.matrix_exp(-2 * time * moment(data))
    factor = dropped(data, times) ** 2
    torch.testing.assert_close(left.total[0] * factor, literal.square().sum(1), rtol=1e-8, atol=1e-12)
    torch.testing.assert_close(left.last[0] * factor, literal[:, -1].square(), rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("norm", [0.5, 4.0])
def test_trained_projectors_score_as_the_formula_says_on_average(data: VectorClass, norm: float) -> None:
    """Mean squared score over 600 random starts, each trained by 40 steps of gradient descent."""
    time, c = 0.1, center(norm)
    trained = descend(starts(600), data.train, c, 40, time / 40)
    scores = (augment(data.test) @ trained.mT - c).norm(dim=-1)
    times = torch.tensor([time], dtype=torch.float64)
    predicted = (residual(decompose(data.train), data.test, times).scores(norm) * dropped(data, times))[0]
    torch.testing.assert_close(scores.square().mean(0), predicted.square(), rtol=0.08, atol=0)


def test_only_the_norm_of_the_centre_matters(data: VectorClass) -> None:
    """A start and its mirror image have the same probability; averaged over the two, the direction drops out."""
    first = starts(1)
    pair = torch.cat([first, -first])

    def squared(c: Tensor) -> Tensor:
        return (augment(data.test) @ descend(pair, data.train, c, 50, 0.01).mT - c).square().sum(-1)

    one, other = squared(center(8, seed=1)), squared(center(8, seed=2))
    torch.testing.assert_close(one.mean(0), other.mean(0), rtol=1e-10, atol=1e-12)
    assert not torch.allclose(one, other, rtol=1e-3)
    assert not torch.allclose(one.mean(0), squared(center(16, seed=1)).mean(0), rtol=1e-3)


def test_untrained_everything_is_left(data: VectorClass) -> None:
    left = residual(decompose(data.train), data.test, torch.zeros(1, dtype=torch.float64))
    torch.testing.assert_close(left.total[0], data.test.square().sum(1) + 1, rtol=1e-12, atol=0)
    torch.testing.assert_close(left.last[0], torch.ones(len(data.test), dtype=torch.float64), rtol=1e-12, atol=0)


def test_long_training_leaves_the_directions_least_trained(data: VectorClass) -> None:
    """With null directions of M these; without, the direction of its smallest eigenvalue."""
    values, vectors = torch.linalg.eigh(moment(data))
    kept = vectors[:, values < 1e-10] if len(data.train) < D else vectors[:, :1]
    left = residual(decompose(data.train), data.test, torch.tensor([1e6], dtype=torch.float64))
    expected = (augment(data.test) @ kept).square().sum(1)
    torch.testing.assert_close(left.total[0], expected, rtol=1e-6, atol=1e-10)


def test_null_directions_keep_weight_one(toy: Toy) -> None:
    data = toy(count=6, size=D, dtype=torch.float64)
    augmented = augment(data.train)
    # [f; 1] at a right angle to every training image
    feature = torch.linalg.lstsq(data.train, -torch.ones(6, 1, dtype=torch.float64)).solution.T
    assert float((augmented @ augment(feature).T).abs().max()) < 1e-9
    left = residual(decompose(data.train), feature, TIMES)
    whole = feature.square().sum() + 1
    torch.testing.assert_close(left.total[:, 0], whole.expand(len(TIMES)), rtol=1e-9, atol=0)
    torch.testing.assert_close(left.last[:, 0], torch.ones(len(TIMES), dtype=torch.float64), rtol=1e-9, atol=0)


def test_less_is_left_the_longer_it_trains(data: VectorClass) -> None:
    left = residual(decompose(data.train), data.test, TIMES)
    assert (left.total.diff(dim=0) <= 1e-12).all() and (left.total[0] > left.total[-1]).all()


@pytest.mark.parametrize("norm", [0.0, 1.0, 32.0])
def test_the_ranking_is_that_of_the_unshifted_flow(toy: Toy, norm: float) -> None:
    data = toy(count=40, size=D, dtype=torch.float64)
    times = torch.tensor([0.1, 1.0, 3.0], dtype=torch.float64)
    scores = residual(decompose(data.train), data.test, times).scores(norm)
    for time, ours in zip(times, scores, strict=True):
        left = augment(data.test) @ torch.linalg.matrix_exp(-2 * time * moment(data))
        literal = left.square().sum(1) / 3 + norm**2 * left[:, -1].square()
        assert torch.equal(ours.argsort(), literal.argsort())


def test_a_large_norm_lets_the_last_coordinate_decide(data: VectorClass) -> None:
    left = residual(decompose(data.train), data.test, torch.tensor([0.05], dtype=torch.float64))
    assert torch.equal(left.scores(1e6).argsort(), left.last.argsort())
    assert torch.equal(left.scores(0).argsort(), left.total.argsort())
    assert not torch.equal(left.total.argsort(), left.last.argsort())


@pytest.mark.parametrize("count", COUNTS)
def test_scores_do_not_tie(count: int, toy: Toy) -> None:
    """Float32 features, at every time of the figure: neighbouring floats still differ, and nothing underflows."""
    train = toy(count=count, size=D).train
    test = torch.rand(2000, D, generator=torch.Generator().manual_seed(3))
    test[1] = test[0]
    test[1, 0] = torch.nextafter(test[0, 0], torch.tensor(2.0))
    scores = residual(decompose(train), test, TIMES).scores(1.0)
    assert scores.isfinite().all() and (scores > 0).all()
    assert all(len(row.unique()) == len(test) for row in scores)


def energy_left(values: Tensor, time: float) -> float:
    return float((values * torch.exp(-4 * time * values)).sum() / values.sum())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(1e-9, 1e4), min_size=1, max_size=20), st.floats(1e-3, 1e3))
def test_the_chosen_time_solves_its_equation_and_scales(values: list[float], scale: float) -> None:
    spectrum = Spectrum(torch.eye(len(values)), torch.tensor(values, dtype=torch.float64))
    time = choose_time(spectrum)
    assert energy_left(spectrum.values, time) == pytest.approx(REMAINING_ENERGY, rel=1e-9)
    scaled = Spectrum(spectrum.vectors, spectrum.values * scale**2)
    assert choose_time(scaled) == pytest.approx(time / scale**2, rel=1e-6)


@pytest.mark.parametrize("scale", [0.5, 10.0])
def test_the_chosen_time_follows_the_scale_of_the_features(data: VectorClass, scale: float) -> None:
    """The constant coordinate does not scale along, so that the law holds once features are large beside it."""
    large = 100 * data.train
    time = choose_time(decompose(large))
    assert choose_time(decompose(scale * large)) == pytest.approx(time / scale**2, rel=0.02)


def test_the_chosen_time_does_not_depend_on_the_order_of_images(data: VectorClass) -> None:
    assert choose_time(decompose(data.train.flip(0))) == pytest.approx(choose_time(decompose(data.train)), rel=1e-9)

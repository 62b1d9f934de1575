"""The two-dimensional toy: its points, the two models against their formulas, and what Figure 1 claims of them."""

import math

import numpy as np
import pytest
import torch

from oneclass.exposure import toy
from oneclass.exposure.toy import BOUNDARY, METHODS, SIDE, Name, Scenario, draw, fit, random_units, run
from oneclass.metrics import auroc

SEED = 3


@pytest.fixture(scope="module")
def scenarios() -> dict[Name, Scenario]:
    return run(SEED)


def test_only_the_outliers_differ() -> None:
    ideal, skewed = draw("ideal", SEED), draw("skewed", SEED)
    assert torch.equal(ideal.normal, skewed.normal) and torch.equal(ideal.test, skewed.test)
    assert not torch.equal(ideal.outliers, skewed.outliers)
    assert ideal.normal.shape == ideal.outliers.shape == skewed.outliers.shape == (toy.TRAIN, 2)
    assert not torch.equal(draw("ideal", SEED + 1).normal, ideal.normal)
    assert not torch.isin(ideal.test, torch.cat([ideal.normal, ideal.outliers])).any(), "training points in the test"


def test_ideal_outliers_cover_the_plane_and_skewed_ones_a_side_of_it() -> None:
    ideal = draw("ideal", SEED).outliers
    for quarter in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        assert 0.15 < (ideal * torch.tensor(quarter) > 0).all(1).double().mean() < 0.35
    assert ideal.abs().max() <= SIDE
    skewed = draw("skewed", SEED)
    assert skewed.outliers[:, 0].min() > skewed.normal[:, 0].median()


def test_test_anomalies_are_everywhere() -> None:
    test = draw("skewed", SEED).test
    assert test.shape == (2 * toy.TEST, 2)
    normal, anomalous = test.split(toy.TEST)
    assert anomalous.abs().max() <= SIDE and (anomalous.norm(dim=1) < 2 * toy.SPREAD).any()
    torch.testing.assert_close(anomalous.std(0), torch.full((2,), SIDE / 3**0.5).double(), rtol=0.1, atol=0)
    torch.testing.assert_close(normal.std(0), torch.full((2,), toy.SPREAD).double(), rtol=0.1, atol=0)


@pytest.mark.parametrize("name", METHODS)
def test_the_score_has_its_methods_shape(name: str) -> None:
    """In the space of the units, BCE's score is linear, and HSC's rises with the distance from one point."""
    score, units = fit(name, draw("ideal", SEED), SEED), random_units(SEED)
    x = torch.randn(400, 2, generator=torch.Generator().manual_seed(0)).double()
    f, s = units(x), score(x)
    value = s if name == "bce" else (s + 1) ** 2 - 1  # d = sqrt(||z||² + 1) - 1, so this is ||z||²
    terms = [f, torch.ones(400, 1)] + ([f.square().sum(1, keepdim=True)] if name == "hsc" else [])
    design = torch.cat(terms, dim=1)
    weights = torch.linalg.lstsq(design, value[:, None], driver="gelsd").solution
    torch.testing.assert_close((design @ weights)[:, 0], value, rtol=0, atol=1e-8)
    assert name == "bce" or weights[-1] > 0


@pytest.mark.parametrize("name", METHODS)
def test_the_boundary_is_at_probability_one_half(name: str) -> None:
    anomalous = {"bce": lambda s: 1 / (1 + math.exp(-s)), "hsc": lambda s: 1 - math.exp(-s)}[name]
    assert anomalous(BOUNDARY[name]) == pytest.approx(0.5)


def test_scores_and_grid_agree(scenarios: dict[Name, Scenario]) -> None:
    """The row of the grid is y, the column x, and the numbers are of the test points."""
    places = toy.axis()
    for name, scenario in scenarios.items():
        for method, decision in scenario.decisions.items():
            score = fit(method, draw(name, SEED), SEED)
            [at] = score(torch.tensor([[places[150], places[20]]]))
            assert decision.grid[20, 150] == pytest.approx(float(at))
            np.testing.assert_allclose(decision.scores, score(scenario.points.test))
            assert decision.auroc == auroc(np.repeat([0, 1], toy.TEST), decision.scores)


def test_best_is_the_likelihood_ratio(scenarios: dict[Name, Scenario]) -> None:
    x = scenarios["ideal"].points.test.numpy()
    density = np.exp(-(x**2).sum(1) / (2 * toy.SPREAD**2)) / (2 * np.pi * toy.SPREAD**2)
    assert scenarios["ideal"].best == pytest.approx(auroc(np.repeat([0, 1], toy.TEST), -np.log(density)), abs=1e-9)


def test_what_the_figure_claims(scenarios: dict[Name, Scenario]) -> None:
    """Both methods find a compact region from ideal outliers; from skewed ones only the unsupervised does."""
    for name, scenario in scenarios.items():
        for method, decision in scenario.decisions.items():
            inside = decision.grid < BOUNDARY[method]
            edge = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
            assert inside[toy.GRID // 2, toy.GRID // 2], "the middle of the blob is normal"
            if (name, method) == ("skewed", "bce"):
                assert edge.mean() > 0.4 and decision.auroc < 0.6
            else:
                assert not edge.any() and decision.auroc > scenario.best - 0.01


def test_the_same_seed_gives_the_same_figure(scenarios: dict[Name, Scenario]) -> None:
    again = run(SEED)
    for name, scenario in scenarios.items():
        for method, decision in scenario.decisions.items():
            np.testing.assert_array_equal(again[name].decisions[method].grid, decision.grid)

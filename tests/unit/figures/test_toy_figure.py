"""Figure 1: six panels, and the table behind them."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from oneclass.exposure.toy import BOUNDARY, Decision, Name, Scenario, axis
from oneclass.exposure.toy import draw as drawn
from oneclass.figures import toy

RADII = {("ideal", "bce"): 1.0, ("ideal", "hsc"): 1.5, ("skewed", "bce"): 2.0, ("skewed", "hsc"): 2.5}


@pytest.fixture
def scenarios(monkeypatch: pytest.MonkeyPatch) -> dict[Name, Scenario]:
    """What is drawn: decisions whose boundaries are circles of known radii, around (1, 0)."""
    x, y = np.meshgrid(axis(), axis())
    made: dict[Name, Scenario] = {}
    names: list[Name] = ["ideal", "skewed"]
    for number, name in enumerate(names):
        decisions = {}
        for place, method in enumerate(BOUNDARY):
            grid = np.hypot(x - 1, y) - RADII[name, method] + BOUNDARY[method]
            decisions[method] = Decision(np.zeros(4), grid, (number + place + 1) / 10)
        made[name] = Scenario(drawn(name, 0), 0.9 + number / 100, decisions)
    monkeypatch.setattr(toy, "run", {1024: made}.__getitem__)
    return made


def test_panels_and_their_numbers(scenarios: dict[Name, Scenario], shown: Callable[[Figure], str]) -> None:
    figure, data = toy.draw(1024)
    text = shown(figure)
    for line in (
        "(a) data\ntrue density: AUROC 90.0 %",
        "(b) supervised OE (BCE)\nAUROC 10.0 %",
        "(c) unsupervised OE (HSC)\nAUROC 20.0 %",
        "(d) data\ntrue density: AUROC 91.0 %",
        "(e) supervised OE (BCE)\nAUROC 20.0 %",
        "(f) unsupervised OE (HSC)\nAUROC 30.0 %",
        "ideal: outliers everywhere",
        "skewed: outliers on one side",
        "normal, training",
    ):
        assert line in text
    values = data.groupby("panel")["auroc"].unique()
    assert {panel: list(value) for panel, value in values.items()} == {
        panel: [pytest.approx(value)] for panel, value in zip("abcdef", [90, 10, 20, 91, 20, 30], strict=True)
    }


def test_the_table_is_what_is_drawn(scenarios: dict[Name, Scenario]) -> None:
    figure, data = toy.draw(1024)
    for axes, (_, panel) in zip(figure.axes, data.groupby("panel"), strict=True):
        scenario = scenarios[panel["scenario"].iloc[0]]
        for kind, points in (("normal", scenario.points.normal), ("outlier", scenario.points.outliers)):
            rows = panel[panel["kind"] == kind][["x", "y"]].to_numpy()
            np.testing.assert_array_equal(rows, points)
            [dots] = [part for part in axes.collections if str(part.get_label()).startswith(kind)]
            np.testing.assert_array_equal(dots.get_offsets(), rows)
        method = panel["method"].iloc[0]
        boundary = panel[panel["kind"] == "boundary"]
        assert len(boundary) > 50 if method else boundary.empty
        if method:
            radius = RADII[panel["scenario"].iloc[0], method]
            np.testing.assert_allclose(np.hypot(boundary["x"] - 1, boundary["y"]), radius, atol=2e-3)
            assert set(boundary["line"]) == {0}


def test_a_boundary_in_several_pieces_and_none(scenarios: dict[Name, Scenario]) -> None:
    x = np.meshgrid(axis(), axis())[0]
    decisions = scenarios["ideal"].decisions
    decisions["bce"] = Decision(np.zeros(4), np.abs(x) - 1, 0.5)
    decisions["hsc"] = Decision(np.zeros(4), x * 0 + 5, 0.5)
    figure, data = toy.draw(1024)
    figure.draw_without_rendering()
    assert data[data["panel"] == "b"]["line"].dropna().unique().tolist() == [0, 1]
    assert set(data[data["panel"] == "c"]["kind"]) == {"normal", "outlier"}

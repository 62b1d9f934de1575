"""Charts: what is drawn where, from scores alone."""

import re

import numpy as np
import pytest

from oneclass.detector import charts

NORMAL = np.array([1.0, 1.1, 1.2, 2.5], np.float32)
ANOMALOUS = np.array([1.15, 2.0, 3.0], np.float32)


def test_every_bar_is_on_its_side_and_the_threshold_between() -> None:
    svg = charts.histogram(NORMAL, ANOMALOUS, 1.5, "anomalies").svg
    bars = re.findall(r'class="(\w+)" x="([\d.]+)" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', svg)
    middle = (charts.TOP + charts.BOTTOM) / 2
    assert {name for name, *_ in bars} == {"normal", "anomalous"}
    for name, _, top, height in bars:
        assert (
            float(top) + float(height) == pytest.approx(middle, abs=0.2) if name == "normal" else float(top) == middle
        )
    [line] = re.findall(r'class="threshold" d="M([\d.]+)', svg)
    assert sum(float(x) > float(line) for name, x, *_ in bars if name == "normal") == 1
    assert sum(float(x) > float(line) for name, x, *_ in bars if name == "anomalous") == 2


def test_the_dots_are_the_shares_at_the_threshold() -> None:
    flagged, found = charts.roc(NORMAL, ANOMALOUS, 1.5), charts.precision_recall(NORMAL, ANOMALOUS, 1.5)
    assert "66.7 % of these anomalous pictures are found, 25.0 % of these normal ones flagged" in flagged.caption
    assert "66.7 % of what is flagged is anomalous" in found.caption
    axes = charts.Axes((0, 1), (0, 1))
    assert f'cx="{axes.across(0.25):.1f}" cy="{axes.up(2 / 3):.1f}"' in flagged.svg
    assert f'cx="{axes.across(2 / 3):.1f}" cy="{axes.up(2 / 3):.1f}"' in found.svg


@pytest.mark.parametrize("scores", [[1.0], [1.0, 1.0]])
def test_a_single_score_can_be_drawn(scores: list[float]) -> None:
    same = np.array(scores, np.float32)
    assert "nan" not in charts.histogram(same, same, 1.0, "anomalies").svg
    assert "nan" not in charts.precision_recall(same, same, 2.0).svg

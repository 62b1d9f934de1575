"""Norm and angle over the epochs, drawn from histories."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from oneclass.figures.convergence import draw, settled

SHARED = {"dataset": "elpv", "method": "projector", "protocol": "A", "centering": "none"}


@pytest.fixture
def history(conform: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Two classes: their norms reach that of the centre at once, their angles fall evenly."""
    rows = []
    for norm, name, step, other in product([1.0, 8.0], ["mono", "poly"], range(11), [{}, {"center": "ones"}]):
        values = {
            "training_norm": 20 if step == 0 else norm + (0.1 if name == "mono" else -0.1),
            "training_cosine": np.cos(np.radians(60 - 5 * step)),
            "center_cosine": np.cos(np.radians(90 - 8 * step)),
            "image_auroc": 50,
        }
        described = SHARED | {"class": name, "center": "gaussian", "center_norm": norm, "step": step} | other
        rows += [described | {"repetition": 0, "metric": metric, "value": value} for metric, value in values.items()]
    centred = [row | {"centering": "position", "value": 7} for row in rows]
    return conform(pd.DataFrame(rows + centred), "history")


def test_a_line_for_each_norm_averaged_over_classes(history: pd.DataFrame, shown: Callable[[Figure], str]) -> None:
    figure, data = draw(history)
    assert len(data) == 2 * 3 * 11
    norm, between, center = figure.axes
    lines = {line.get_label(): list(line.get_ydata()) for line in norm.get_lines()}
    assert lines["norm 8"] == pytest.approx([20, *[8] * 10])
    np.testing.assert_allclose(between.get_lines()[0].get_ydata(), 60 - 5 * np.arange(11))
    np.testing.assert_allclose(center.get_lines()[0].get_ydata(), 90 - 8 * np.arange(11))
    settles = data.groupby("metric")["settles"].unique().map(list).to_dict()
    assert settles == {"training_norm": [1], "training_cosine": [9], "center_cosine": [9]}
    assert "angle between two" in shown(figure)


@pytest.mark.parametrize(
    ("values", "expected"), [([9, 0, 0, 0], 1), ([0, 9, 0, 9], 3), ([10, 5, 1.1, 0.9, 0], 3), ([2, 2, 2], 0)]
)
def test_a_line_settles_where_it_last_comes_near_its_end(values: list[float], expected: int) -> None:
    assert settled(pd.Series(range(len(values))), pd.Series(values)) == expected

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from oneclass.figures.closed_form import draw

TIMES = [0.1, 1.0, 10.0]


COLUMNS = ["method", "dataset", "class", "center", "center_norm", "repetition", "step", "metric", "value"]


def made(norms: Sequence[float]) -> pd.DataFrame:
    """Two data sets of two classes; the value tells data set, class, norm, step and repetition."""
    rows: list[tuple[object, ...]] = []
    for (d, dataset), (c, name), norm in product(enumerate(["mnist5k", "elpv"]), enumerate("ab"), norms):
        base = 40 + 20 * d + 2 * c + norm / 100
        solved, trained = ("closed_form", dataset, name, None, norm), ("projector", dataset, name, "gaussian", norm)
        rows += [(*solved, 0, time, "image_auroc", base + time) for time in TIMES]
        rows.append((*solved, 0, 2 + c, "image_auroc_chosen", 0.0))
        for repetition, step in product(range(3), (1, 2)):
            rows.append((*trained, repetition, step, "image_auroc", base + step + 10 * repetition))
        rows.append((*trained, 0, np.nan, "cosine", 0.5))
        rows.append(("projector", dataset, name, "ones", norm, 0, 2, "image_auroc", 0.0))
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.mark.parametrize("norms", [[1.0], [1.0, 32.0], [float(2**k) for k in range(12)]])
def test_means_over_classes_and_repetitions(
    norms: list[float], shown: Callable[[Figure], str], conform: Callable[..., pd.DataFrame]
) -> None:
    figure, data = draw(conform(made(norms), "history"))
    assert len(data) == 2 * len(norms) * (len(TIMES) + 1)
    for (d, dataset), norm in product(enumerate(["mnist5k", "elpv"]), norms):
        rows = data[(data["dataset"] == dataset) & (data["center_norm"] == norm)]
        base = 41 + 20 * d + norm / 100  # the mean over classes
        over_time = rows[rows["source"] == "closed form"]
        assert over_time["step"].tolist() == TIMES
        assert over_time["value"].tolist() == pytest.approx([base + time for time in TIMES])
        at_end = rows[rows["source"] == "trained"]
        assert at_end["step"].tolist() == [2]  # the last epoch
        assert at_end["value"].tolist() == pytest.approx([base + 2 + 10])
    text = shown(figure)
    assert "MNIST (5,000): closed form" in text and "ELPV: closed form" in text and "chosen time" in text
    band = figure.axes[0].patches[0].get_extents().transformed(figure.axes[0].transData.inverted())
    assert band.x0 < 2 and 3 < band.x1 < 3.2

"""The decision 1{d > R}, counted by hand."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from oneclass import published
from oneclass.tables import decision
from oneclass.tables.render import Table

Texts = Callable[[Table], dict[tuple[str, ...], dict[str, str]]]
NORMAL, ANOMALOUS = [1.0, 2.0, 3.0, 9.0, 4.0, 3.5], [3.9, 4.5, 5.0, 8.0]


def scored(repetition: int, **changed: object) -> pd.DataFrame:
    labels = np.repeat([0, 1], [len(NORMAL), len(ANOMALOUS)])
    columns = {"dataset": "toy", "class": "cat", "protocol": "A", "center": "gaussian", "center_norm": 1.0}
    columns |= {"centering": "none", "repetition": repetition}
    return pd.DataFrame({"label": labels, "score": NORMAL + ANOMALOUS}).assign(**columns | changed)


def test_shares_are_those_above_the_radius() -> None:
    found = decision.shares(np.array(NORMAL), np.array(ANOMALOUS), 4.0)  # 4 is not above 4
    expected = {"false_alarms": 100 / 6, "detected": 75.0, "balanced_accuracy": (100 - 100 / 6 + 75) / 2}
    assert found == pytest.approx(expected)


def test_at_the_printed_radius_all_is_anomalous_and_normal_images_give_another(texts: Texts) -> None:
    other = [{"class": "dog"}, {"center": "ones"}, {"center_norm": 8.0}, {"centering": "position"}, {"protocol": "B"}]
    scores = pd.concat([scored(0), scored(1), *(scored(0, score=0.0, **changed) for changed in other)])
    paper = published.load("objective")
    table = decision.errors(scores, paper, "", {"A": {"toy": "cat"}}, {"A": (1.0, 1e-5)})
    cell = texts(table)
    headings = ["Normal images called anomalous (%)", "Anomalous images called anomalous (%)", "Balanced accuracy (%)"]
    shown = {key[-1]: [row[f"{heading} (here)"] for heading in headings] for key, row in cell.items()}
    assert shown == {
        "R = 1e-05": ["100.0 ± 0.0", "100.0 ± 0.0", "50.0 ± 0.0"],
        # R = 4, the highest of 1, 3 and 4; of the others, 2, 9 and 3.5, one is above it, and so are 4.5, 5 and 8
        "R from normal images": ["33.3 ± 0.0", "75.0 ± 0.0", "70.8 ± 0.0"],
    }
    assert set(table.tidy["repetitions"]) == {2}

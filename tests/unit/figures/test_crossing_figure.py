"""The number of outliers from which BCE is no longer behind HSC, and Figure 2 of paper 2 with it."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from oneclass.figures import outliers
from oneclass.figures.crossing import crossing, draw

Shown = Callable[[Figure], str]
Conform = Callable[..., pd.DataFrame]
COUNTS = [1.0, 8.0, 64.0, math.inf]
LENET, CBAM = ("lenet", None), ("cbam_resnet18", None)
AUROCS = st.dictionaries(st.sampled_from([0.0, 1.0, 2.0, 4.0, math.inf]), st.integers(50, 53))


def by_number(*means: float) -> pd.Series:
    return pd.Series(means, index=COUNTS[: len(means)])


HSC = by_number(90, 91, 92, 93)


@pytest.mark.parametrize(
    ("bce", "expected"),
    [
        ((80, 91.5, 92.5, 94), 8),
        ((80, 91, 92.5, 94), 8),  # touches
        ((90, 91, 92, 93), 1),  # level everywhere
        ((95, 95, 95, 95), 1),  # never behind
        ((80, 92, 91, 94), math.inf),  # falls behind again: only the whole pool counts
        ((80, 81, 82, 83), None),
        ((95, 95, 95, 92.9), None),  # behind at last
    ],
)
def test_the_crossing_is_where_one_is_level_for_good(bce: tuple[float, ...], expected: float | None) -> None:
    assert crossing(by_number(*bce), HSC) == expected
    assert crossing(by_number(*bce)[::-1], HSC) == expected  # in any order


def test_numbers_that_only_one_has_are_not_compared() -> None:
    bce = pd.Series({8.0: 80.0, 16.0: 0.0, 64.0: 95.0})
    assert crossing(bce, HSC) == 64
    assert crossing(bce.drop(64.0), HSC) is None
    assert crossing(bce.replace(80.0, np.nan), HSC) == 64  # unknown is not behind
    assert crossing(pd.Series({16.0: 99.0}), HSC) is None
    assert crossing(pd.Series(dtype=float), HSC) is None


@given(AUROCS, AUROCS)
def test_the_crossing_is_the_first_number_without_a_later_lead(one: dict[float, int], other: dict[float, int]) -> None:
    shared = sorted(one.keys() & other.keys())
    good = [number for number in shared if all(one[later] >= other[later] for later in shared if later >= number)]
    found = crossing(pd.Series(one, dtype=float), pd.Series(other, dtype=float))
    assert found == (good[0] if good else None)


def summary(conform: Conform, runs: dict[tuple[str, tuple[str, str | None]], tuple[float, ...]]) -> pd.DataFrame:
    """HSC is the same in each of ``runs``, which gives the means of BCE."""
    rows = [
        (dataset, *network, method, number, mean)
        for (dataset, network), bce in runs.items()
        for method, means in (("hsc", HSC), ("bce", bce))
        for number, mean in zip(COUNTS, means, strict=False)
    ]
    data = pd.DataFrame(rows, columns=["dataset", "network", "backbone", "method", "outlier_count", "mean"])
    shared = {"class": "mean", "task": "one_vs_rest", "pool": "photos", "metric": "image_auroc", "repetitions": 1}
    return conform(data.assign(**shared, std=np.nan, ci_low=data["mean"], ci_high=data["mean"]))


def below(figure: Figure) -> list[str]:
    return [axis.get_xlabel() for axis in figure.axes if axis.get_visible()]


def test_the_crossing_of_each_run_is_under_its_panel_and_in_its_rows(conform: Conform, shown: Shown) -> None:
    data = summary(
        conform,
        {
            ("cifar10", LENET): (80, 80, 92, 94),
            ("imagenet30", CBAM): (80, 80, 80, 94),
            ("mnist5k", LENET): (80, 80, 80, 80),
            ("cifar10", ("head", "tf_efficientnet_lite0")): (99, 99, 99, 99),
        },
    )
    figure, drawn = draw(data, "outlier_count")
    assert below(figure) == [
        "number of outliers\ncrossing (BCE ≥ HSC): 64 (here), 8 (published)",
        "number of outliers\ncrossing (BCE ≥ HSC): all (here), 32 (published)",
        "number of outliers\ncrossing (BCE ≥ HSC): none (here)\nBCE is 13.0 behind at all",
        "number of outliers\ncrossing (BCE ≥ HSC): 1 (here)",  # the paper has no head on frozen features
    ]
    shown(figure)
    columns = ["crossing", "crossing_published"]
    found = [rows[columns].drop_duplicates().to_numpy().tolist() for _, rows in outliers.runs(drawn)]
    np.testing.assert_equal(found, [[[64, 8]], [[math.inf, 32]], [[math.nan, math.nan]], [[1, math.nan]]])
    _, plain = outliers.averages(data, "outlier_count")
    pd.testing.assert_frame_equal(drawn.drop(columns=columns), plain)


def test_nothing_is_said_of_methods_that_were_not_run(conform: Conform) -> None:
    data = summary(conform, {("cifar10", LENET): (99, 99, 99, 99)})
    figure, drawn = draw(data[data["method"] == "hsc"], "outlier_count")
    assert below(figure) == ["number of outliers"]
    assert drawn["crossing"].isna().all()


def test_panels_side_by_side_do_not_cover_each_other(
    conform: Conform, overlapping: Callable[[Figure], list[tuple[int, int]]]
) -> None:
    means = {(name, LENET): (80, 80, 80, 92.98) for name in ("cifar10", "imagenet30", "mnist5k", "elpv")}
    figure, _ = draw(summary(conform, means), "outlier_count")
    assert below(figure)[2].endswith("none (here)\nBCE is under 0.1 behind at all")
    assert len(figure.axes) == 6 and overlapping(figure) == []

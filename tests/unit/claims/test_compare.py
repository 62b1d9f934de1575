"""Numbers of trainings side by side: which rows belong together, and what is made of them."""

from collections.abc import Callable

import numpy as np
import pytest

from oneclass.claims.claim import LARGEST, SMALLEST, Compare, How
from oneclass.claims.compare import AmbiguousError, Measured, compare
from oneclass.claims.interval import estimate
from oneclass.claims.rows import Rows, joined

ANY = (-1000.0, 1000.0)


def here(measured: Measured) -> float:
    return estimate(measured, 1, ANY).here


@pytest.fixture
def two(rows: Callable[..., Rows]) -> Rows:
    return joined([rows([90, 80], method="hsc"), rows([85, 78], method="bce")])


@pytest.mark.parametrize(
    ("how", "expected"), [("difference", 3.5), ("spread", 3.5), ("lead", 3.5), ("regret", 0.0), ("mean", 85.0)]
)
def test_what_is_made_of_two_levels(how: How, expected: float, two: Rows) -> None:
    levels = ({"method": "hsc"}, {"method": "bce"})[: 1 if how == "mean" else 2]
    assert here(compare(Compare(levels, how=how), two)) == pytest.approx(expected)


def test_a_lead_is_over_the_best_of_the_others_on_average(two: Rows, rows: Callable[..., Rows]) -> None:
    third = joined([two, rows([70, 99], method="dsad")])
    measure = Compare(each="method", first="hsc", how="lead")
    assert here(compare(measure, third)) == pytest.approx(85 - 84.5)


def test_the_smallest_and_the_largest_value_are_those_of_the_run(rows: Callable[..., Rows]) -> None:
    by_norm = [rows([100 - norm], method="projector", center_norm=norm) for norm in (1.0, 8.0, 32.0)]
    other = [rows([100 - norm], dataset="cells", method="projector", center_norm=norm) for norm in (2.0, 4.0)]
    measured = compare(Compare(({"center_norm": SMALLEST}, {"center_norm": LARGEST})), joined(by_norm + other))
    assert here(measured) == pytest.approx((31 + 2) / 2)


def test_one_value_is_not_compared_with_itself(rows: Callable[..., Rows]) -> None:
    one = rows([99], method="projector", center_norm=1.0)
    assert compare(Compare(({"center_norm": SMALLEST}, {"center_norm": LARGEST})), one).groups == [[]]
    assert compare(Compare(each="center_norm", how="spread"), one).groups == [[]]


def test_runs_without_the_first_value_are_left_out(rows: Callable[..., Rows]) -> None:
    norms = joined([rows([99], center_norm=norm, method="projector") for norm in (2.0, 4.0)])
    assert compare(Compare(each="center_norm", first=1.0, how="regret"), norms).groups == [[]]


def test_trainings_are_paired_by_class_and_repetition(rows: Callable[..., Rows]) -> None:
    hsc = [rows([90, 80], repetition=number, method="hsc") for number in range(3)]
    bce = [rows([70], repetition=number, method="bce") for number in (1, 2)]  # of the first class alone
    measured = compare(Compare(({"method": "hsc"}, {"method": "bce"})), joined(hsc + bce))
    assert measured.trainings == 2 and here(measured) == pytest.approx(20)


def test_a_method_in_which_nothing_is_random_is_compared_with_every_repetition(rows: Callable[..., Rows]) -> None:
    adam = [rows([80 + number], repetition=number, method="projector") for number in range(3)]
    solved = rows([90], method="closed_form")
    measured = compare(Compare(({"method": "closed_form"}, {"method": "projector"})), joined([*adam, solved]))
    assert measured.trainings == 3 and here(measured) == pytest.approx(9)


def test_methods_in_which_nothing_is_random_have_one_training_a_class(rows: Callable[..., Rows]) -> None:
    both = joined([rows([90, 80], method="closed_form"), rows([85, 85], method="padim")])
    measured = compare(Compare(({"method": "closed_form"}, {"method": "padim"})), both)
    assert measured.trainings == 2 and here(measured) == 0


def test_data_sets_pools_and_networks_are_not_mixed(rows: Callable[..., Rows]) -> None:
    for column in ("dataset", "pool", "network", "protocol", "filter", "augmented"):
        mixed = joined([rows([90], method="hsc", **{column: "one"}), rows([70], method="bce", **{column: "two"})])
        assert compare(Compare(({"method": "hsc"}, {"method": "bce"})), mixed).groups == [[]]


def test_what_differs_between_levels_may_be_set_apart(rows: Callable[..., Rows]) -> None:
    mixed = joined([rows([90], method="hsc", pool="one"), rows([70], method="bce", pool="two")])
    assert here(compare(Compare(({"method": "hsc"}, {"method": "bce"}), apart=("pool",)), mixed)) == 20


def test_two_rows_for_one_training_are_an_error(two: Rows) -> None:
    twice = joined([two, two])
    with pytest.raises(AmbiguousError, match="HSC"):
        compare(Compare(({"method": "hsc"}, {"method": "bce"})), twice)


def test_a_second_group_is_subtracted(rows: Callable[..., Rows]) -> None:
    both = joined([rows([90, 80], task="one_vs_rest"), rows([60, 62], task="leave_one_out", dataset="other")])
    both = Rows(both.frame.assign(method="bce"), both.draws)
    groups = ({"task": "one_vs_rest"}, {"task": "leave_one_out"})
    measured = compare(Compare(({"method": "bce"},), how="mean", groups=groups), both)
    assert here(measured) == pytest.approx(24) and measured.trainings == 2


@pytest.mark.parametrize(("sign", "expected"), [(1, 1), (-1, -1)])
def test_the_correlation_is_of_ranks_over_all_data_sets(sign: int, expected: float, rows: Callable[..., Rows]) -> None:
    def numbers(dataset: str, cosines: list[float]) -> list[Rows]:
        falls = [np.exp(sign * cosine) for cosine in cosines]  # not a line, and in order
        levels = {1.0: [90.0] * 3, 32.0: [90 - fall for fall in falls]}
        fell = [rows(values, dataset=dataset, center_norm=norm, sweep="projector") for norm, values in levels.items()]
        return [*fell, rows(cosines, dataset=dataset, sweep="similarity")]

    found = joined(numbers("digits", [0.1, 0.5, 0.3]) + numbers("cells", [0.7, 0.2, 0.9]))
    found = Rows(found.frame.assign(method=None), found.draws)
    levels = (
        {"sweep": "similarity"},
        {"center_norm": 1.0, "sweep": "projector"},
        {"center_norm": 32.0, "sweep": "projector"},
    )
    measured = compare(Compare(levels, how="correlation"), found)
    assert measured.trainings == 6 and here(measured) == pytest.approx(expected)

"""Verdicts, on made-up numbers of which the answer is known."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneclass.claims.claim import FAILS, HOLDS, LARGEST, SMALLEST, UNDECIDED, Bar, Claim, Compare
from oneclass.claims.judge import Judged, judge
from oneclass.claims.rows import Rows, joined
from oneclass.claims.sources import COUNTS, SEARCHES

NUMBERS = st.floats(-100, 100)


def verdict(claim: Claim, found: Rows | None = None, lacking: dict[str, str] | None = None) -> Judged:
    [judged] = judge([claim], {} if found is None else {"counts": found}, lacking or {}, 1)
    return judged


@pytest.fixture
def ahead(rows: Callable[..., Rows]) -> Callable[..., Rows]:
    """HSC, ahead of BCE by about so many points on ten classes."""

    def make(points: float, spread: float, classes: int = 10, **columns: str) -> Rows:
        bce = np.linspace(70, 90, classes)
        hsc = bce + points + spread * np.where(np.arange(classes) % 2, 1, -1)
        return joined([rows(hsc, method="hsc", **columns), rows(bce, method="bce", **columns)])

    return make


@pytest.mark.parametrize(
    ("points", "spread", "expected"), [(5, 1, HOLDS), (-5, 1, FAILS), (0.1, 5, UNDECIDED), (-0.1, 5, UNDECIDED)]
)
def test_a_number_with_its_interval_is_held_against_the_bar(
    points: float, spread: float, expected: str, ahead: Callable[..., Rows], claim: Callable[..., Claim]
) -> None:
    judged = verdict(claim(), ahead(points, spread))
    assert judged.verdict == expected and judged.estimate and judged.estimate.here == pytest.approx(points)


@pytest.mark.parametrize(("points", "expected"), [(0.5, HOLDS), (5, FAILS), (-5, FAILS), (2, UNDECIDED)])
def test_level_is_within_a_margin_on_both_sides(
    points: float, expected: str, ahead: Callable[..., Rows], claim: Callable[..., Claim]
) -> None:
    assert verdict(claim(bar=Bar(-2, 2)), ahead(points, 0.5)).verdict == expected


def test_equal_numbers_decide_nothing_about_which_is_higher(
    ahead: Callable[..., Rows], claim: Callable[..., Claim]
) -> None:
    judged = verdict(claim(), ahead(0, 0))
    assert judged.verdict == UNDECIDED
    assert judged.reason.startswith("The interval is one number, which lies on the bar.")
    assert verdict(claim(bar=Bar(-1, 1)), ahead(0, 0)).verdict == HOLDS


def test_one_training_tells_nothing(ahead: Callable[..., Rows], claim: Callable[..., Claim]) -> None:
    judged = verdict(claim(), ahead(5, 0, classes=1))
    assert judged.verdict == UNDECIDED and "one training" in judged.reason


def test_values_that_are_no_numbers_are_named(rows: Callable[..., Rows], claim: Callable[..., Claim]) -> None:
    """Nine classes of ten have a number, and another data set has all of them."""
    hsc = rows([np.nan, *range(80, 89)], method="hsc", dataset="cells")
    fine = [rows(range(50, 60), method=method) for method in ("hsc", "bce")]
    judged = verdict(claim(), joined([hsc, rows(range(70, 80), method="bce", dataset="cells"), *fine]))
    assert (judged.verdict, judged.reason) == (UNDECIDED, "There are values that are no numbers (NaN): cells.")
    assert (judged.number, judged.with_unit) == ("–", "–")
    alone = verdict(claim(), joined([rows([np.nan], method="hsc"), rows([70], method="bce")]))
    assert alone.reason == "There are values that are no numbers (NaN): digits."


def test_few_trainings_are_counted_in_the_reason(ahead: Callable[..., Rows], claim: Callable[..., Claim]) -> None:
    assert "only 3 trainings" in verdict(claim(), ahead(1, 3, classes=3)).reason
    assert "only" not in verdict(claim(), ahead(0.1, 3, classes=9)).reason


def test_a_missing_section_is_named(claim: Callable[..., Claim]) -> None:
    judged = verdict(claim(), lacking={"counts": "the configuration has no section exposure.counts"})
    assert (judged.verdict, judged.reason) == (UNDECIDED, "The configuration has no section exposure.counts.")
    assert judged.estimate is None


def test_a_section_that_lacks_what_the_claim_needs_says_so(
    rows: Callable[..., Rows], claim: Callable[..., Claim]
) -> None:
    judged = verdict(claim(), rows([90, 80], method="hsc"))
    assert (judged.verdict, judged.reason) == (UNDECIDED, "This run has no networks.")


def test_one_of_two_groups_alone_is_not_enough(ahead: Callable[..., Rows], claim: Callable[..., Claim]) -> None:
    groups = ({"task": "one_vs_rest"}, {"task": "leave_one_out"})
    measure = Compare(({"method": "hsc"}, {"method": "bce"}), groups=groups)
    assert verdict(claim(measure=measure), ahead(1, 1, task="one_vs_rest")).reason == "This run has no networks."


def test_each_group_of_a_difference_is_told_as_a_mean(ahead: Callable[..., Rows], claim: Callable[..., Claim]) -> None:
    groups = ({"task": "one_vs_rest"}, {"task": "leave_one_out"})
    measure = Compare(({"method": "hsc"},), how="mean", groups=groups)
    both = [ahead(9, 1, task="one_vs_rest"), ahead(4, 1, task="leave_one_out", dataset="left out")]
    assert re.match(r"digits: mean \d+.*; left out: mean \d+", verdict(claim(measure=measure), joined(both)).by_run)


def test_a_measure_that_picks_two_numbers_of_one_training_is_no_verdict(
    ahead: Callable[..., Rows], claim: Callable[..., Claim]
) -> None:
    judged = verdict(claim(), joined([ahead(1, 1), ahead(2, 1)]))
    assert judged.verdict == UNDECIDED and "several numbers for one training: HSC" in judged.reason


def test_data_sets_that_disagree_are_named(ahead: Callable[..., Rows], claim: Callable[..., Claim]) -> None:
    judged = verdict(claim(), joined([ahead(9, 1), ahead(-2, 1, dataset="cells")]))
    assert "the whole interval meets the bar on digits, and misses it on cells" in judged.reason
    assert re.fullmatch(r"digits: \+9.0 \(\+8.\d+ to \+9.\d+\); cells: −2.0 \(−2.\d+ to −1.\d+\)", judged.by_run)


def test_data_sets_do_not_differ_while_an_interval_reaches_across_the_bar(
    ahead: Callable[..., Rows], claim: Callable[..., Claim]
) -> None:
    judged = verdict(claim(), joined([ahead(9, 1), ahead(-0.1, 5, dataset="cells")]))
    assert "differ" not in judged.reason and "Only one" not in judged.reason


def test_a_setting_that_was_run_alone_is_named(ahead: Callable[..., Rows], claim: Callable[..., Claim]) -> None:
    assert verdict(claim(), ahead(5, 1)).reason == "The whole interval meets the bar. Only one setting was run: digits."


def test_an_interval_of_almost_everything_is_not_shown(ahead: Callable[..., Rows], claim: Callable[..., Claim]) -> None:
    judged = verdict(claim(), ahead(1, 30, classes=2))
    assert (judged.verdict, judged.number) == (UNDECIDED, "+1.0")
    assert judged.reason == "2 trainings are too few: the interval covers almost all that the number can be."


def test_the_number_of_heads_is_told_and_decides_nothing(
    ahead: Callable[..., Rows], claim: Callable[..., Claim]
) -> None:
    where = Compare(({"method": "hsc"}, {"method": "bce"}), where={"network": "lenet"})
    both = claim(measure=where, aside=replace(where, where={"network": "head"}))
    lenet, head = ahead(5, 1, network="lenet"), ahead(-5, 1, network="head")
    judged = verdict(both, joined([lenet, head]))
    assert judged.verdict == HOLDS and judged.by_head.startswith("digits / head on frozen features: −5.0 (")
    alone = verdict(both, head)
    assert (alone.verdict, alone.number, alone.by_head) == (UNDECIDED, "–", judged.by_head)


def test_all_sources_are_needed(ahead: Callable[..., Rows], claim: Callable[..., Claim]) -> None:
    both = claim(sources=(COUNTS, SEARCHES))
    assert verdict(both, ahead(5, 1), {"searches": "no searches"}).reason == "No searches."


def test_a_norm_that_was_run_alone_decides_nothing(rows: Callable[..., Rows], claim: Callable[..., Claim]) -> None:
    measure = Compare(({"center_norm": SMALLEST}, {"center_norm": LARGEST}))
    found = verdict(claim(measure=measure), rows([90, 91], method="projector", center_norm=1.0))
    assert found.verdict == UNDECIDED


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_verdict_follows_from_the_ends_of_the_interval(bar: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    for chosen in (Bar(low=bar), Bar(high=bar), Bar(bar - 1, bar + 1)):
        found = chosen.verdict(low, high)
        assert (found == HOLDS) == (chosen.has(low) and chosen.has(high))
        if found == FAILS:
            assert not chosen.has(low) and not chosen.has(high) and not chosen.has((low + high) / 2)


@given(NUMBERS, NUMBERS, st.floats(0, 50))
def test_a_wider_interval_never_decides_what_a_narrower_leaves_open(bar: float, here: float, wider: float) -> None:
    narrow, wide = (Bar(low=bar).verdict(here - half, here + half) for half in (1, 1 + wider))
    assert wide in (narrow, UNDECIDED)

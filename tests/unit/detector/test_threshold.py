"""What a threshold promises of new normal pictures, and which held-out ones would spoil it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneclass.detector.threshold import choose_threshold, false_alarms, outlying


@pytest.mark.parametrize(("count", "quantile"), [(3, 0.99), (9, 0.99), (40, 0.9), (200, 0.99)])
def test_the_interval_of_false_alarms_holds_in_95_of_100_cases(count: int, quantile: float) -> None:
    rng = np.random.default_rng(0)
    promised = false_alarms(count, quantile)
    shares = []
    for _ in range(4000):
        threshold = choose_threshold(rng.uniform(1, 2, count).astype(np.float32), quantile)
        shares.append(2 - min(threshold, 2))  # of uniform scores in [1, 2], those above it
    inside = [promised.low <= share <= promised.high for share in shares]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.015)
    assert np.mean(shares) == pytest.approx(promised.expected, abs=0.01)


def test_few_pictures_promise_little() -> None:
    assert false_alarms(3, 0.99) == pytest.approx((0.25, 0.0084, 0.7076), abs=1e-4)


@given(st.integers(1, 500), st.floats(0.5, 0.999))
def test_the_expected_share_is_within_its_interval(count: int, quantile: float) -> None:
    expected, low, high = false_alarms(count, quantile)
    assert 0 <= low < expected < high <= 1


def normal_scores(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(1, 0.07, count).astype(np.float32)


@pytest.mark.parametrize("count", [9, 30, 100])
def test_a_score_far_above_the_others_is_outlying(count: int) -> None:
    scores = normal_scores(count)
    scores[4] *= 2
    assert outlying(scores) == [4]


def test_two_of_them_do_not_hide_each_other() -> None:
    scores = normal_scores(30)
    scores[[4, 11]] = [6.0, 6.1]
    assert outlying(scores) == [11, 4]


def test_scores_of_one_kind_are_seldom_outlying() -> None:
    assert np.mean([bool(outlying(normal_scores(30, seed))) for seed in range(1000)]) < 0.03


@pytest.mark.parametrize("scores", [[1.0], [1.0, 5.0], [1.0, 1.0, 9.0], [2.0] * 20, [0.0] * 5, [0.0, 0.0, 0.0, 1.0]])
def test_scores_too_few_or_too_equal_to_tell_are_not_outlying(scores: list[float]) -> None:
    assert outlying(np.array(scores, np.float32)) == []

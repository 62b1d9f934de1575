"""Intervals over images and trainings, against what is known of made-up numbers."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from oneclass.claims.claim import Compare
from oneclass.claims.compare import Measured, Run, by_means, compare
from oneclass.claims.interval import Estimate, estimate
from oneclass.claims.rows import Rows, joined

ANY = (-1000.0, 1000.0)
HSC_LESS_BCE = Compare(({"method": "hsc"}, {"method": "bce"}))
MEAN = Compare(({"method": "hsc"},), how="mean")


def half(found: Estimate) -> float:
    return found.high - found.here


def test_of_numbers_whose_images_do_not_vary_it_is_students(rows: Callable[..., Rows]) -> None:
    values = np.random.default_rng(3).normal(80, 5, 12)
    found = estimate(compare(MEAN, rows(values, method="hsc")), 1, ANY)
    expected = stats.t.ppf(0.975, 11) * values.std(ddof=1) / np.sqrt(12)
    assert found.here == pytest.approx(values.mean())
    assert half(found) == pytest.approx(expected, rel=0.15) and half(found) == pytest.approx(found.here - found.low)


def test_of_trainings_that_do_not_vary_it_is_that_of_the_images(rows: Callable[..., Rows]) -> None:
    values = [80.0] * 3
    found = estimate(compare(MEAN, rows(values, images=3, method="hsc")), 1, ANY)
    assert half(found) == pytest.approx(1.96 * 3 / np.sqrt(3), rel=0.15)
    assert half(estimate(compare(MEAN, rows(values, method="hsc")), 1, ANY)) == 0


def test_what_images_and_trainings_do_adds_up(rows: Callable[..., Rows]) -> None:
    values = np.random.default_rng(3).normal(80, 5, 40)
    parts = [rows(values, method="hsc"), rows([80.0] * 40, images=5, method="hsc")]
    both = rows(values, images=5, method="hsc")
    trainings, images, whole = (half(estimate(compare(MEAN, found), 1, ANY)) for found in (*parts, both))
    assert whole == pytest.approx(np.hypot(trainings, images), rel=0.1)


def test_methods_on_the_same_images_are_compared_in_pairs(rows: Callable[..., Rows]) -> None:
    """What images do to both methods alike does not widen the interval of their difference."""
    values = np.linspace(70, 90, 12)
    both = joined([rows(values + 1, images=5, method="hsc"), rows(values, images=5, method="bce")])
    found = estimate(compare(HSC_LESS_BCE, both), 1, ANY)
    assert found.here == pytest.approx(1) and half(found) == pytest.approx(0, abs=1e-9)
    alone = estimate(compare(MEAN, both), 1, ANY)
    assert half(alone) > 3


def test_trainings_are_paired_too(rows: Callable[..., Rows]) -> None:
    values = np.random.default_rng(3).normal(80, 5, 12)
    both = joined([rows(values + 1, method="hsc"), rows(values, method="bce")])
    assert half(estimate(compare(HSC_LESS_BCE, both), 1, ANY)) == pytest.approx(0, abs=1e-9)


def test_of_one_training_there_is_none(rows: Callable[..., Rows]) -> None:
    found = estimate(compare(MEAN, rows([80], images=3, method="hsc")), 1, ANY)
    assert found.here == 80 and np.isnan([found.low, found.high]).all() and found.trainings == 1


def test_of_two_trainings_it_is_wide(rows: Callable[..., Rows]) -> None:
    found = estimate(compare(MEAN, rows([80, 82], method="hsc")), 1, ANY)
    assert half(found) == pytest.approx(stats.t.ppf(0.975, 1) * 1, rel=0.1)


def test_it_ends_where_numbers_do(rows: Callable[..., Rows]) -> None:
    found = estimate(compare(MEAN, rows([10, 95], method="hsc")), 1, (0.0, 100.0))
    assert (found.low, found.high) == (0, 100)


def test_it_depends_on_the_seed_and_nothing_else(rows: Callable[..., Rows]) -> None:
    measured = compare(MEAN, rows([80, 82, 85], images=2, method="hsc"))
    assert estimate(measured, 1, ANY) == estimate(measured, 1, ANY) != estimate(measured, 2, ANY)


def test_groups_are_resampled_apart(rows: Callable[..., Rows]) -> None:
    """Of a group less itself the number is 0, but its trainings are not paired."""
    one = rows(list(range(70, 90)), method="hsc")
    twice = Compare(({"method": "hsc"},), how="mean", groups=({}, {}))
    found = estimate(compare(twice, one), 1, ANY)
    single = estimate(compare(MEAN, one), 1, ANY)
    assert found.here == 0 and half(found) == pytest.approx(np.sqrt(2) * half(single), rel=0.2)


def test_every_data_set_counts_by_its_trainings_and_is_listed(rows: Callable[..., Rows]) -> None:
    both = joined([rows([90], method="hsc"), rows([60, 60, 60], method="hsc", dataset="cells")])
    found = estimate(compare(MEAN, both), 1, ANY)
    assert found.here == pytest.approx(67.5) and {name: run.here for name, run in found.by_run} == {
        "digits": 90,
        "cells": 60,
    }
    (_, digits), (_, cells) = found.by_run
    assert np.isnan(digits.low) and (cells.low, cells.high, cells.trainings) == (60, 60, 3)


def test_runs_with_one_label_are_listed_once(rows: Callable[..., Rows]) -> None:
    both = joined([rows([90], method="hsc"), rows([60, 60, 60], method="bce")])
    found = estimate(compare(Compare(({"sweep": "counts"},), how="mean", along=("method",)), both), 1, ANY)
    assert [name for name, _ in found.by_run] == ["digits"] and found.trainings == 4
    assert found.by_run[0][1] == replace(found, by_run=())


@pytest.mark.parametrize(("classes", "repetitions"), [(2, 1), (3, 1), (1, 3), (2, 5), (12, 1)])
@pytest.mark.parametrize("images", [0.2, 1.0])
def test_it_holds_the_truth_as_often_as_it_says(classes: int, repetitions: int, images: float) -> None:
    """Trainings that vary by 1 around 80, and images that vary alike in all repetitions of a class."""
    hits, tries, n = 0, 400, classes * repetitions
    for number in range(tries):
        source = np.random.default_rng([99, classes, repetitions, number])
        drawn = np.repeat(source.normal(0, images, (classes, 101)), repetitions, axis=0)
        values = 80 + source.normal(0, 1, n) + drawn[:, 0]
        levels = np.column_stack([values, values[:, None] + drawn[:, 1:]])[None]
        found = estimate(Measured([[Run("", "", levels, by_means("mean"))]]), number, ANY)
        hits += found.low <= 80 <= found.high
    assert hits / tries >= 0.93

"""The grid of a sweep: every combination that applies, once, in a fixed order."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneclass import tidy
from oneclass.catalogue.methods import of_kind, options
from oneclass.catalogue.records import Loss
from oneclass.config.methods import options_of
from oneclass.exposure.losses.hsc import RADIALS
from oneclass.training.trials import WHOLE, Trial, grid

LOSSES = of_kind(Loss)
VALUES = {"radial": list(RADIALS), "gamma": [0.0, 0.5, 2.0]}


def sweep(methods: Any = ("hsc",), values: Any = None, **changes: Any) -> dict[str, Any]:
    """A sweep of ``methods`` with ``values`` of their options."""
    defaults = {"repetitions": 1, "outlier_counts": ["all"], "outlier_class_counts": [], "augmented": [False]}
    return defaults | {"methods": {name: options_of(name, values or {}) for name in methods}} | changes


def some(values: Any, least: int = 1) -> Any:
    return st.lists(st.sampled_from(values), min_size=least, unique=True)


SWEEPS = st.builds(
    sweep,
    methods=some(list(LOSSES)),
    values=st.fixed_dictionaries({name: some(VALUES[name]) for name in VALUES}),
    repetitions=st.integers(1, 3),
    outlier_counts=some([0, 1, 64, "all"]),
    outlier_class_counts=some([1, 4], least=0),
    augmented=some([False, True]),
)
CLASSES, FILTERS = some(["cat", "dog"]), some(["none", "lpf3", "hpf2"])


@given(SWEEPS, FILTERS, CLASSES)
def test_every_trial_once_and_only_with_what_applies(
    sweep: dict[str, Any], filters: list[str], classes: list[str]
) -> None:
    trials = grid(sweep, filters, classes)
    assert all(trial not in trials[:position] for position, trial in enumerate(trials))
    assert trials == grid(sweep, filters, classes)
    for trial in trials:
        loss = LOSSES[trial.method]
        assert trial.options.keys() == loss.options.keys()
        assert trial.outlier_count > 0 or loss.outliers != "required"
        assert trial.outlier_count == 0 or loss.outliers != "none"
    alone = sweep["repetitions"] * len(filters) * len(classes) * len(sweep["augmented"])
    kinds = len(sweep["outlier_class_counts"]) or 1
    for method, described in sweep["methods"].items():
        taken = LOSSES[method].outliers
        counts = [count for count in sweep["outlier_counts"] if count != 0 or taken != "required"]
        each = math.prod(len(values) for values in described["options"].values())
        expected = alone * each * (1 if taken == "none" else len(counts) * kinds)
        assert sum(trial.method == method for trial in trials) == expected


@given(SWEEPS, FILTERS)
def test_classes_in_two_jobs_are_those_of_one(sweep: dict[str, Any], filters: list[str]) -> None:
    apart = [trial for name in ("cat", "dog") for trial in grid(sweep, filters, [name])]
    assert sorted(map(repr, apart)) == sorted(map(repr, grid(sweep, filters, ["cat", "dog"])))


def test_the_order() -> None:
    trials = grid(sweep(["bce", "dsvdd"], repetitions=2, outlier_counts=[4, "all"]), ["none"], ["cat", "dog"])
    assert [(trial.repetition, trial.class_name, trial.method, trial.outlier_count) for trial in trials] == [
        (repetition, name, method, count)
        for repetition in (0, 1)
        for name in ("cat", "dog")
        for method, count in (("bce", 4), ("bce", WHOLE), ("dsvdd", 0))
    ]


def test_values_of_an_option_come_before_numbers_of_outliers() -> None:
    trials = grid(sweep(["focal"], {"gamma": [0.5, 2.0]}, outlier_counts=[1, "all"]), ["none"], ["cat"])
    assert [(trial.options, trial.outlier_count) for trial in trials] == [
        ({"gamma": gamma}, count) for gamma in (0.5, 2.0) for count in (1, WHOLE)
    ]


def test_several_options_are_combined() -> None:
    both = {"outliers": "optional", "options": {"a": [1, 2], "b": ["x", "y"]}}
    trials = grid(sweep() | {"methods": {"new": both}}, ["none"], ["cat"])
    assert [trial.options for trial in trials] == [{"a": a, "b": b} for a in (1, 2) for b in ("x", "y")]


def test_outlier_classes_go_with_the_whole_pool() -> None:
    [two, eight] = grid(sweep(outlier_class_counts=[2, 8]), ["none"], ["cat"])
    assert (two.outlier_count, two.outlier_class_count, eight.outlier_class_count) == (WHOLE, 2, 8)
    [whole] = grid(sweep(), ["none"], ["cat"])
    assert whole.outlier_class_count is None


def test_what_tells_trials_apart() -> None:
    trial = Trial("cat", 3, "focal", {"gamma": 0.5}, WHOLE, 4, filter="lpf14", augmented=True)
    assert trial.columns() == {
        "class": "cat",
        "method": "focal",
        "gamma": 0.5,
        "outlier_count": math.inf,
        "outlier_class_count": 4,
        "filter": "lpf",
        "magnitude": 14,
        "augmented": "yes",
        "repetition": 3,
    }


def test_what_does_not_apply_is_null() -> None:
    columns = Trial("cat", 0, "bce").columns()
    assert math.isnan(columns["outlier_class_count"]) and not columns.keys() & options().keys()


@pytest.mark.parametrize("method", LOSSES)
def test_the_columns_are_those_of_the_schema_and_options(method: str) -> None:
    [trial] = grid(sweep([method]), ["none"], ["cat"])
    assert trial.columns().keys() <= tidy.SCHEMAS["scores"].keys() | LOSSES[method].options.keys()

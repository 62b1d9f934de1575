"""The grid of a sweep: every combination that applies, once, in a fixed order."""

import math
import subprocess
import sys
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from oneclass.config.exposure import Method, Network
from oneclass.exposure.members import CLASSIFIERS, SIZES, STORED, UNSUPERVISED, WHOLE, Member, grid
from oneclass.exposure.methods.hsc import RADIALS

METHODS = get_args(Method)


def sweep(**changes: Any) -> dict[str, Any]:
    defaults = {
        "seeds": 1,
        "methods": ["hsc"],
        "radials": ["pseudo_huber"],
        "gammas": [2.0],
        "outliers": ["all"],
        "outlier_classes": [],
        "augmented": [False],
    }
    return defaults | changes


def some(values: Any, least: int = 1) -> Any:
    return st.lists(st.sampled_from(values), min_size=least, unique=True)


SWEEPS = st.fixed_dictionaries(
    {
        "seeds": st.integers(1, 3),
        "methods": some(METHODS),
        "radials": some(list(RADIALS)),
        "gammas": some([0.0, 0.5, 2.0]),
        "outliers": some([0, 1, 64, "all"]),
        "outlier_classes": some([1, 4], least=0),
        "augmented": some([False, True]),
    }
)
CLASSES, FILTERS = some(["cat", "dog"]), some(["none", "lpf3", "hpf2"])


def key(member: Member) -> str:
    """NaN is not equal to itself, its name is."""
    return repr(member)


@given(SWEEPS, FILTERS, CLASSES)
def test_every_member_once_and_what_does_not_apply_is_empty(
    sweep: dict[str, Any], filters: list[str], classes: list[str]
) -> None:
    members = grid(sweep, filters, classes)
    assert len({key(member) for member in members}) == len(members)
    assert [key(member) for member in members] == [key(member) for member in grid(sweep, filters, classes)]
    for member in members:
        assert (member.radial != "") == (member.method == "hsc")
        assert math.isnan(member.gamma) == (member.method != "focal")
        assert member.outliers > 0 or member.method not in CLASSIFIERS
        assert member.outliers == 0 or member.method not in UNSUPERVISED
    alone = sweep["seeds"] * len(filters) * len(classes) * len(sweep["augmented"])
    kinds = len(sweep["outlier_classes"]) or 1
    for method in sweep["methods"]:
        counts = [count for count in sweep["outliers"] if count != 0 or method not in CLASSIFIERS]
        each = {"hsc": len(sweep["radials"]), "focal": len(sweep["gammas"])}.get(method, 1)
        expected = alone * (1 if method in UNSUPERVISED else each * len(counts) * kinds)
        assert sum(member.method == method for member in members) == expected


@given(SWEEPS, FILTERS)
def test_classes_in_two_jobs_are_those_of_one(sweep: dict[str, Any], filters: list[str]) -> None:
    apart = [member for name in ("cat", "dog") for member in grid(sweep, filters, [name])]
    assert sorted(map(key, apart)) == sorted(map(key, grid(sweep, filters, ["cat", "dog"])))


def test_the_order() -> None:
    members = grid(sweep(seeds=2, methods=["bce", "dsvdd"], outliers=[4, "all"]), ["none"], ["cat", "dog"])
    assert [(member.seed, member.class_name, member.method, member.outliers) for member in members] == [
        (seed, name, method, count)
        for seed in (0, 1)
        for name in ("cat", "dog")
        for method, count in (("bce", 4), ("bce", WHOLE), ("dsvdd", 0))
    ]


def test_outlier_classes_go_with_the_whole_pool() -> None:
    [two, eight] = grid(sweep(outlier_classes=[2, 8]), ["none"], ["cat"])
    assert (two.outliers, two.outlier_classes, eight.outlier_classes) == (WHOLE, 2, 8)
    [whole] = grid(sweep(), ["none"], ["cat"])
    assert math.isnan(whole.outlier_classes)


def test_networks_and_methods_of_the_config_are_known() -> None:
    assert SIZES.keys() == STORED.keys() == {name for name in get_args(Network) if name != "head"}
    assert all(STORED[name] >= SIZES[name] for name in SIZES)
    assert {*CLASSIFIERS, *UNSUPERVISED} <= {*METHODS}


def test_the_workflow_plans_without_torch() -> None:
    code = "import sys; from oneclass.exposure.members import grid; assert not {'torch', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)

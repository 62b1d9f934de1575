"""What the override cuts of ``configs/paper.yaml``, and what it leaves."""

import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

CUT = {
    *("resize", "crop", "keep"),  # images
    *("architecture", "hub", "file", "tag", "checkpoint"),  # networks, by names that stay
    *("repetitions", "epochs", "milestones", "batch_size", "steps", "ewc_steps", "oe_steps", "fisher_images"),
    *("width", "memory_mb", "bootstrap", "outliers", "outlier_counts", "outlier_class_counts", "mpdd", "visa"),
    *("pretraining", "blocks", "side", "image_size", "size", "stride", "shrink", "patches", "batch", "views"),
    *("individuals", "generations", "candidates", "nearest", "random_outliers"),
}


@pytest.fixture(scope="module")
def standins(project: Path) -> dict[str, Any]:
    return runpy.run_path(str(project / "tests" / "paper" / "standins.py"))


@pytest.fixture(scope="module")
def paper(project: Path) -> dict[str, Any]:
    return yaml.safe_load((project / "configs" / "paper.yaml").read_text())


def test_sizes_and_steps_are_cut_and_nothing_else(standins: dict[str, Any], paper: dict[str, Any]) -> None:
    assert {key for key, *_ in changed(paper, standins["configuration"]())} == CUT


def test_where_classes_are_cut_those_that_are_searched_stay(standins: dict[str, Any], paper: dict[str, Any]) -> None:
    searched = paper["exposure"]["search"]["runs"][1]["classes"]
    kept = {tuple(new) for key, _, new in changed(paper, standins["configuration"]()) if key == "keep"}
    assert kept == {tuple(searched)}


def test_what_is_said_of_each_is_said_of_every_item(standins: dict[str, Any]) -> None:
    cut = standins["cut"]
    assert cut({"a": {"n": 1}, "b": {"n": 2}}, {"each": {"m": 3}}) == {"a": {"n": 1, "m": 3}, "b": {"n": 2, "m": 3}}
    assert cut([{"n": 1}, {"n": 2, "m": 3}], {"each": {"n": None}}) == [{"n": None}, {"n": None, "m": 3}]
    assert cut({"runs": [{"n": 1}], "k": [1, 2]}, {"k": [3]}) == {"runs": [{"n": 1}], "k": [3]}


def changed(old: Any, new: Any, key: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The innermost keys whose values differ, with both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in {**old, **new}:
            yield from changed(old.get(name), new.get(name), name)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            yield from changed(one, other, key)
    elif old is None and isinstance(new, dict):
        yield from changed({}, new, key)
    elif old != new:
        yield key, old, new

"""Mistakes in the search's settings."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from oneclass import config
from oneclass.config.search import Search
from oneclass.errors import UserError
from oneclass.search.evolution import Parameters

ROOT = Path(__file__).parents[2]
RUN = {"dataset": "digits", "pool": "photos", "network": "lenet"}


def values(**search: Any) -> dict[str, Any]:
    return {
        "datasets": {"digits": {"source": "mnist5k", "task": "one_vs_rest", "keep": ["0", "3"]}},
        "oe_pools": {"photos": {"source": "photo_crops", "limit": 100}},
        "backbones": {"resnet18": {"architecture": "resnet18", "weights": {"hub": True}}},
        "exposure": {"search": {"runs": [RUN], "random_outliers": 50} | search},
    }


def test_the_defaults_are_the_papers() -> None:
    search = Search.model_validate({"runs": [RUN]})
    assert Parameters(**search.parameters()) == Parameters(64, 50, 3, 0.05, 0.55, 10_000, 50, 0, 2000)
    assert (
        search.schedule(1e-3) == {"epochs": 30, "milestones": (25,), "batch_size": 128, "learning_rate": 1e-3}
        and search.repetitions == 2
    )
    paper = yaml.safe_load((ROOT / "configs" / "paper.yaml").read_text())["exposure"]["search"]
    assert paper.keys() == {"runs", "figure_classes"}


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"figure_classes": {"digit": ["0"]}}, "search.figure_classes: no data set 'digit'; did you mean 'digits'"),
        ({"figure_classes": {"digits": ["5"]}}, "search.figure_classes.digits: '5' is not among those searched"),
        ({"individuals": 101}, "search.individuals: 101, and pool 'photos' has 100 images; ask for fewer"),
        ({"random_outliers": 101}, "search.random_outliers: 101, and pool 'photos' has 100 images; ask for fewer"),
        ({"candidates": 49}, "search: candidates: 49, and nearest are 50 of them; raise candidates"),
        ({"methods": ["hsc", "dsvdd"]}, "search: methods: dsvdd is trained without outliers; remove it"),
        ({"milestones": [30]}, r"search: milestones \[30\] must lie before the last of 30 epochs"),
        ({"mutation": 1.5}, "search.mutation: Input should be less than or equal to 1"),
        ({"runs": [RUN, RUN | {"filters": ["lpf3"]}]}, "search: two runs on digits, photos, lenet; make them one"),
        ({"runs": [RUN | {"pool": "photo"}]}, "search.runs: no pool 'photo'; did you mean 'photos'"),
        ({"runs": [RUN | {"filters": ["lpf16"]}]}, "search.runs: filter lpf16: magnitude 16 is too large"),
        ({"runs": [RUN | {"classes": ["5"]}]}, "search.runs: data set 'digits' has no class '5'; there is: 0, 3"),
        (
            {"runs": [RUN | {"network": "head"}], "distance_floor": 100},
            "search: distance_floor: of pixels, and head takes features; leave it at 0",
        ),
    ],
)
def test_a_mistake_costs_one_line(search: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        config.load(values(**search))


def test_a_head_needs_a_backbone() -> None:
    with pytest.raises(UserError, match="exposure: a run is on frozen features; name their backbone"):
        config.load(values(runs=[RUN | {"network": "head"}]))


def test_without_a_random_search_the_pool_may_be_smaller() -> None:
    assert config.load(values(random_outliers=101, directions=["best"]))

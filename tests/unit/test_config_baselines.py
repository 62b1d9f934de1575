"""Mistakes in the section ``baselines``, and in what Protocol B needs of systems that are trained on images."""

from typing import Any

import pytest

from tests.unit.configurations import VALID, problems, with_value

POOL = {"source": "photo_crops", "limit": 64}
SECTION: dict[str, Any] = {"datasets": ["cells"], "methods": ["gt"]}
WITH_BASELINES = VALID | {"oe_pools": {"photos": POOL}, "baselines": SECTION}


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("methods", ["gtt"], "baselines.methods: no method 'gtt'; did you mean 'gt'?"),
        ("methods", ["knn"], "baselines.methods: no method 'knn'"),
        ("methods", ["gt_plus_oe"], "'gt_plus_oe' is trained with outliers; name a pool in baselines.pools"),
        ("datasets", ["cell"], "baselines: no data set 'cell'; did you mean 'cells'?"),
        ("options", {"gt": {"epoch": 1}}, "baselines.options.gt: no option 'epoch'; did you mean 'epochs'?"),
        ("options", {"gt": {"epochs": 0}}, "baselines.options.gt.epochs: 0.0 is not a number above 0"),
        ("pools", {"cells": "photo"}, "baselines.pools.cells: no pool 'photo'; did you mean 'photos'?"),
        ("backbone", "lite1", "baselines: no backbone 'lite1'; did you mean 'lite0'?"),
    ],
)
def test_a_mistake_is_one_line(key: str, value: Any, line: str) -> None:
    [found] = problems(with_value(f"baselines.{key}", value, WITH_BASELINES))
    assert line in found


def test_outliers_of_another_size_would_tell_themselves_apart() -> None:
    values = with_value("oe_pools.photos.transform", {"resize": 64, "crop": None}, WITH_BASELINES)
    [found] = problems(with_value("baselines.pools", {"cells": "photos"}, values))
    assert found.startswith("baselines.pools.cells: data set 'cells' and pool 'photos' have different transforms")

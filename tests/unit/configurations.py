"""What the tests of the configuration share: a valid one, changes of it, and the lines that a mistake costs."""

from copy import deepcopy
from typing import Any

import pytest

from oneclass import config
from oneclass.errors import UserError

VALID: dict[str, Any] = {
    "datasets": {"cells": {"source": "elpv", "task": "defect", "classes": ["mono"]}},
    "backbones": {"lite0": {"architecture": "tf_efficientnet_lite0", "weights": {"hub": True}}},
    "objective": {"datasets": ["cells"], "backbone": "lite0", "center_norms": [1, 32]},
}


def with_value(key: str, value: Any, valid: dict[str, Any] = VALID) -> dict[str, Any]:
    """A valid configuration with the value at the dotted ``key``, in which a number is a place in a list, replaced."""
    values = deepcopy(valid)
    *parents, last = key.split(".")
    section: Any = values
    for parent in parents:
        section = section[int(parent)] if parent.isdigit() else section.setdefault(parent, {})
    section[int(last) if last.isdigit() else last] = value
    return values


def problems(values: dict[str, Any]) -> list[str]:
    """The lines of the error that ``values`` cause, without the heading and the indentation."""
    with pytest.raises(UserError) as error:
        config.load(values, "my.yaml")
    heading, *lines = str(error.value).splitlines()
    assert heading.startswith("my.yaml: ")
    return [line.strip() for line in lines] or [heading.removeprefix("my.yaml: ")]

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from oneclass import config
from oneclass.plan.plan import Plan
from oneclass.price.model import Price
from oneclass.price.sizes import Sizes

ROOT = Path(__file__).parents[3]


@pytest.fixture
def price(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Price]:
    """The price of a shipped configuration, with other values in some of its sections (None: without one); in a folder
    of its own, where the pictures that some configurations name are."""
    for folder in ("train/airplane", "train/automobile", "train/bird", "test/airplane"):
        (tmp_path / "data/cifar10_subset" / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    def make(name: str, **sections: Any) -> Price:
        file = ROOT / "config.yaml" if name == "config" else ROOT / "configs" / f"{name}.yaml"
        values = config.extended(yaml.safe_load(file.read_text()), file.parent) | {"extends": None}
        for key, section in sections.items():
            values[key] = None if section is None else values[key] | section
        plan = Plan(config.load(values), ROOT / "workflow_scripts")
        return Price(plan, Sizes(plan.config, tmp_path / "results"))

    return make

"""Numbers of images, before there is an index, against the index."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from oneclass import config
from oneclass.data.build import build
from oneclass.data.tasks import split
from oneclass.price.sizes import Sizes

ROOT = Path(__file__).parents[3]
DEFAULT = config.load(yaml.safe_load((ROOT / "config.yaml").read_text()))
INDEXED = [name for name, dataset in DEFAULT.datasets.items() if dataset.base is None]


@pytest.mark.parametrize("name", INDEXED)
def test_a_data_set_is_as_large_as_its_index(name: str) -> None:
    sizes = Sizes(DEFAULT)
    index = build(name, DEFAULT.datasets[name].model_dump(), Path("data"), DEFAULT.seed)
    rows = [split(index, DEFAULT.datasets[name].task, one) for one in DEFAULT.normal_classes(name)]
    assert sizes.images(name) == pytest.approx(len(index), rel=0.001)
    assert sizes.train(name) == sum(len(one.train) for one in rows) / len(rows)
    assert sizes.test(name) == pytest.approx(sum(len(one.test) for one in rows) / len(rows), rel=0.002)


@pytest.mark.parametrize("name", list(DEFAULT.oe_pools))
def test_a_pool_is_as_large_as_its_index(name: str) -> None:
    index = build(name, DEFAULT.oe_pools[name].model_dump(), Path("data"), DEFAULT.seed)
    assert Sizes(DEFAULT).images(name) == len(index)


def test_drawn_defects_are_on_half_of_the_normal_test_images() -> None:
    assert Sizes(DEFAULT).class_of("textures_drawn").images == Sizes(DEFAULT).class_of("textures").images


def test_what_nobody_knows_is_a_guess_until_there_is_an_index(tmp_path: Path, price: Callable[..., Any]) -> None:
    made = price("own_images")
    sizes = Sizes(made.plan.config, tmp_path / "results")
    [name] = made.plan.config.datasets
    assert (sizes.images(name), sizes.guessed) == (10_000, {name})
    (tmp_path / "results/index").mkdir(parents=True)
    (tmp_path / f"results/index/{name}.parquet").write_bytes(bytes(5000))
    indexed = Sizes(made.plan.config, tmp_path / "results")
    assert (indexed.images(name), indexed.guessed) == (500, set())

"""Numbers of images, before there is an index, against the index."""

from pathlib import Path

import pytest
import yaml
from PIL import Image

from oneclass import config
from oneclass.data.build import build
from oneclass.data.index import write
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


def folder(root: Path, counts: dict[str, int]) -> Path:
    """Pictures in folders, so many in each."""
    for name, count in counts.items():
        (root / name).mkdir(parents=True)
        for number in range(count):
            Image.new("L", (4, 4), number).save(root / name / f"{number}.png")
    return root


CLASSES = {"train/cat": 9, "train/dog": 7, "train/owl": 8, "test/cat": 3, "test/dog": 4, "test/owl": 2, "test/eel": 6}


@pytest.mark.parametrize(
    ("source", "task", "counts", "train", "test"),
    [
        ("class_folders", "one_vs_rest", CLASSES, 8, 15),
        ("own_images", "defect", {"train/good": 9, "test/good": 3, "test/scratch": 5}, 9, 8),
    ],
)
def test_what_nobody_knows_is_a_guess_until_there_is_an_index(
    source: str, task: str, counts: dict[str, int], train: int, test: int, tmp_path: Path
) -> None:
    path = folder(tmp_path / "pictures", counts)
    made = config.load({"datasets": {"mine": {"source": source, "path": str(path), "task": task}}})
    before = Sizes(made, tmp_path)
    assert before.images("mine") == pytest.approx(10_000, rel=0.001)
    assert (before.whole("mine"), before.guessed) == (10_000, {"mine"})
    index = build("mine", made.datasets["mine"].model_dump(), Path(), 0)
    write(index, tmp_path / "index/mine.parquet")
    sizes = Sizes(made, tmp_path)
    assert sizes.images("mine") == sizes.whole("mine") == len(index) == sum(counts.values())
    assert (sizes.train("mine"), sizes.test("mine"), sizes.guessed) == (train, test, set())


def test_a_pool_of_your_own_is_what_is_kept_of_it(tmp_path: Path) -> None:
    pool = {"source": "class_folders", "path": str(folder(tmp_path / "pictures", CLASSES)), "split": "train"}
    data = {"source": "elpv", "task": "defect"}
    made = config.load({"datasets": {"elpv": data}, "oe_pools": {"mine": pool | {"keep": ["cat", "owl"]}}})
    assert Sizes(made, tmp_path).images("mine") == 10_000
    write(build("mine", made.oe_pools["mine"].model_dump(), Path(), 0), tmp_path / "index/mine.parquet")
    assert Sizes(made, tmp_path).images("mine") == 9 + 8


def test_a_damaged_index_is_as_good_as_none(tmp_path: Path) -> None:
    """The jobs that read it say so."""
    made = config.load({"datasets": {"mine": {"source": "own_images", "path": "cells", "task": "defect"}}})
    (tmp_path / "index").mkdir()
    (tmp_path / "index/mine.parquet").write_bytes(bytes(5000))
    assert Sizes(made, tmp_path).images("mine") == 10_000

"""Pictures of one's own come and go, and are damaged: the next run sees it, by itself."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from oneclass.data import index

INDEX, FEATURES = "results/index/mine.parquet", "results/features/mine/efficientnet_lite0/none.h5"
Run = Callable[..., Any]


def save(file: Path, value: int) -> None:
    Image.fromarray(np.full((8, 8, 3), value, np.uint8)).save(file)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder of eight pictures."""
    (tmp_path / "mine").mkdir()
    for number in range(8):
        save(tmp_path / f"mine/{number}.bmp", number)
    return tmp_path / "mine"


@pytest.fixture
def run(snakemake: Run, project: Path, mine: Path) -> Run:
    """Run the workflow on the folder, for one file or with more options."""
    config = yaml.safe_load((project / "configs/own_images.yaml").read_text())
    config["datasets"]["mine"] |= {"path": "mine", "transform": {"resize": 32, "crop": None}}
    (mine.parent / "config.yaml").write_text(yaml.safe_dump(config))
    options = ("--cores", "1", "--resources", "gpu=0", "--configfile", str(mine.parent / "config.yaml"))
    return lambda *arguments: snakemake(mine.parent, *arguments, *options)


def test_added_replaced_and_removed_pictures_are_seen(run: Run, mine: Path) -> None:
    def rows() -> int:
        done = run(INDEX)
        assert done.returncode == 0, done.stderr
        assert "rule index" in done.stdout + done.stderr
        return len(index.read(mine.parent / INDEX))

    assert rows() == 8
    assert "Nothing to be done" in run(INDEX).stderr
    save(mine / "8.bmp", 8)
    assert rows() == 9
    content = (mine.parent / INDEX).read_bytes()
    save(mine / "8.bmp", 9)  # under the same name, of the same size
    assert rows() == 9
    assert (mine.parent / INDEX).read_bytes() != content  # a run that was stopped here would go on from there
    (mine / "8.bmp").unlink()
    assert rows() == 8


def test_damaged_pictures_are_named_together_and_the_run_goes_on_without_them(run: Run, mine: Path) -> None:
    for number in (2, 5, 7):
        (mine / f"{number}.bmp").write_bytes(b"BM")
    failed = run(FEATURES)
    assert failed.returncode == 1
    assert re.search(
        r"3 pictures cannot be read; replace or remove them.* \S*2\.bmp, \S*5\.bmp, \S*7\.bmp", failed.stderr
    )
    for number in (2, 5):
        (mine / f"{number}.bmp").unlink()
    save(mine / "7.bmp", 7)
    again = run(FEATURES)
    assert again.returncode == 0, again.stderr
    assert len(index.read(mine.parent / INDEX)) == 6


def test_a_folder_that_is_missing_stops_a_run_before_anything_is_computed(run: Run, mine: Path) -> None:
    mine.rename(mine.with_name("yours"))
    assert run("detector", "--dry-run").returncode == 0
    stopped = run("detector")
    assert stopped.returncode == 1
    assert "the path 'mine' is not a folder; create it or correct path in the config" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert "rule index" not in stopped.stdout + stopped.stderr

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from oneclass.config.data import Dataset
from oneclass.data import build as building
from oneclass.data.index import Index
from oneclass.data.record import Record
from oneclass.data.sources import SOURCES
from oneclass.data.sources.base import Options, Source

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data sets, or a skip."""
    folder = PROJECT / os.environ.get("ONECLASS_DATA", "../shared/data")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set ONECLASS_DATA")
    return folder


@pytest.fixture
def options() -> Callable[..., dict[str, Any]]:
    """The settings of a data set, as the workflow passes them."""

    def make(source: str, task: str = "one_vs_rest", **settings: Any) -> dict[str, Any]:
        return Dataset(source=source, task=task, **settings).model_dump()

    return make


@pytest.fixture
def records() -> Callable[[dict[str, Any], Path], list[Record]]:
    """All that the source of a data set's settings finds in a data root."""

    def read(settings: dict[str, Any], data_root: Path) -> list[Record]:
        return list(SOURCES[settings["source"]].records(settings, data_root))

    return read


@pytest.fixture
def save() -> Callable[..., Path]:
    """Save a small image under any name, with its folders."""

    def save_image(path: Path, value: int = 128) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        kind = Image.registered_extensions().get(path.suffix.lower(), "PNG")
        Image.fromarray(np.full((4, 4, 3), value, np.uint8)).save(path, kind)
        return path

    return save_image


@pytest.fixture
def make_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Index]:
    """The index of records made up on the spot."""

    def make(records: list[Record], seed: int = 1, **settings: Any) -> Index:
        class Fake(Source):
            folder = ""

            def found(self, folder: Path, options: Options) -> Iterator[Record]:
                return iter(records)

        monkeypatch.setitem(SOURCES, "fake", Fake())
        nothing = dict.fromkeys(("train_per_class", "test_per_class", "classes", "keep"))
        settings = {"test_fraction": 0.3, "task": "", **nothing, **settings}
        return building.build("toy", {"source": "fake", **settings}, tmp_path, seed)

    return make

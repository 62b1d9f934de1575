"""Small data that every kind of job can be run on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import timm
import torch
from PIL import Image

from oneclass.data import pixels
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.outliers import choose
from oneclass.data.record import Record
from oneclass.features.backbone import Backbone, frozen
from oneclass.features.extract import extract
from oneclass.training.stores import Outliers

SIDE = 32


@dataclass(frozen=True)
class Data:
    """A data set of bolts and nuts, some of them defective, and a pool of three classes; their pixels and features."""

    index: Index
    pool: Index
    outliers: Outliers
    folder: Path
    network: Backbone

    def pixels(self, index: Index) -> str:
        return str(self.folder / f"{index.name}_pixels.h5")

    def features(self, index: Index) -> str:
        return str(self.folder / f"{index.name}_features" / "none.h5")


@pytest.fixture(scope="session")
def network() -> Backbone:
    """A network of a few thousand weights, always the same, on the CPU."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return frozen(timm.create_model("test_resnet", pretrained=False), "after", "0" * 64)


def _index(name: str, classes: list[str], count: int, folder: Path) -> Index:
    """Noise in its class's shade, the last third for test; every other test picture of a class has a bright, masked
    square."""
    random, records = np.random.default_rng(0), []
    for k in range(count):
        tested, anomalous = k >= 2 * count // 3, k >= 2 * count // 3 and k // len(classes) % 2 == 1
        picture = random.integers(0, 120, (SIDE, SIDE, 3), dtype=np.uint8) + np.uint8(40 * (k % len(classes)))
        mask = np.zeros((SIDE, SIDE), np.uint8)
        if anomalous:
            picture[4:16, 4:16], mask[4:16, 4:16] = 250, 255
        Image.fromarray(picture).save(folder / f"{name}{k:02d}.png")
        Image.fromarray(mask).save(folder / f"{name}{k:02d}_mask.png")
        records.append(
            Record(
                f"{name}{k:02d}",
                f"{name}{k:02d}.png",
                classes[k % len(classes)],
                "test" if tested else "train",
                label=int(anomalous),
                mask=f"{name}{k:02d}_mask.png" * anomalous,
            )
        )
    return Index.create(pd.DataFrame(map(vars, records)).astype({"label": "int8"}), name, folder)


@pytest.fixture(scope="session")
def data(network: Backbone, tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("data")
    index, pool = _index("parts", ["bolt", "nut"], 48, folder), _index("wild", ["a", "b", "c"], 12, folder)
    choice = choose(pool.table, "wild", "parts", ["bolt", "nut"], 1, 10, 1)
    made = Data(index, pool, Outliers(pool, pool.table, choice), folder, network)
    how: dict[str, Any] = {"layers": [1, 2, 3], "workers": 1, "batch_size": None, "device": "cpu", "provenance": {}}
    for each in (index, pool):
        pixels.write(each, SIDE, Path(made.pixels(each)), 1)
        Path(made.features(each)).parent.mkdir()
        extract(each, network, Path(made.features(each)), geometry=Geometry(SIDE), **how)
    return made

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.record import Record
from oneclass.features import store
from oneclass.features.backbone import Backbone
from oneclass.features.extract import extract
from oneclass.objective import fit
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.maps import Maps
from oneclass.objective.projector import Projectors
from oneclass.objective.starts import initial_projector
from oneclass.objective.vectors import VectorClass

Stored = tuple[Index, str]  # and its features


@pytest.fixture
def toy() -> Callable[..., VectorClass]:
    """A class of made-up features: non-negative, as after a ReLU; anomalous ones lie elsewhere."""

    def make(name: str = "cat", count: int = 40, size: int = 16, dtype: torch.dtype = torch.float32) -> VectorClass:
        generator = torch.Generator().manual_seed(len(name))
        mix = torch.randn(size, size, generator=generator)
        train = (torch.randn(count, size, generator=generator) @ mix / 4 + 1).relu()
        normal = (torch.randn(12, size, generator=generator) @ mix / 4 + 1).relu()
        anomalous = torch.randn(9, size, generator=generator).relu()
        test = torch.cat([normal, anomalous])
        labels = np.repeat([0, 1], [12, 9]).astype(np.int8)
        return VectorClass(name, train.to(dtype), test.to(dtype), np.array([f"{name}/{k}" for k in range(21)]), labels)

    return make


@pytest.fixture
def stack() -> Callable[..., Projectors]:
    """Projectors with random centres of the given norms, float64."""

    def make(size: int, norms: list[float], seed: int = 0) -> Projectors:
        starts = [initial_projector(size, seed + k) for k in range(len(norms))]
        centers = torch.randn(len(norms), size, generator=torch.Generator().manual_seed(seed)).double()
        centers *= torch.tensor(norms)[:, None] / centers.norm(dim=1, keepdim=True)
        return Projectors(
            torch.stack([weight for weight, _ in starts]).double(),
            torch.stack([bias for _, bias in starts]).double(),
            centers,
        )

    return make


@pytest.fixture(scope="session")
def elpv(real_index: Callable[..., Index], lite0: Backbone, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """Monocrystalline solar cells at 64 pixels: 40 normal to train, 10 normal and 10 anomalous to test."""
    index = real_index("elpv", "defect", train_per_class=40, test_per_class=10, classes=["mono"])
    path: Path = tmp_path_factory.mktemp("features") / "none.h5"
    how: dict[str, Any] = {"layers": [], "workers": 1, "batch_size": 16, "device": "cpu", "provenance": {}}
    extract(index, lite0, path, geometry=Geometry(64), **how)
    return index, str(path)


@pytest.fixture(scope="session")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """A category with made-up maps: 20 images to train, 6 normal and 4 anomalous to test. One corner of these is unlike
    anything seen, and masked."""
    folder = tmp_path_factory.mktemp("tiles")
    records = [
        Record(f"{k}", f"{k}.png", "tile", "train" if k < 20 else "test", label=k >= 26, mask="corner.png" * (k >= 26))
        for k in range(30)
    ]
    for record in records:
        Image.new("L", (32, 32)).save(folder / record.path)
    corner = np.zeros((32, 32), np.uint8)
    corner[:16, :16] = 255
    Image.fromarray(corner).save(folder / "corner.png")
    index = Index.create(pd.DataFrame(map(vars, records)).astype({"label": "int8"}), "toy", folder)

    generator = torch.Generator().manual_seed(4)
    maps = {}
    for level, (channels, side) in enumerate(((3, 8), (5, 4), (7, 2))):
        mix = torch.randn(channels, channels, generator=generator)
        noise = torch.randn(30, channels, side, side, generator=generator)
        maps[level] = (torch.einsum("bchw,cd->bdhw", noise, mix) / 3 + 1).relu().half().numpy()
    maps[0][26:, :, :4, :4] += 4
    with h5py.File(folder / "none.h5", "w") as file:
        writer = store.Writer(file, index.table["id"].tolist(), {"index_hash": index.hash})
        writer.add(maps[0].mean((2, 3), dtype=np.float32), maps)
    return index, str(folder / "none.h5")


@pytest.fixture(scope="session")
def map_settings() -> dict[str, Any]:
    """How the maps of ``tiles`` are read."""
    aggregation = {"patch_size": 3, "alignment": "bilinear"}
    return {
        "task": "defect",
        "geometry": {"resize": 32, "crop": None},
        "network": {},
        "maps": {"layers": [0, 1, 2], "aggregation": aggregation, "workers": 1},
    }


@pytest.fixture
def tile(tiles: Stored, map_settings: dict[str, Any]) -> Category:
    """The category of ``tiles``."""
    return fit.read_maps(*tiles, ["tile"], map_settings, "cpu")[0]


@pytest.fixture
def batches() -> Callable[..., list[Maps]]:
    """Random maps of ``count`` images, the same for every batch ``size``; ``layers``: channels and size of each."""

    def make(
        count: int,
        seed: int,
        size: int = 4,
        layers: Any = ((3, (6, 5)), (4, (3, 3)), (2, (2, 1))),
        shift: float = 0,
    ) -> list[Maps]:
        random = torch.Generator().manual_seed(seed)
        whole = [torch.randn(count, channels, *shape, generator=random) + shift for channels, shape in layers]
        return [Maps(parts) for parts in zip(*(m.split(size) for m in whole), strict=True)]

    return make


@pytest.fixture
def literal_features() -> Callable[[list[Maps]], np.ndarray]:
    """The features [N, H, W, D] of maps, interpolated and concatenated."""

    def make(maps: list[Maps]) -> np.ndarray:
        size = maps[0][0].shape[-2:]
        parts = [[functional.interpolate(m.double(), size, mode="bilinear") for m in some] for some in maps]
        features: Tensor = torch.cat([torch.cat(some, 1) for some in parts])
        return features.permute(0, 2, 3, 1).numpy()

    return make

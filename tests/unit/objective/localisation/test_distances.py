"""The file of distance maps."""

from pathlib import Path

import h5py
import numpy as np

from oneclass import hdf5
from oneclass.objective.localisation.distances import classes_in, dataset_of, read_maps, write_maps

VARIANTS = [{"method": "knn", "center": None, "center_norm": 8.0}, {"method": "padim", "center": "ones"}]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "maps.h5"
    distance = np.random.default_rng(0).random((2, 3, 4, 5)).astype(np.float32)
    maps = {
        "tile": list(zip(VARIANTS, distance, strict=True)),
        "a b": [(VARIANTS[0], distance[1])],
    }
    ids = {"tile": np.array(["t/0", "t/1", "t/é"]), "a b": np.array(["0", "1", "2"])}
    write_maps(str(path), maps, ids, {"dataset": "toy", "backbone": "tiny"})
    assert sorted(classes_in(path)) == ["a b", "tile"] and dataset_of(path) == "toy"
    variants, read_ids, read = read_maps(path, "tile")
    assert variants == VARIANTS and read_ids == ids["tile"].tolist() and np.array_equal(read, distance)
    assert read.dtype == np.float32 and read_maps(path, "a b")[2].shape == (1, 3, 4, 5)
    with h5py.File(path) as file:
        assert hdf5.attribute(file, "backbone") == "tiny"

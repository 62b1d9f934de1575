"""Intermediate files of which a byte was changed, which were cut or emptied, or for which there was no room: an error
that names them, or no harm."""

import fcntl
import resource
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oneclass import hdf5, parquet, tensors, tidy
from oneclass.clip import stored
from oneclass.data import index, outliers, pixels
from oneclass.data.index import Index
from oneclass.errors import UserError, line
from oneclass.features import store
from oneclass.files import atomic
from oneclass.objective.localisation import distances
from oneclass.search.history import FitnessCache

TABLE = pd.DataFrame({"id": [f"{k}.png" for k in range(9)], "path": "a", "class_name": "b", "split": "train"})
INDEX = Index.create(
    TABLE.assign(item=-1, reader="image", label=0, defect="", mask="").astype({"label": "int8"}), "toy", "/somewhere"
)
RNG = np.random.default_rng(0)
POOLED, MAPS = RNG.normal(size=(9, 5)).astype(np.float32), RNG.normal(size=(9, 3, 4, 4)).astype(np.float16)
PIXELS = RNG.integers(0, 256, (9, 3, 8, 8), dtype=np.uint8)
SCORES = pd.DataFrame(
    {
        "dataset": "toy",
        "class": "b",
        "method": "knn",
        "repetition": 0,
        "id": TABLE["id"],
        "label": 0,
        "score": POOLED.T[0],
    }
)


def features(path: Path) -> None:
    with atomic(path) as temporary, hdf5.written(temporary) as file:
        store.Writer(file, INDEX.ids().tolist(), {"index_hash": INDEX.hash, "dataset": "toy"}).add(POOLED, {2: MAPS})
        stored.add_texts(file, ["a photo", "é"], POOLED[:2])


def read_features(path: Path) -> list[Any]:
    read = stored.read(path, INDEX)
    with hdf5.opened(path) as file:
        store.require_layers(file, path, [2])
        maps = file["map2"][:]
    return [read.images, read.texts_of(["a photo", "é"]), maps]


def decoded(path: Path) -> None:
    with atomic(path) as temporary, hdf5.written(temporary) as file:
        hdf5.describe(file, {"index_hash": INDEX.hash})
        hdf5.create(file, "pixels", PIXELS.shape, np.uint8, (1, 3, 8, 8), compression="lzf")[:] = PIXELS


def maps(path: Path) -> None:
    kept = {"tile": [({"center_norm": 1.0}, POOLED.reshape(9, 5, 1))]}
    distances.write_maps(str(path), kept, {"tile": INDEX.ids()}, {"dataset": "toy"})


KINDS: Mapping[str, tuple[Callable[[Path], None], Callable[[Path], list[Any]]]] = {
    "index.parquet": (
        lambda path: index.write(INDEX, path),
        lambda path: [(read := index.read(path)).table, read.hash, read.root, index.left_out(path)],
    ),
    "scores.parquet": (
        lambda path: tidy.write(SCORES, "scores", path),
        lambda path: [tidy.read([path], "scores")],
    ),
    "kept.parquet": (lambda path: outliers.write(TABLE, path), lambda path: [outliers.read(path)]),
    "none.h5": (features, read_features),
    "32.h5": (decoded, lambda path: [pixels.read(path, INDEX)]),
    "maps.h5": (
        maps,
        lambda path: [distances.classes_in(path), distances.dataset_of(path), *distances.read_maps(path, "tile")],
    ),
    "models.safetensors": (
        lambda path: tensors.write({"a": POOLED, "b": MAPS}, {"provenance": "{}"}, path),
        lambda path: [(read := tensors.read(path))[1], *(read[0][name] for name in "ab")],
    ),
    "00000.json": (
        lambda path: FitnessCache(path.parent.parent, path.parent.name).write(0, ["a", "b"], {("a", 0): 0.5}),
        lambda path: [
            (cache := FitnessCache(path.parent.parent, path.parent.name)).aurocs(),
            cache.population(0) if path.exists() else None,
        ],
    ),
}


def same(found: list[Any], expected: list[Any]) -> bool:
    pairs = zip(found, expected, strict=True)
    return all(
        a.equals(b) if isinstance(b, pd.DataFrame) else np.array_equal(a, b) if isinstance(b, np.ndarray) else a == b
        for a, b in pairs
    )


@pytest.mark.parametrize("name", KINDS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), how=st.sampled_from([*range(8), "cut", "empty", "zero", "byte"]))
def test_damage_is_noticed_or_does_no_harm(name: str, place: float, how: int | str, tmp_path: Path) -> None:
    write, read = KINDS[name]
    path = tmp_path / name
    write(path)
    whole = bytearray(path.read_bytes())
    expected, at = read(path), int(place * len(whole))
    match how:
        case "cut":
            del whole[at:]
        case "empty":
            del whole[:]
        case "zero":
            whole[at : at + 64] = bytes(len(whole[at : at + 64]))
        case "byte":
            whole[at] = 255 - whole[at]
        case _:
            whole[at] ^= 1 << int(how)
    path.write_bytes(whole)
    try:
        assert same(read(path), expected)
    except UserError as error:
        assert str(error).startswith(f"{path}: ") and str(error).isprintable()
        assert "run again" in str(error)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    readers: dict[str, Callable[[Path], object]]
    readers = {"parquet": parquet.read, "h5": store.dimension, "safetensors": tensors.read}
    for suffix, read in readers.items():
        with pytest.raises(UserError, match=f"gone.{suffix}: there is no such file; run again"):
            read(tmp_path / f"gone.{suffix}")


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file can be larger than ``size``, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_without_room_there_is_no_file_and_a_line_that_names_it(name: str, share: float, tmp_path: Path) -> None:
    write, read = KINDS[name]
    path = tmp_path / "whole" / name
    path.parent.mkdir()
    write(path)
    size = path.stat().st_size
    path = tmp_path / "full" / name
    with pytest.raises(OSError) as raised, room(int(share * (size - 1))):
        write(path)
    assert line(raised.value) == f"{path}: File too large; make room and run again"
    assert not list(path.parent.iterdir())
    with room(2 * size):
        write(path)
    assert same(read(path), read(tmp_path / "whole" / name))


def test_a_store_is_read_where_locks_cannot_be_had(tmp_path: Path) -> None:
    features(path := tmp_path / "none.h5")
    with path.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert same(read_features(path), read_features(path))

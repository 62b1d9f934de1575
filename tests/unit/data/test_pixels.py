"""The pixel store: decoded once, in the order of the index, and whole or not there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from oneclass.data import pixels
from oneclass.data.index import Index
from oneclass.data.record import COLUMNS, Record
from oneclass.errors import UserError
from oneclass.files import atomic


def save(folder: Path, name: str, array: np.ndarray) -> None:
    Image.fromarray(array).save(folder / name)


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """Seven images: random ones of the stored size, a grey one, and a larger one that is not square."""
    folder, random = tmp_path / "images", np.random.default_rng(0)
    folder.mkdir()
    for k in range(5):
        save(folder, f"{k}.png", random.integers(0, 256, (8, 8, 3), dtype=np.uint8))
    save(folder, "5.png", random.integers(0, 256, (8, 8), dtype=np.uint8))
    save(folder, "6.png", random.integers(0, 256, (30, 20, 3), dtype=np.uint8))
    rows = [vars(Record(f"{k}", f"{k}.png", "a", "train")) for k in (3, 6, 0, 5, 1, 4, 2)]
    return Index.create(pd.DataFrame(rows, columns=list(COLUMNS)), "toy", folder)


@pytest.mark.parametrize("batch", [2, 7, 256])
@pytest.mark.parametrize("workers", [1, 3])
def test_round_trip(batch: int, workers: int, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "_BATCH", batch)
    pixels.write(index, 8, tmp_path / "8.h5", workers)
    stored = pixels.read(tmp_path / "8.h5", index)
    assert stored.shape == (7, 3, 8, 8) and stored.dtype == np.uint8
    for row, path in zip(stored, index.table["path"], strict=True):
        with Image.open(index.root / path) as image:
            expected = image.convert("RGB").resize((8, 8), Image.Resampling.BILINEAR)
        assert np.array_equal(row, np.asarray(expected).transpose(2, 0, 1))


def test_the_bytes_do_not_depend_on_what_the_memory_held_before(index: Index, tmp_path: Path) -> None:
    stores = set()
    for k in range(8):
        held = [np.random.default_rng(k).bytes(2**size) for size in range(6, 20)]
        del held
        pixels.write(index, 64, tmp_path / "64.h5", 1)
        stores.add((tmp_path / "64.h5").read_bytes())
    assert len(stores) == 1


def test_images_of_a_container(real_index: Callable[..., Index], tmp_path: Path) -> None:
    digits = real_index("mnist5k", "one_vs_rest", train_per_class=1, test_per_class=1)
    pixels.write(digits, 32, tmp_path / "32.h5", 2)
    stored = pixels.read(tmp_path / "32.h5", digits)
    assert stored.shape == (20, 3, 32, 32) and (stored[:, 0] == stored[:, 2]).all()
    assert len(np.unique(stored, axis=0)) == 20


def test_stored_by_image(index: Index, tmp_path: Path) -> None:
    pixels.write(index, 8, tmp_path / "8.h5", 1)
    with h5py.File(tmp_path / "8.h5") as file:
        assert file["pixels"].chunks == (1, 3, 8, 8)


def test_pixels_of_another_index_are_refused(index: Index, tmp_path: Path) -> None:
    pixels.write(index, 8, tmp_path / "8.h5", 1)
    with pytest.raises(UserError, match=r"8\.h5: computed for another index of toy; delete it and run again"):
        pixels.read(tmp_path / "8.h5", replace(index, hash="abd"))


@pytest.mark.parametrize("batch", [1, 256])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda file: file.write_bytes(b"no image at all"), r"4\.png: cannot be read as an image"),
        (lambda file: file.write_bytes(file.read_bytes()[:60]), r"4\.png: cannot be read as an image"),
        (Path.unlink, r"4\.png: the image is missing"),
    ],
    ids=["no image", "truncated", "missing"],
)
def test_a_bad_image_is_named_and_nothing_is_left(
    damage: Callable[[Path], object],
    message: str,
    batch: int,
    index: Index,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pixels, "_BATCH", batch)
    damage(tmp_path / "images" / "4.png")
    target = tmp_path / "pixels" / "8.h5"
    with pytest.raises(UserError, match=message), atomic(target) as path:
        pixels.write(index, 8, path, 2)
    assert list(target.parent.iterdir()) == []

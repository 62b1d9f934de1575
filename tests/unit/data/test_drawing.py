"""A data set of drawn defects follows from its base and seed, and is whole or not there."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from oneclass.data import images, masks
from oneclass.data.build import build
from oneclass.data.defects import KINDS
from oneclass.data.drawing import write_dataset
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.record import Record
from oneclass.data.tasks import validate
from oneclass.errors import UserError

MakeIndex = Callable[..., Index]
Options = Callable[..., dict[str, Any]]


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Noise: no two regions of it are alike."""
    return np.random.default_rng(seed).integers(90, 160, (height, width, 3), dtype=np.uint8)


def cells(root: Path, train: int = 3, test: int = 13, class_name: str = "a") -> list[Record]:
    """Image files and records of ``train`` and ``test`` normal images, and an anomalous one."""
    count = train + test + 1
    for number in range(count):
        file = root / class_name / f"{number:02d}.png"
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(picture(24, 32, seed=number)).save(file)
    splits = ["train"] * train + ["test"] * (test + 1)
    paths = [f"{class_name}/{number:02d}.png" for number in range(count)]
    records = [Record(path, path, class_name, split) for path, split in zip(paths, splits, strict=True)]
    return [*records[:-1], replace(records[-1], label=1, defect="hole")]


def drawn_index(folder: Path, options: Options, **settings: Any) -> Index:
    """The index of a drawn data set, as the workflow builds it."""
    settings = options("drawn_defects", "defect", base="toy", **settings) | {"path": str(folder)}
    return build("toy_drawn", settings, Path("none"), 1)


def test_a_drawn_data_set(make_index: MakeIndex, tmp_path: Path, options: Options) -> None:
    base = make_index(cells(tmp_path))
    folder = tmp_path / "results" / "drawn"
    write_dataset(base, ["a"], folder, 0.5, seed=1)
    index = drawn_index(folder, options)
    validate(index, "defect", ["a"])
    assert index.table.groupby(["split", "label"]).size().to_dict() == {("test", 0): 7, ("test", 1): 6, ("train", 0): 3}
    assert index.table.loc[index.table["label"] == 1, "defect"].value_counts().to_dict() == {
        kind: 2 if kind == "scratch" else 1 for kind in KINDS
    }
    assert os.listdir(folder.parent) == ["drawn"]

    originals = {record.id.replace("/", "%2F"): record.path for record in cells(tmp_path)}
    test = index.take((index.table["split"] == "test").to_numpy())
    assert len({Path(path).name for path in index.table["path"]}) == len(index)
    for (_, row), mask in zip(test.table.iterrows(), masks_at_full_size(test), strict=True):
        drawn = np.asarray(images.load(folder, row["path"]))
        original = np.asarray(images.load(tmp_path, originals[Path(row["path"]).name]))
        assert ((drawn != original).any(axis=-1) == mask).all()
        assert mask.any() == row["label"]


def masks_at_full_size(index: Index) -> list[np.ndarray]:
    """Masks of 24 by 32 pixels, from the square ones that twice their width and four thirds of it make."""
    return [mask[2::4, 1::3] for mask in masks.load_all(index, Geometry(96))]


def test_what_is_not_drawn_on_is_a_link(make_index: MakeIndex, tmp_path: Path) -> None:
    write_dataset(make_index(cells(tmp_path)), ["a"], tmp_path / "drawn", 0.5, seed=1)
    links = [path for path in (tmp_path / "drawn").rglob("*.png") if path.is_symlink()]
    assert {path.parent.name for path in links} == {"good"}
    assert len(links) == 3 + 7
    assert all(path.resolve() == tmp_path / path.name.replace("%2F", "/") for path in links)


def test_images_in_a_container_become_files(make_index: MakeIndex, tmp_path: Path, options: Options) -> None:
    pixels = picture(28, 28 * 9)[..., 0].reshape(28, 9, 28).transpose(1, 0, 2)
    header = b"\x00\x00\x08\x03" + np.array(pixels.shape, ">u4").tobytes()
    (tmp_path / "digits").write_bytes(header + np.ascontiguousarray(pixels).tobytes())
    splits = ["train"] * 5 + ["test"] * 4
    base = make_index([Record(f"{i:02d}", "digits", "T-shirt/top", split, i, "idx") for i, split in enumerate(splits)])
    write_dataset(base, ["T-shirt/top"], tmp_path / "drawn", 0.5, seed=1)
    index = drawn_index(tmp_path / "drawn", options)
    validate(index, "defect", ["T-shirt/top"])
    assert set(index.table["class_name"]) == {"T-shirt/top"}
    assert not [path for path in (tmp_path / "drawn").rglob("*") if path.is_symlink()]
    for _, row in index.table[index.table["label"] == 0].iterrows():
        kept = np.asarray(images.load(tmp_path / "drawn", row["path"]))
        assert (kept == pixels[int(Path(row["path"]).stem)][..., None]).all()


def test_only_the_classes_asked_for_and_caps_apply(make_index: MakeIndex, tmp_path: Path, options: Options) -> None:
    base = make_index([*cells(tmp_path), *cells(tmp_path, class_name="b")])
    write_dataset(base, ["b"], tmp_path / "drawn", 0.5, seed=1)
    assert os.listdir(tmp_path / "drawn") == ["b"]
    index = drawn_index(tmp_path / "drawn", options, train_per_class=2, test_per_class=4)
    assert index.table.groupby(["split", "label"]).size().to_dict() == {("test", 0): 4, ("test", 1): 4, ("train", 0): 2}


def test_the_seed_decides_and_the_order_does_not(make_index: MakeIndex, tmp_path: Path, options: Options) -> None:
    base = make_index(cells(tmp_path))

    def written(name: str, index: Index, seed: int) -> tuple[str, dict[str, bytes]]:
        write_dataset(index, ["a"], tmp_path / name, 0.5, seed)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        content = {path.relative_to(tmp_path / name).as_posix(): path.read_bytes() for path in files}
        return drawn_index(tmp_path / name, options).hash, content

    first = written("first", base, 1)
    assert written("again", base.take(slice(None, None, -1)), 1) == first
    assert written("other", base, 2)[0] != first[0]


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (0, 5, "0 normal training and 5 normal test images; to draw defects, 1 and 2 are needed"),
        (5, 1, "5 normal training and 1 normal test images"),
    ],
)
def test_too_few_normal_images(make_index: MakeIndex, tmp_path: Path, train: int, test: int, message: str) -> None:
    with pytest.raises(UserError, match=f"data set 'toy', class 'a': {message}"):
        write_dataset(make_index(cells(tmp_path, train, test)), ["a"], tmp_path / "drawn", 0.5, seed=1)


def test_a_failure_leaves_nothing(make_index: MakeIndex, tmp_path: Path) -> None:
    base = make_index(cells(tmp_path))
    for path in base.table["path"]:
        (tmp_path / path).write_bytes(b"torn")
    with pytest.raises(UserError, match=r"\d\d\.png: cannot be read as an image"):
        write_dataset(base, ["a"], tmp_path / "out" / "drawn", 0.5, seed=1)
    assert os.listdir(tmp_path / "out") == []


def test_on_real_solar_cells(real_index: Callable[..., Index], tmp_path: Path, options: Options) -> None:
    base = real_index("elpv", "defect", classes=["mono"], train_per_class=2, test_per_class=10)
    write_dataset(base, ["mono"], tmp_path / "drawn", 0.5, seed=1024)
    index = drawn_index(tmp_path / "drawn", options)
    validate(index, "defect", ["mono"])
    assert index.table.groupby(["split", "label"]).size().to_dict() == {("test", 0): 5, ("test", 1): 5, ("train", 0): 2}
    drawn = (index.table["label"] == 1).to_numpy()
    share = masks.load_all(index.take(drawn), Geometry(224)).mean(axis=(1, 2))
    assert ((share > 0.001) & (share < 0.05)).all()

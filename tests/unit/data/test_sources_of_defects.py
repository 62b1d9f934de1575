"""Published data sets of defects: on synthesised files, and on real ones where they are there."""

import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oneclass.data.build import build
from oneclass.data.record import Record
from oneclass.data.sources import SOURCES
from oneclass.data.tasks import validate
from oneclass.errors import UserError

Options = Callable[..., dict[str, Any]]
Records = Callable[[dict[str, Any], Path], list[Record]]
Save = Callable[..., Path]


def write_mvtec(folder: Path, save: Save) -> None:
    for name in ("train/good/000.png", "test/good/000.png", "test/cut/000.png", "ground_truth/cut/000_mask.png"):
        save(folder / "bottle" / name)


def test_mvtec_ad(options: Options, tmp_path: Path, save: Save, records: Records) -> None:
    write_mvtec(tmp_path / "mvtec_ad", save)
    settings = options("mvtec_ad", "defect")
    assert SOURCES["mvtec_ad"].classes(settings, tmp_path) == ["bottle"]
    assert [(r.id, r.split, r.label, r.defect, r.mask) for r in records(settings, tmp_path)] == [
        ("bottle/train/good/000.png", "train", 0, "", ""),
        ("bottle/test/cut/000.png", "test", 1, "cut", "bottle/ground_truth/cut/000_mask.png"),
        ("bottle/test/good/000.png", "test", 0, "", ""),
    ]


def test_mvtec_ad_from_the_archive(options: Options, tmp_path: Path, save: Save, records: Records) -> None:
    write_mvtec(tmp_path / "packed", save)
    root = tmp_path / "data"
    root.mkdir()
    with tarfile.open(root / "mvtec_anomaly_detection.tar.xz", "w:xz") as archive:
        archive.add(tmp_path / "packed", ".")
    settings = options("mvtec_ad", "defect")
    assert SOURCES["mvtec_ad"].classes(settings, root) == list(SOURCES["mvtec_ad"].class_names)
    assert len(records(settings, root)) == 3
    assert sorted(os.listdir(root)) == ["mvtec_ad", "mvtec_anomaly_detection.tar.xz"]


def test_mvtec_ad_without_a_mask(options: Options, tmp_path: Path, save: Save, records: Records) -> None:
    write_mvtec(tmp_path / "mvtec_ad", save)
    (tmp_path / "mvtec_ad/bottle/ground_truth/cut/000_mask.png").unlink()
    with pytest.raises(UserError, match=r"cut/000_mask\.png: the mask of bottle/test/cut/000\.png is missing"):
        records(options("mvtec_ad", "defect"), tmp_path)


@pytest.mark.parametrize("wrapper", ["", "MPDD/"])
def test_mpdd_from_the_archive(wrapper: str, options: Options, tmp_path: Path, save: Save, records: Records) -> None:
    write_mvtec(tmp_path / "packed", save)
    root = tmp_path / "data"
    root.mkdir()
    with zipfile.ZipFile(root / "MPDD.zip", "w") as archive:
        for file in sorted((tmp_path / "packed").rglob("*.png")):
            archive.write(file, wrapper + file.relative_to(tmp_path / "packed").as_posix())
    settings = options("mpdd", "defect")
    assert SOURCES["mpdd"].classes(settings, root) == list(SOURCES["mpdd"].class_names)
    assert len(SOURCES["mpdd"].class_names) == 6
    assert [record.label for record in records(settings, root)] == [0, 1, 0]
    assert SOURCES["mpdd"].root(settings, root) == root / "mpdd" / wrapper
    validate(build("mpdd", settings, root, 1), "defect", ["bottle"])


def test_mpdd_without_categories(options: Options, tmp_path: Path, records: Records) -> None:
    (tmp_path / "mpdd").mkdir()
    with pytest.raises(UserError, match=r"mpdd: no \{category\}/train/good here; unpack MPDD\.zip from https://github"):
        records(options("mpdd", "defect"), tmp_path)


VISA = """object,split,label,image,mask
candle,train,normal,candle/Data/Images/Normal/0.JPG,
candle,test,normal,candle/Data/Images/Normal/1.JPG,
candle,test,anomaly,candle/Data/Images/Anomaly/0.JPG,candle/Data/Masks/Anomaly/0.png
"""


def write_visa(folder: Path, table: str) -> None:
    (folder / "split_csv").mkdir(parents=True)
    (folder / "split_csv/1cls.csv").write_text(table)


def test_visa_from_the_archive(options: Options, tmp_path: Path, save: Save) -> None:
    write_visa(tmp_path / "packed", VISA)
    for name in ("Images/Normal/0.JPG", "Images/Normal/1.JPG", "Images/Anomaly/0.JPG", "Masks/Anomaly/0.png"):
        save(tmp_path / "packed/candle/Data" / name)
    root = tmp_path / "data"
    root.mkdir()
    with tarfile.open(root / "VisA_20220922.tar", "w") as archive:
        archive.add(tmp_path / "packed", ".")
    settings = options("visa", "defect")
    assert len(SOURCES["visa"].classes(settings, root)) == 12
    index = build("visa", settings, root, 1)
    validate(index, "defect", ["candle"])
    assert index.table[["id", "class_name", "split", "label", "defect", "mask"]].to_numpy().tolist() == [
        ["candle/Data/Images/Anomaly/0.JPG", "candle", "test", 1, "anomaly", "candle/Data/Masks/Anomaly/0.png"],
        ["candle/Data/Images/Normal/0.JPG", "candle", "train", 0, "", ""],
        ["candle/Data/Images/Normal/1.JPG", "candle", "test", 0, "", ""],
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("object,split,label,image\n", r"1cls\.csv: not a table with the columns object, split, label, image, mask"),
        ("", r"1cls\.csv: not a table"),
        (VISA.replace("test,normal", "val,normal"), r"1cls\.csv, line 3: not a row of the published file"),
        (VISA.replace("anomaly", "ng"), r"1cls\.csv, line 4: not a row"),
        (VISA.replace(",candle/Data/Masks/Anomaly/0.png", ","), r"1cls\.csv, line 4: not a row"),
        (VISA + "candle,test\n", r"1cls\.csv, line 5: not a row"),
    ],
)
def test_visa_with_another_table(table: str, message: str, options: Options, tmp_path: Path, records: Records) -> None:
    write_visa(tmp_path / "visa", table)
    with pytest.raises(UserError, match=message):
        records(options("visa", "defect"), tmp_path)


def test_visa_without_its_split(options: Options, tmp_path: Path, records: Records) -> None:
    (tmp_path / "visa").mkdir()
    with pytest.raises(UserError, match=r"visa: no split_csv/1cls\.csv here; unpack VisA_20220922\.tar from https://"):
        records(options("visa", "defect"), tmp_path)


def test_real_transistor(options: Options, shared_data: Path) -> None:
    settings = options("mvtec_ad", "defect", classes=["transistor"])
    assert "transistor" in SOURCES["mvtec_ad"].classes(settings, shared_data)
    index = build("mvtec", settings, shared_data, 1024)
    validate(index, "defect", ["transistor"])
    assert index.table.groupby(["split", "label"]).size().to_dict() == {
        ("test", 0): 60,
        ("test", 1): 40,
        ("train", 0): 213,
    }

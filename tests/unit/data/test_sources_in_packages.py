"""Sources whose images a package brings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from oneclass.data import containers, images
from oneclass.data.build import build
from oneclass.data.record import Record
from oneclass.data.sources import SOURCES, photographs
from oneclass.data.tasks import validate
from oneclass.errors import UserError

Options = Callable[..., dict[str, Any]]
Records = Callable[[dict[str, Any], Path], list[Record]]


def test_elpv(options: Options) -> None:
    index = build("elpv", options("elpv", "defect"), Path("none"), 1024)
    validate(index, "defect", SOURCES["elpv"].classes({}, Path("none")))
    assert index.table.groupby(["class_name", "label"]).size().to_dict() == {
        ("mono", 0): 588,
        ("mono", 1): 313,
        ("poly", 0): 920,
        ("poly", 1): 402,
    }
    assert set(index.table.loc[index.table["label"] == 1, "defect"]) == {"defective"}
    assert images.load(*index.places()[0]).size == (300, 300)
    for place in index.places():  # neither transparency nor bit depth has a say in the numbers
        with Image.open(place.root / place.path) as image:
            assert (image.mode, image.has_transparency_data, place.white) == ("L", False, 65535)


def test_mnist5k(options: Options) -> None:
    index = build("mnist5k", options("mnist5k"), Path("none"), 1024)
    validate(index, "one_vs_rest", list("0123456789"))
    assert set(index.table.groupby(["class_name", "split"]).size()) == {350, 150}
    row = index.table.iloc[-1]
    image = images.load(*index.places()[-1])
    assert (image.size, row["class_name"]) == ((28, 28), "9")
    assert SOURCES["mnist5k"].image_size == 28


def test_textures(options: Options) -> None:
    index = build("textures", options("textures", "defect"), Path("none"), 1024)
    validate(index, "defect", ["brick", "grass", "gravel"], anomalies=False)
    assert set(index.table.groupby(["class_name", "split"]).size()) == {65}
    assert len(index) == 6 * 65
    row = index.table.iloc[-1]
    image = images.load(*index.places()[-1])
    assert (image.size, row["id"]) == ((128, 128), "gravel/129")
    whole = np.asarray(images.load(index.root, "gravel.png"))
    assert (np.asarray(image) == whole[-128:, -128:]).all()


def test_photo_crops(options: Options, records: Records) -> None:
    root = SOURCES["photo_crops"].root({}, Path("none"))
    found = records(options("photo_crops"), Path("none"))
    assert len(found) > 4000
    assert len({record.id for record in found}) == len(found)
    assert {record.class_name for record in found} == set(photographs.PHOTOGRAPHS)
    for record in found[::500]:
        image = images.load(root, record.path, record.item, record.reader)
        assert image.size in {(side, side) for side in containers.PHOTO_CROPS}
    last = [record for record in found if record.class_name == "astronaut"][-1]
    whole = np.asarray(images.load(root, last.path))
    assert (np.asarray(images.load(root, last.path, last.item, last.reader)) == whole[-256:, -256:]).all()


def test_photo_tiles(options: Options) -> None:
    names = ["astronaut", "coffee"]
    index = build("tiles", options("photo_tiles", keep=names), Path("none"), 1024)
    validate(index, "one_vs_rest", names)
    assert index.table.groupby(["class_name", "split"]).size().tolist() == [19, 45, 16, 38]  # test, train
    assert {images.load(*place).size for place in index.places()} == {(containers.TILE, containers.TILE)}
    assert len(index.table["item"].astype(str) + index.table["path"]) == len(index.table["id"].unique())


def test_photo_crops_of_packages_in_different_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oneclass.data.sources._files.installed", lambda package, _: Path(f"/{package}s") / package)
    with pytest.raises(UserError, match="scikit-image is in /skimages, but scikit-learn in /sklearns; install both in"):
        SOURCES["photo_crops"].root({}, Path("none"))

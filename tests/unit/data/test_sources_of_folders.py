"""Folders of images: own pictures, classes, pools and drawn defects."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oneclass.data import images
from oneclass.data.build import build
from oneclass.data.record import Record
from oneclass.data.sources import SOURCES
from oneclass.data.tasks import validate
from oneclass.errors import UserError

Options = Callable[..., dict[str, Any]]
Records = Callable[[dict[str, Any], Path], list[Record]]
Save = Callable[..., Path]


def own(folder: Path, save: Save, *names: str) -> Path:
    for name in names:
        save(folder / name)
    return folder


def test_own_images_with_tests_and_masks(options: Options, tmp_path: Path, save: Save) -> None:
    masks = ("ground_truth/dent/1_mask.png", "ground_truth/hole in it/2.png")
    folder = own(
        tmp_path / "screws",
        save,
        *("train/good/a.png", "test/good/b.JPG", "test/dent/1.png", "test/hole in it/2.bmp"),
        *masks,
    )
    settings = options("own_images", "defect", path=str(folder))
    assert SOURCES["own_images"].classes(settings, tmp_path) == ["screws"]
    index = build("mine", settings, Path("none"), 1)
    validate(index, "defect", ["screws"])
    assert index.table[["id", "split", "label", "defect", "mask"]].to_numpy().tolist() == [
        ["test/dent/1.png", "test", 1, "dent", masks[0]],
        ["test/good/b.JPG", "test", 0, "", ""],
        ["test/hole in it/2.bmp", "test", 1, "hole in it", masks[1]],
        ["train/good/a.png", "train", 0, "", ""],
    ]


def test_own_images_may_have_no_masks_but_not_some(options: Options, tmp_path: Path, save: Save) -> None:
    own(tmp_path, save, "train/good/a.png", "test/good/b.png", "test/dent/1.png", "test/dent/2.png")
    settings = options("own_images", "defect", path=str(tmp_path))
    validate(build("mine", settings, Path("none"), 1), "defect", [tmp_path.name])
    save(tmp_path / "ground_truth/dent/1.png")
    with pytest.raises(UserError, match=r"test/dent/2\.png has no mask, but other anomalous images have"):
        validate(build("mine", settings, Path("none"), 1), "defect", [tmp_path.name])


@pytest.mark.parametrize("place", ["", "train/good/"])
def test_own_images_that_are_all_normal(place: str, options: Options, tmp_path: Path, save: Save) -> None:
    own(tmp_path, save, *(f"{place}{number}.png" for number in range(10)))
    settings = options("own_images", "defect", path=str(tmp_path))
    index = build("mine", settings, Path("none"), 1)
    assert index.table.groupby(["class_name", "split"]).size().to_dict() == {
        (tmp_path.name, "test"): 3,
        (tmp_path.name, "train"): 7,
    }
    validate(index, "defect", [tmp_path.name], anomalies=False)
    with pytest.raises(UserError, match="no anomalous test images"):
        validate(index, "defect", [tmp_path.name])


def test_own_images_with_anomalies_but_no_normal_tests(options: Options, tmp_path: Path, save: Save) -> None:
    own(tmp_path, save, *(f"train/good/{number}.png" for number in range(10)), "test/dent/1.png")
    index = build("mine", options("own_images", "defect", path=str(tmp_path)), Path("none"), 1)
    validate(index, "defect", [tmp_path.name])
    assert index.table.groupby(["split", "label"]).size().to_dict() == {("test", 0): 3, ("test", 1): 1, ("train", 0): 7}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["train/good/a.png", "train/bad/b.png"], r"train: must hold one folder, 'good', of normal images"),
        (["train/bad/b.png"], r"train: must hold one folder, 'good'"),
        (["test/good/b.png"], r"train: must hold one folder, 'good'"),
        (["train/a.png"], r"train/a\.png: an image beside the folders; move it into one, such as train/good"),
        (["train/good/a.png", "test/b.JPG"], r"test/b\.JPG: an image beside the folders"),
        (
            ["a.png", "more/b.png"],
            r"it cannot be told which of pictures, more/ are normal; put normal ones into train/good",
        ),
        (["ok/a.png", "shift1/b.png"], r"it cannot be told which of ok/, shift1/ are normal"),
        (["shift1/a.png", "NG/b.png"], r"it cannot be told which of NG/, shift1/ are normal"),
        (["NG/b.png"], r"it cannot be told which of NG/ are normal"),
        (["shift1/a.png", "masks/a.png"], r"it cannot be told which of masks/, shift1/ are normal"),
        (
            ["good/a.png", "good/notes.txt", "good/more/b.doc"],
            r"more/b\.doc, .*notes\.txt: not image files .*; move them",
        ),
        (["test/good/.hidden"], r"train: must hold one folder, 'good'"),
    ],
)
def test_own_images_that_would_be_missed(
    names: list[str], message: str, options: Options, tmp_path: Path, save: Save, records: Records
) -> None:
    own(tmp_path, save, *names)
    with pytest.raises(UserError, match=message):
        records(options("own_images", "defect", path=str(tmp_path)), tmp_path)


@pytest.mark.parametrize(
    ("names", "normal", "tested", "anomalous"),
    [
        (["shift1/a.png", "shift2/late/a.png"], ["shift1/a.png", "shift2/late/a.png"], [], []),
        (["good/a.png", "good/b.jfif", "__MACOSX/good/._a.png", "notes/empty/"], ["good/a.png", "good/b.jfif"], [], []),
        (["OK/a.png", "NG/a.png"], ["OK/a.png"], [], ["NG/a.png"]),
        (
            ["Train/Good/shift1/a.png", "Test/Good/a.png", "Test/Dent/a.png"],
            *(["Train/Good/shift1/a.png"], ["Test/Good/a.png"], ["Test/Dent/a.png"]),
        ),
        (["a.png", "nothing/in/it/"], ["a.png"], [], []),
    ],
)
def test_own_images_in_other_layouts(
    names: list[str],
    normal: list[str],
    tested: list[str],
    anomalous: list[str],
    options: Options,
    tmp_path: Path,
    save: Save,
    records: Records,
) -> None:
    for name in names:
        (tmp_path / name).mkdir(parents=True) if name.endswith("/") else save(tmp_path / name)
    found = records(options("own_images", "defect", path=str(tmp_path)), tmp_path)
    assert [record.id for record in found if record.split != "test"] == normal
    assert [record.id for record in found if record.split == "test" and not record.label] == tested
    assert [record.id for record in found if record.label] == anomalous


def test_what_is_taken_as_normal_is_said(
    options: Options, tmp_path: Path, save: Save, records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    own(tmp_path, save, "late/a.png", "early/a.png")
    records(options("own_images", "defect", path=str(tmp_path)), tmp_path)
    assert "all pictures in early, late are taken as normal" in caplog.text


def test_links_to_folders_are_followed_once(options: Options, tmp_path: Path, save: Save, records: Records) -> None:
    save(tmp_path / "elsewhere/a.png")
    save(tmp_path / "mine/early/b.png")
    (tmp_path / "mine/late").symlink_to("../elsewhere")
    (tmp_path / "elsewhere/round").symlink_to("../mine")
    (tmp_path / "mine/later").symlink_to("late")
    found = records(options("own_images", "defect", path=str(tmp_path / "mine")), tmp_path)
    assert [record.id for record in found] == ["early/b.png", "late/a.png"]


def test_own_images_are_one_class_even_at_the_root_of_the_disk(options: Options) -> None:
    assert SOURCES["own_images"].classes(options("own_images", "defect", path="/"), Path("data")) == ["images"]
    assert SOURCES["own_images"].classes(options("own_images", "defect"), Path("data")) == ["own_images"]


def test_drawn_defects_that_are_not_drawn_yet(options: Options, tmp_path: Path, records: Records) -> None:
    settings = options("drawn_defects", "defect", base="elpv") | {"path": str(tmp_path / "drawn")}
    with pytest.raises(UserError, match=r"drawn: no \{category\}/train/good here; draw the defects first"):
        records(settings, tmp_path)


def test_class_folders(options: Options, tmp_path: Path, save: Save) -> None:
    for name in (
        "train/good/b.JPG",
        "train/good/a.png",
        "train/good/.DS_Store.png",
        "test/good/c d.png",
        "test/bad/é.tif",
    ):
        save(tmp_path / name)
    settings = options("class_folders", path=str(tmp_path))
    assert SOURCES["class_folders"].classes(settings, tmp_path) == ["good"]
    index = build("mine", settings, Path("nowhere"), 1)
    validate(index, "one_vs_rest", ["good"])
    assert list(index.table["id"]) == ["test/bad/é.tif", "test/good/c d.png", "train/good/a.png", "train/good/b.JPG"]
    assert list(index.table["class_name"]) == ["bad", "good", "good", "good"]


@pytest.mark.parametrize("half", ["train", "test"])
def test_class_folders_without_a_split(
    half: str, options: Options, tmp_path: Path, save: Save, records: Records
) -> None:
    save(tmp_path / half / "good/a.png")
    with pytest.raises(UserError, match=r"no folders of classes in (train|test)/; put images into train/\{class\}/"):
        records(options("class_folders", path=str(tmp_path)), tmp_path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("train/good/notes.txt", r"notes\.txt: not an image file"),
        ("train/good/sub/a.png", "sub: not an image file"),
        ("train/empty/.hidden", "empty: there are no images here"),
    ],
)
def test_class_folders_with_something_else(
    name: str, message: str, options: Options, tmp_path: Path, save: Save, records: Records
) -> None:
    for image in ("train/good/a.png", "test/good/a.png"):
        save(tmp_path / image)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    with pytest.raises(UserError, match=message):
        records(options("class_folders", path=str(tmp_path)), tmp_path)


def test_image_folders(options: Options, tmp_path: Path, save: Save, records: Records) -> None:
    for name in ("n01/b.JPEG", "n01/a.JPEG", "n02/images/c.JPEG", "n02/images/._c.JPEG"):
        save(tmp_path / name)
    for name in ("classes.csv", "n02/n02_boxes.txt"):
        (tmp_path / name).touch()
    settings = options("image_folders", path=str(tmp_path))
    assert SOURCES["image_folders"].classes(settings, tmp_path) == ["n01", "n02"]
    assert records(settings, tmp_path) == [
        Record("n01/a.JPEG", "n01/a.JPEG", "n01"),
        Record("n01/b.JPEG", "n01/b.JPEG", "n01"),
        Record("n02/images/c.JPEG", "n02/images/c.JPEG", "n02"),
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("classes.csv", r"no folders of classes here; put images into \{class\}/"),
        ("n01/.hidden", "n01: there are no images here"),
        ("n01/images/.hidden", "n01/images: there are no images here"),
        ("train/n01/a.JPEG", "train/n01: not an image file"),
    ],
)
def test_image_folders_without_images(
    name: str, message: str, options: Options, tmp_path: Path, records: Records
) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    with pytest.raises(UserError, match=message):
        records(options("image_folders", path=str(tmp_path)), tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_file_name_that_is_not_utf8(options: Options, tmp_path: Path, save: Save, records: Records) -> None:
    for image in ("train/good/a.png", "test/good/a.png"):
        save(tmp_path / image)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/train/good/\xff.png")).touch()
    with pytest.raises(UserError, match="the name is not UTF-8") as caught:
        records(options("class_folders", path=str(tmp_path)), tmp_path)
    str(caught.value).encode()


def test_real_cifar10_subset(options: Options, shared_data: Path) -> None:
    settings = options("class_folders", path=str(shared_data / "cifar10_subset"), test_per_class=5)
    index = build("cifar", settings, shared_data, 1024)
    assert sorted(set(index.table["class_name"])) == sorted(SOURCES["cifar10"].class_names)
    assert len(index) == 10_050


def test_real_tiny_imagenet(options: Options, shared_data: Path, records: Records) -> None:
    settings = options("image_folders", path=str(shared_data / "tiny_imagenet_oe"))
    found = records(settings, shared_data)
    assert len(SOURCES["image_folders"].classes(settings, shared_data)) == 200
    assert len({record.id for record in found}) == 5000
    assert images.load(shared_data / "tiny_imagenet_oe", found[0].path).size == (64, 64)

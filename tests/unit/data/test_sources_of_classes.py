"""Published data sets of classes: on synthesised files, and on real ones where they are there."""

import gzip
import hashlib
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oneclass.data import containers, images
from oneclass.data.build import build
from oneclass.data.record import Record
from oneclass.data.sources import SOURCES, cifar, fashion_mnist, imagenet30
from oneclass.errors import UserError

Options = Callable[..., dict[str, Any]]
Records = Callable[[dict[str, Any], Path], list[Record]]
Save = Callable[..., Path]


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


@pytest.mark.parametrize("compress", [False, True])
def test_fashion_mnist(compress: bool, options: Options, tmp_path: Path, records: Records) -> None:
    write_fashion(tmp_path / "FashionMNIST", compress)
    found = records(options("fashion_mnist"), tmp_path)
    assert [(r.split, r.class_name, r.item) for r in found[:3]] == [
        ("train", "Ankle boot", 0),
        ("train", "T-shirt/top", 1),
        ("train", "Trouser", 2),
    ]
    assert {r.path for r in found} == {"raw/train-images-idx3-ubyte", "raw/t10k-images-idx3-ubyte"}


@pytest.mark.parametrize("labels", [(0, 1), (0, 1, 10)])
def test_fashion_mnist_with_labels_that_do_not_fit(
    labels: tuple[int, ...], options: Options, tmp_path: Path, records: Records
) -> None:
    write_fashion(tmp_path / "FashionMNIST", labels=labels)
    with pytest.raises(UserError, match="train-labels-idx1-ubyte: does not hold the labels"):
        records(options("fashion_mnist"), tmp_path)


def test_class_names_are_torchvisions() -> None:
    from torchvision.datasets import FashionMNIST

    assert list(SOURCES["fashion_mnist"].class_names) == FashionMNIST.classes


def test_cifar10(options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: Records) -> None:
    write_cifar(tmp_path / "cifar-10-batches-py", list(cifar.Cifar10.splits), monkeypatch, labels=[0, 9])
    found = records(options("cifar10"), tmp_path)
    assert [r.split for r in found] == ["train"] * 10 + ["test"] * 2
    assert (found[0].class_name, found[1].class_name, found[1].path) == ("airplane", "truck", "data_batch_1")
    assert len({r.id for r in found}) == 12


@pytest.mark.parametrize(("granularity", "name"), [("fine", "worm"), ("coarse", "vehicles_2")])
def test_cifar100(
    granularity: str, name: str, options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: Records
) -> None:
    folder = tmp_path / "elsewhere"
    write_cifar(folder, ["train", "test"], monkeypatch, fine_labels=[0, 99], coarse_labels=[0, 19])
    found = records(options("cifar100", granularity=granularity, path=str(folder)), tmp_path)
    assert [r.class_name for r in found if r.item == 1] == [name, name]


def test_cifar100_has_100_classes_and_20_superclasses_in_order() -> None:
    for kind, count in (("fine", 100), ("coarse", 20)):
        names = cifar.CLASSES[kind]
        assert len(set(names)) == count
        assert list(names) == sorted(names)


def test_download_fetches_only_what_is_missing(
    options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: Records
) -> None:
    def download(url: str, download_root: str, filename: str, md5: str) -> None:
        write_fashion(Path(download_root).parent)

    monkeypatch.setattr("torchvision.datasets.mnist.download_and_extract_archive", download)
    write_idx(tmp_path / "FashionMNIST/raw/train-images-idx3-ubyte", np.ones((3, 28, 28)))
    assert len(records(options("fashion_mnist"), tmp_path)) == 6
    assert os.listdir(tmp_path) == ["FashionMNIST"]
    assert containers.idx(tmp_path / "FashionMNIST/raw/train-images-idx3-ubyte").min() == 1


def test_cats_vs_dogs_from_the_archive(options: Options, tmp_path: Path, save: Save, records: Records) -> None:
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


def test_cats_vs_dogs_without_pictures(options: Options, tmp_path: Path, records: Records) -> None:
    (tmp_path / "cats_vs_dogs").mkdir()
    with pytest.raises(UserError, match="cats_vs_dogs: no PetImages here; unpack"):
        records(options("cats_vs_dogs"), tmp_path)


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train/{}/a.JPEG", "test/{}/a.JPEG"),
        ("one_class_train/{}/images/a.JPEG", "one_class_test/{}/val/{}/a.JPEG"),
        ("train/{}/a.JPEG", "val/{}/{}/a.JPEG"),
    ],
)
def test_imagenet30(train: str, test: str, options: Options, tmp_path: Path, save: Save, records: Records) -> None:
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


def test_imagenet30_without_one_class(options: Options, tmp_path: Path, save: Save, records: Records) -> None:
    for name in imagenet30.CLASSES[:-1]:
        save(tmp_path / f"imagenet30/train/{name}/a.JPEG")
    with pytest.raises(UserError, match=r"train/volcano: there are no images here; get the data set from https://"):
        records(options("imagenet30"), tmp_path)


def test_real_fashion_mnist(options: Options, shared_data: Path) -> None:
    index = build("fashion", options("fashion_mnist", train_per_class=20), shared_data, 1024)
    counts = index.table.groupby(["class_name", "split"]).size()
    assert set(counts.xs("train", level="split")) == {20}
    assert set(counts.xs("test", level="split")) == {1000}
    assert images.load(*index.places()[0]).size == (28, 28)
    assert SOURCES["fashion_mnist"].image_size == 28

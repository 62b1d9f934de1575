"""Published pools of outliers in one large file."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oneclass.data import images
from oneclass.data.record import Record
from oneclass.data.sources import SOURCES, tiny_images
from oneclass.errors import UserError

Options = Callable[..., dict[str, Any]]
Records = Callable[[dict[str, Any], Path], list[Record]]


def test_random_images(options: Options, tmp_path: Path, records: Records) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    np.save(tmp_path / "300K_random_images.npy", pixels)
    found = records(options("random_images"), tmp_path)
    assert [record.id for record in found] == ["000000", "000001", "000002"]
    loaded = [images.load(tmp_path, record.path, record.item, record.reader) for record in found]
    assert (np.stack([np.asarray(image) for image in loaded]) == pixels).all()
    assert SOURCES["random_images"].image_size == 32


def write_tiny(folder: Path, count: int, excluded: str = "0\n") -> None:
    folder.mkdir()
    (folder / "tiny_images.bin").write_bytes(bytes(3072 * count))
    (folder / "80mn_cifar_idxs.txt").write_text(excluded)


def test_tiny_images_without_cifar(options: Options, tmp_path: Path, records: Records) -> None:
    write_tiny(tmp_path / "tiny_images", 5, "0\n1\n4\n")
    found = records(options("tiny_images"), tmp_path)
    assert sorted((record.id, record.item) for record in found) == [("00000001", 1), ("00000002", 2), ("00000004", 4)]
    assert images.load(tmp_path / "tiny_images", found[0].path, 4, found[0].reader).size == (32, 32)
    assert SOURCES["tiny_images"].image_size == 32


@pytest.mark.parametrize("count", [1, 2, 3, 10, 96, 97])
def test_a_limit_keeps_the_first_of_tiny_images(count: int, options: Options, tmp_path: Path, records: Records) -> None:
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


def test_tiny_images_too_many_for_an_index(
    options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: Records
) -> None:
    write_tiny(tmp_path / "tiny_images", 4)
    monkeypatch.setattr(tiny_images, "LARGEST", 3)
    with pytest.raises(UserError, match=r"tiny_images\.bin: 4 images are too many for an index; set limit \(3 at most"):
        records(options("tiny_images"), tmp_path)
    assert len(records(options("tiny_images") | {"limit": 3}, tmp_path)) == 3


@pytest.mark.parametrize("content", ["one\n", "1.5\n", "\xff"])
def test_tiny_images_with_another_list(content: str, options: Options, tmp_path: Path, records: Records) -> None:
    write_tiny(tmp_path / "tiny_images", 1)
    (tmp_path / "tiny_images/80mn_cifar_idxs.txt").write_text(content, encoding="latin-1")
    with pytest.raises(
        UserError, match=r"80mn_cifar_idxs\.txt: not one number per line \(.*get it again from https://"
    ):
        records(options("tiny_images"), tmp_path)


def test_tiny_images_without_the_list(options: Options, tmp_path: Path, records: Records) -> None:
    write_tiny(tmp_path / "tiny_images", 1)
    (tmp_path / "tiny_images/80mn_cifar_idxs.txt").unlink()
    with pytest.raises(UserError, match=r"80mn_cifar_idxs\.txt, the list of CIFAR's images, is missing; get it from"):
        records(options("tiny_images"), tmp_path)

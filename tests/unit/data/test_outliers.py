import logging
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from oneclass.data import images, outliers
from oneclass.data.index import Index
from oneclass.data.record import COLUMNS, Record
from oneclass.errors import UserError

Save = Callable[..., Path]


def index_of(folder: Path, name: str, splits: dict[str, str]) -> Index:
    """The index of image files of ``folder`` with these splits; the class is the folder a file is in."""
    rows = [vars(Record(path, path, str(Path(path).parent), split)) for path, split in splits.items()]
    return Index.create(pd.DataFrame(rows, columns=list(COLUMNS)), name, folder)


@pytest.fixture
def dataset(tmp_path: Path, save: Save) -> Index:
    for value, name in enumerate(("train", "test", "other")):
        save(tmp_path / "data" / f"{name}.png", value)
    return index_of(tmp_path / "data", "toy", {"train.png": "train", "test.png": "test", "other.png": "test"})


@pytest.fixture
def pool(tmp_path: Path, save: Save) -> Index:
    """What is like the training image 0, like the test image 1, like no image, and like 1 with other width and height.

    The test image once more in another format: what counts is pixels, not files.
    """
    for value, name in enumerate(("a/train.png", "a/test.png", "b/neither.png", "b/test.bmp")):
        save(tmp_path / "pool" / name, {2: 9, 3: 1}.get(value, value))
    Image.fromarray(np.full((2, 8, 3), 1, np.uint8)).save(tmp_path / "pool/b/wide.png")
    names = ("a/train.png", "a/test.png", "b/neither.png", "b/test.bmp", "b/wide.png")
    return index_of(tmp_path / "pool", "wild", dict.fromkeys(names, "train"))


def test_duplicates_have_the_same_pixels_and_size(dataset: Index, pool: Index) -> None:
    found = outliers.duplicates(dataset, pool)
    assert dict(zip(pool.ids(), found, strict=True)) == {
        "a/train.png": "train.png",
        "a/test.png": "test.png",
        "b/neither.png": "",
        "b/test.bmp": "test.png",
        "b/wide.png": "",
    }
    assert (found.index == pool.table.index).all()


def test_only_test_images_of_the_data_set_are_dropped(
    dataset: Index, pool: Index, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        kept, dropped = outliers.without_duplicates(dataset, pool)
    assert kept.to_numpy().tolist() == [["a/train.png", "a"], ["b/neither.png", "b"], ["b/wide.png", "b"]]
    assert dropped.to_dict("list") == {
        "id": ["a/test.png", "b/test.bmp"],
        "class_name": ["a", "b"],
        "duplicate_of": ["test.png", "test.png"],
    }
    assert "pool 'wild', data set 'toy': 2 of 5 images dropped" in caplog.text


def test_a_pool_of_nothing_but_test_images(dataset: Index) -> None:
    with pytest.raises(UserError, match="every image of the pool is a test image; name another pool"):
        outliers.without_duplicates(dataset, dataset.take((dataset.table["split"] == "test").to_numpy()))


def test_an_image_of_another_size_is_not_decoded(dataset: Index, pool: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []
    load = images.load
    monkeypatch.setattr(images, "load", lambda root, path, *rest: decoded.append(path) or load(root, path, *rest))
    outliers.duplicates(dataset, pool)
    assert "b/wide.png" not in decoded
    assert "b/neither.png" in decoded


def test_digits_are_duplicates_of_themselves(real_index: Callable[..., Index]) -> None:
    digits = real_index("mnist5k", "one_vs_rest", train_per_class=5, test_per_class=5)
    kept, dropped = outliers.without_duplicates(digits, digits)
    test = digits.table[digits.table["split"] == "test"]
    assert dropped["id"].tolist() == test["id"].tolist()
    assert dropped["duplicate_of"].tolist() == test["id"].tolist()
    assert len(kept) == 50


def of(count: int) -> pd.DataFrame:
    """What is left of a pool."""
    return pd.DataFrame({"id": [f"{i:03d}" for i in range(count)], "class_name": [f"c{i % 7}" for i in range(count)]})


def drawn(table: pd.DataFrame, kind: str = "image") -> dict[tuple[str, int], list[str]]:
    assert table.columns.tolist() == ["class", "repetition", "kind", "rank", "name"]
    parts = table[table["kind"] == kind].groupby(["class", "repetition"])
    assert all(part["rank"].tolist() == list(range(len(part))) for _, part in parts)
    return {key: part["name"].tolist() for key, part in parts}


def test_every_class_and_repetition_has_its_own_order() -> None:
    found = outliers.choose(of(50), "wild", "toy", ["cat", "dog"], 3, 50, 1)
    for kind, names in (("image", of(50)["id"]), ("class", of(50)["class_name"].unique())):
        orders = drawn(found, kind)
        assert list(orders) == [(name, repetition) for name in ("cat", "dog") for repetition in range(3)]
        assert all(sorted(order) == sorted(names) for order in orders.values())
        assert len({tuple(order) for order in orders.values()}) == 6


def test_subsets_are_nested_and_do_not_depend_on_anything_else() -> None:
    everything = outliers.choose(of(64), "wild", "toy", ["cat", "dog"], 2, 64, 1)
    shuffled = of(64).sample(frac=1, random_state=0)
    for largest in (0, 1, 2, 32):
        fewer = outliers.choose(shuffled, "wild", "toy", ["dog"], 1, largest, 1)
        assert drawn(fewer).get(("dog", 0), []) == drawn(everything)["dog", 0][:largest]
        assert drawn(fewer, "class")["dog", 0] == drawn(everything, "class")["dog", 0]


def test_another_seed_pool_or_data_set_is_another_choice() -> None:
    choices = [
        drawn(outliers.choose(of(50), pool, dataset, ["cat"], 1, 50, seed))["cat", 0]
        for pool, dataset, seed in (("wild", "toy", 1), ("wild", "toy", 2), ("tame", "toy", 1), ("wild", "real", 1))
    ]
    assert len({tuple(choice) for choice in choices}) == 4


def test_every_image_is_as_likely_to_be_first() -> None:
    repetitions, count = 1000, 10
    orders = drawn(outliers.choose(of(count), "wild", "toy", ["cat"], repetitions, 1, 1))
    observed = pd.Series([order[0] for order in orders.values()]).value_counts()
    expected = repetitions / count
    assert len(observed) == count
    assert ((observed - expected).abs() < 4 * math.sqrt(expected)).all()


def test_more_outliers_than_the_pool_has() -> None:
    with pytest.raises(UserError, match="pool 'wild': 8 outliers are asked for, but it has 7; ask for fewer"):
        outliers.choose(of(7), "wild", "toy", ["cat"], 1, 8, 1)


def test_outliers_are_taken_at_random_from_those_that_are_kept(pool: Index) -> None:
    kept = pool.table[["id"]].iloc[1:]
    assert outliers.take(pool, kept, None, "toy", "transfer", 1).ids().tolist() == kept["id"].tolist()
    few = outliers.take(pool, kept, 3, "toy", "transfer", 1)
    assert len(few) == 3 and set(few.ids()) <= set(kept["id"])
    assert (few.name, few.root, few.hash) == (pool.name, pool.root, pool.hash)
    with pytest.raises(UserError, match=rf"transfer.outliers: pool '{pool.name}' has {len(kept)} images, not 11"):
        outliers.take(pool, kept, 11, "toy", "transfer", 1)

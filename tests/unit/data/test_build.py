"""Which images an index holds, and which of them are test images: by the options and the seed alone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oneclass.data.build import build
from oneclass.data.index import Index
from oneclass.data.record import COLUMNS, Record
from oneclass.errors import UserError
from tests.unit.data.toy import defects, toy

MakeIndex = Callable[..., Index]


def ids(index: Index, **where: object) -> set[str]:
    table = index.table
    for column, value in where.items():
        table = table[table[column] == value]
    return set(table["id"])


def test_columns_types_and_order(make_index: MakeIndex) -> None:
    index = make_index(toy()[::-1])
    assert tuple(index.table.columns) == COLUMNS
    assert (index.table["item"].dtype, index.table["label"].dtype) == ("int64", "int8")
    assert list(index.table["id"]) == sorted(index.table["id"])
    assert list(index.table.index) == list(range(20))


def test_without_a_split_the_fraction_of_each_class_is_held_out(make_index: MakeIndex) -> None:
    counts = make_index(toy(10, "ab"), test_fraction=0.3).table.groupby(["class_name", "split"]).size()
    assert counts.to_dict() == {("a", "test"): 3, ("a", "train"): 7, ("b", "test"): 3, ("b", "train"): 7}


def test_half_an_image_is_rounded_up(make_index: MakeIndex) -> None:
    index = make_index(toy(5, "a"), test_fraction=0.5)
    assert len(ids(index, split="test")) == 3


def test_anomalous_images_are_never_trained_on(make_index: MakeIndex) -> None:
    index = make_index(defects())
    assert set(index.table.loc[index.table["label"] == 1, "split"]) == {"test"}
    assert len(ids(index, label=0, split="test")) == 3


def test_official_split_is_kept(make_index: MakeIndex) -> None:
    records = [replace(r, split="test" if r.item < 2 else "train") for r in toy()]
    index = make_index(records)
    assert set(index.table.loc[index.table["split"] == "test", "item"]) == {0, 1}


def test_caps_count_each_class_and_label(make_index: MakeIndex) -> None:
    index = make_index(defects(), train_per_class=4, test_per_class=2)
    counts = index.table.groupby(["split", "label"]).size().to_dict()
    assert counts == {("train", 0): 4, ("test", 0): 2, ("test", 1): 2}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(toy(8)), seed=st.integers(0, 2**32), small=st.integers(1, 5), larger=st.integers(0, 5))
def test_choices_depend_on_the_seed_only(
    make_index: MakeIndex, order: list[Record], seed: int, small: int, larger: int
) -> None:
    index = make_index(order, seed, train_per_class=small)
    assert index.table.equals(make_index(toy(8), seed, train_per_class=small).table)
    # a larger cap adds images and takes none away; no cap touches the other split
    more = make_index(order, seed, train_per_class=small + larger)
    assert ids(index, split="train") <= ids(more, split="train")
    assert ids(index, split="test") == ids(make_index(order, seed), split="test")


def test_another_seed_gives_another_split(make_index: MakeIndex) -> None:
    splits = {frozenset(ids(make_index(toy(), seed), split="test")) for seed in range(5)}
    assert len(splits) == 5


def test_the_name_in_the_config_does_not_change_the_rows(options: Callable[..., dict[str, object]]) -> None:
    first, second = (build(name, options("elpv"), Path("none"), 1) for name in ("elpv", "elpv_224"))
    assert first.hash == second.hash
    assert (first.name, second.name) == ("elpv", "elpv_224")


def test_defect_data_hold_only_the_categories_that_are_run(make_index: MakeIndex) -> None:
    records = [*defects(), *(replace(record, id="b" + record.id, class_name="b") for record in defects())]
    kept = make_index(records, task="defect", classes=["b"])
    assert set(kept.table["class_name"]) == {"b"}
    assert ids(kept) == ids(make_index(records, task="defect"), class_name="b")
    assert set(make_index(toy(4, "a") + toy(4, "c"), task="one_vs_rest", classes=["a"]).table["class_name"]) == {
        "a",
        "c",
    }


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"split": "val"}, "pixels.csv has split 'val'; it must be train, test or nothing"),
        ({"split": "train", "label": 1}, "pixels.csv is anomalous and in split train; make it test"),
    ],
)
def test_no_image_is_lost_for_its_split(wrong: dict[str, object], message: str, make_index: MakeIndex) -> None:
    first, *others = toy()
    with pytest.raises(UserError, match=message):
        make_index([replace(first, **wrong), *others])

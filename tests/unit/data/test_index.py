import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oneclass.data.build import build
from oneclass.data.index import read, validate, write
from oneclass.data.record import COLUMNS, Record
from oneclass.errors import UserError

MakeIndex = Callable[..., pd.DataFrame]


def toy(per_class: int = 10, classes: str = "ab", **fields: object) -> list[Record]:
    return [
        replace(Record(f"{name}{i:02d}", "pixels.csv", name, item=i, reader="mnist_csv"), **fields)
        for name in classes
        for i in range(per_class)
    ]


def defects(normal: int = 10, anomalous: int = 6) -> list[Record]:
    bad = [replace(r, id="bad" + r.id, label=1, defect="scratch") for r in toy(anomalous, "a")]
    return toy(normal, "a") + bad


def ids(index: pd.DataFrame, **where: object) -> set[str]:
    for column, value in where.items():
        index = index[index[column] == value]
    return set(index["id"])


def test_columns_types_and_order(make_index: MakeIndex) -> None:
    index = make_index(toy()[::-1])
    assert tuple(index.columns) == COLUMNS
    assert (index["item"].dtype, index["label"].dtype) == ("int64", "int8")
    assert list(index["id"]) == sorted(index["id"])
    assert list(index.index) == list(range(20))


def test_without_a_split_the_fraction_of_each_class_is_held_out(make_index: MakeIndex) -> None:
    counts = make_index(toy(10, "ab"), test_fraction=0.3).groupby(["class_name", "split"]).size()
    assert counts.to_dict() == {("a", "test"): 3, ("a", "train"): 7, ("b", "test"): 3, ("b", "train"): 7}


def test_half_an_image_is_rounded_up(make_index: MakeIndex) -> None:
    index = make_index(toy(5, "a"), test_fraction=0.5)
    assert len(ids(index, split="test")) == 3


def test_anomalous_images_are_never_trained_on(make_index: MakeIndex) -> None:
    index = make_index(defects())
    assert set(index.loc[index["label"] == 1, "split"]) == {"test"}
    assert len(ids(index, label=0, split="test")) == 3


def test_official_split_is_kept(make_index: MakeIndex) -> None:
    records = [replace(r, split="test" if r.item < 2 else "train") for r in toy()]
    index = make_index(records)
    assert set(index.loc[index["split"] == "test", "item"]) == {0, 1}


def test_caps_count_each_class_and_label(make_index: MakeIndex) -> None:
    index = make_index(defects(), train_per_class=4, test_per_class=2)
    counts = index.groupby(["split", "label"]).size().to_dict()
    assert counts == {("train", 0): 4, ("test", 0): 2, ("test", 1): 2}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(toy(8)), seed=st.integers(0, 2**32), small=st.integers(1, 5), larger=st.integers(0, 5))
def test_choices_depend_on_the_seed_only(
    make_index: MakeIndex, order: list[Record], seed: int, small: int, larger: int
) -> None:
    index = make_index(order, seed, train_per_class=small)
    assert index.equals(make_index(toy(8), seed, train_per_class=small))
    # a larger cap adds images and takes none away; no cap touches the other split
    more = make_index(order, seed, train_per_class=small + larger)
    assert ids(index, split="train") <= ids(more, split="train")
    assert ids(index, split="test") == ids(make_index(order, seed), split="test")


def test_another_seed_gives_another_split(make_index: MakeIndex) -> None:
    splits = {frozenset(ids(make_index(toy(), seed), split="test")) for seed in range(5)}
    assert len(splits) == 5


def test_the_name_in_the_config_does_not_change_the_rows(options: Callable[..., dict[str, object]]) -> None:
    first, second = (build(name, options("elpv"), Path("none"), 1) for name in ("elpv", "elpv_224"))
    assert first.attrs["hash"] == second.attrs["hash"]
    assert (first.attrs["dataset"], second.attrs["dataset"]) == ("elpv", "elpv_224")


def test_round_trip(make_index: MakeIndex, tmp_path: Path) -> None:
    index = make_index(defects())
    file = tmp_path / "results" / "toy.parquet"
    write(index, tmp_path, file)
    again = read(file)
    pd.testing.assert_frame_equal(again, index)
    assert again.attrs == index.attrs
    assert again.attrs["root"] == str(tmp_path.resolve())


def test_same_index_same_bytes_and_nothing_else_in_the_folder(make_index: MakeIndex, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    for name in ("toy.parquet", "again.parquet"):
        write(make_index(toy()), tmp_path, folder / name)
    assert (folder / "toy.parquet").read_bytes() == (folder / "again.parquet").read_bytes()
    assert sorted(os.listdir(folder)) == ["again.parquet", "toy.parquet"]


def test_failed_write_leaves_the_old_file(
    make_index: MakeIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "toy.parquet"
    write(make_index(toy()), tmp_path, file)
    before = file.read_bytes()

    def full_disk(table: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(pq, "write_table", full_disk)
    with pytest.raises(OSError, match="no space"):
        write(make_index(toy(3)), tmp_path, file)
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["toy.parquet"]


def test_hash_is_the_content(make_index: MakeIndex) -> None:
    index = make_index(toy())
    assert index.attrs["hash"] == make_index(toy()).attrs["hash"]
    assert index.attrs["hash"] != make_index(toy(), seed=2).attrs["hash"]


def test_read_refuses_what_is_no_index(make_index: MakeIndex, tmp_path: Path) -> None:
    file = tmp_path / "toy.parquet"
    with pytest.raises(UserError, match=r"toy\.parquet: there is no such index"):
        read(file)
    file.write_bytes(b"PAR1 torn")
    with pytest.raises(UserError, match=r"toy\.parquet: not a readable Parquet file"):
        read(file)
    pq.write_table(pa.table({"id": ["a"]}), file)
    with pytest.raises(UserError, match=r"toy\.parquet: not an index of the present schema"):
        read(file)
    index = make_index(toy())
    pq.write_table(pa.Table.from_pandas(index), file)  # the right columns without our metadata
    with pytest.raises(UserError, match="not an index of the present schema"):
        read(file)


def test_folders_that_look_like_partitions(make_index: MakeIndex, tmp_path: Path) -> None:
    file = tmp_path / "run=1" / "toy.parquet"
    write(make_index(toy()), tmp_path, file)
    assert tuple(read(file).columns) == COLUMNS


def test_valid_indices_pass(make_index: MakeIndex) -> None:
    validate(make_index(toy()), "one_vs_rest", ["a", "b"])
    validate(make_index(toy()), "leave_one_out", ["a", "b"])
    validate(make_index(defects()), "defect", ["a"])


@pytest.mark.parametrize(
    ("records", "task", "message"),
    [
        ([], "one_vs_rest", "'toy': no images in"),
        (toy() + toy(1), "one_vs_rest", r"2 duplicate id\(s\), such as 'a00'"),
        (defects(), "one_vs_rest", "set task: defect"),
        (toy(10, "b"), "one_vs_rest", "no class 'a'; there is: b"),
        (toy(10, "a"), "one_vs_rest", "class 'a': no anomalous test images for task one_vs_rest"),
        (toy(10, "a"), "leave_one_out", "class 'a': no normal training images for task leave_one_out"),
        (toy(10, "a"), "defect", "class 'a': no anomalous test images for task defect"),
        (defects(normal=0), "defect", "class 'a': no normal training images"),
        (defects(normal=1), "defect", "class 'a': no normal test images"),
    ],
)
def test_validate_names_data_set_and_class(
    make_index: MakeIndex, records: list[Record], task: str, message: str
) -> None:
    with pytest.raises(UserError, match=message) as caught:
        validate(make_index(records), task, ["a"])
    assert "'toy'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_anomalies_are_needed_only_to_measure(make_index: MakeIndex) -> None:
    validate(make_index(toy(10, "a")), "defect", ["a"], anomalies=False)
    for normal, what in ((1, "normal test images"), (0, "no images in")):
        with pytest.raises(UserError, match=what):
            validate(make_index(toy(normal, "a")), "defect", ["a"], anomalies=False)


def test_all_anomalous_images_have_masks_or_none_has(make_index: MakeIndex, tmp_path: Path) -> None:
    (tmp_path / "mask.png").touch()
    masked = [replace(record, mask="mask.png") if record.label else record for record in defects()]
    validate(make_index(masked), "defect", ["a"])
    masked[-1] = replace(masked[-1], mask="", path="bare.csv")
    with pytest.raises(UserError, match=r"bare\.csv has no mask, but other anomalous images have; add it"):
        validate(make_index(masked), "defect", ["a"])


@pytest.mark.parametrize("lost", ["image.png", "mask.png"])
def test_validate_names_a_missing_file(make_index: MakeIndex, tmp_path: Path, lost: str) -> None:
    for name in {"image.png", "mask.png"} - {lost}:
        (tmp_path / name).touch()
    records = [replace(r, path="image.png", reader="image", mask="mask.png") for r in toy()]
    with pytest.raises(UserError, match=f"{lost} is missing"):
        validate(make_index(records), "one_vs_rest", ["a"])


def test_defect_data_hold_only_the_categories_that_are_run(make_index: Callable[..., pd.DataFrame]) -> None:
    records = [*defects(), *(replace(record, id="b" + record.id, class_name="b") for record in defects())]
    kept = make_index(records, task="defect", classes=["b"])
    assert set(kept["class_name"]) == {"b"}
    assert ids(kept) == ids(make_index(records, task="defect"), class_name="b")
    assert set(make_index(toy(4, "a") + toy(4, "c"), task="one_vs_rest", classes=["a"])["class_name"]) == {"a", "c"}

"""An index: rows, the name of their data set, where their paths start, and a hash of all; kept as Parquet."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oneclass import parquet
from oneclass.data.index import Index, Place, read, write
from oneclass.data.record import COLUMNS, Record
from oneclass.errors import UserError
from tests.unit.data.toy import toy

MakeIndex = Callable[..., Index]


def test_round_trip(make_index: MakeIndex, tmp_path: Path) -> None:
    index = make_index([*toy(), Record("c", "c.png", "a", "test", label=1, defect="scratch", mask="m.png")])
    file = tmp_path / "results" / "toy.parquet"
    write(index, file)
    again = read(file)
    pd.testing.assert_frame_equal(again.table, index.table)
    assert (again.name, again.root, again.hash) == (index.name, index.root, index.hash)
    assert (again.name, again.root) == ("toy", tmp_path.resolve())


def test_same_index_same_bytes_and_nothing_else_in_the_folder(make_index: MakeIndex, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    for name in ("toy.parquet", "again.parquet"):
        write(make_index(toy()), folder / name)
    assert (folder / "toy.parquet").read_bytes() == (folder / "again.parquet").read_bytes()
    assert sorted(os.listdir(folder)) == ["again.parquet", "toy.parquet"]


def test_failed_write_leaves_the_old_file(
    make_index: MakeIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "toy.parquet"
    write(make_index(toy()), file)
    before = file.read_bytes()

    def full_disk(path: Path, content: bytes) -> None:
        path.write_text("half")
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="no space"):
        write(make_index(toy(3)), file)
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["toy.parquet"]


def test_hash_is_the_content(make_index: MakeIndex) -> None:
    index = make_index(toy())
    assert index.hash == make_index(toy()).hash
    assert index.hash != make_index(toy(), seed=2).hash


def test_read_refuses_what_is_no_index(make_index: MakeIndex, tmp_path: Path) -> None:
    file = tmp_path / "toy.parquet"
    with pytest.raises(UserError, match=r"toy\.parquet: there is no such file; run again"):
        read(file)
    file.write_bytes(b"PAR1 torn")
    with pytest.raises(UserError, match=r"toy\.parquet: not a readable Parquet file"):
        read(file)
    pq.write_table(pa.table({"id": ["a"]}), file)
    with pytest.raises(UserError, match=r"toy\.parquet: not a readable Parquet file \(it has no checksum"):
        read(file)
    parquet.write(pa.table({"id": ["a"]}), {}, file)
    with pytest.raises(UserError, match=r"toy\.parquet: not an index of the present schema"):
        read(file)
    parquet.write(pa.Table.from_pandas(make_index(toy()).table), {}, file)  # the right columns without our metadata
    with pytest.raises(UserError, match="not an index of the present schema"):
        read(file)


def test_folders_that_look_like_partitions(make_index: MakeIndex, tmp_path: Path) -> None:
    file = tmp_path / "run=1" / "toy.parquet"
    write(make_index(toy()), file)
    assert tuple(read(file).table.columns) == COLUMNS


def test_the_hash_covers_every_column_and_the_order_of_rows(make_index: MakeIndex) -> None:
    index = make_index(toy(2))
    hashes = {index.hash}
    for column in COLUMNS:
        table = index.table.copy()
        table.loc[0, column] = 7 if column in ("item", "label") else "other"
        hashes.add(Index.create(table, "toy", index.root).hash)
    hashes.add(Index.create(index.table[::-1], "toy", index.root).hash)
    assert len(hashes) == len(COLUMNS) + 2


def test_the_hash_depends_on_neither_name_nor_root(make_index: MakeIndex) -> None:
    index = make_index(toy())
    assert Index.create(index.table, "other", "/elsewhere").hash == index.hash


@pytest.mark.parametrize("rows", [[3, 0, 1], np.array([2]), slice(None, None, -1), np.arange(20) % 2 == 1, []])
def test_a_part_keeps_name_root_and_hash_of_the_whole(rows: object, make_index: MakeIndex) -> None:
    index = make_index(toy())
    part = index.take(rows)
    assert (part.name, part.root, part.hash) == (index.name, index.root, index.hash)
    expected = np.arange(20)[rows].tolist()
    assert part.ids().tolist() == [index.ids()[row] for row in expected]
    assert part.places() == [index.places()[row] for row in expected]
    assert len(part) == len(expected)


def test_a_part_of_a_part_counts_from_its_own_first_row(make_index: MakeIndex) -> None:
    index = make_index(toy())
    assert index.take([5, 9, 2]).take([2, 0]).ids().tolist() == index.ids()[[2, 5]].tolist()


def test_places_are_where_the_images_are(make_index: MakeIndex, tmp_path: Path) -> None:
    index = make_index([Record("a", "folder/a.png", "x"), Record("b", "pixels.csv", "x", item=3, reader="mnist_csv")])
    root = tmp_path.resolve()
    assert index.places() == [Place(root, "folder/a.png"), Place(root, "pixels.csv", 3, "mnist_csv")]


def test_a_relative_root_is_resolved(make_index: MakeIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Index.create(make_index(toy()).table, "toy", "data").root == tmp_path.resolve() / "data"


def test_an_index_of_pictures_in_the_working_directory_is_the_same_in_another_one(
    make_index: MakeIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, written = make_index(toy()).table, []
    for run in ("first", "second"):
        (tmp_path / run / "results").mkdir(parents=True)
        monkeypatch.chdir(tmp_path / run)
        write(Index.create(table, "toy", "data"), Path("results/index.parquet"))
        written.append(tmp_path / run / "results/index.parquet")
    assert written[0].read_bytes() == written[1].read_bytes()
    for path, run in zip(written, ("first", "second"), strict=True):  # from any working directory
        assert read(path).root == tmp_path.resolve() / run / "data"


def test_pictures_elsewhere_are_found_from_any_working_directory(
    make_index: MakeIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    write(Index.create(make_index(toy()).table, "toy", tmp_path / "data"), Path("index.parquet"))
    monkeypatch.chdir(tmp_path)
    assert read("run/index.parquet").root == tmp_path.resolve() / "data"

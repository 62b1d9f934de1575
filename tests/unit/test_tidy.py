"""The tables that jobs hand on: one schema, the same bytes for the same rows, and what a reader refuses."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oneclass import parquet
from oneclass.catalogue.methods import options
from oneclass.errors import UserError
from oneclass.tidy import NUMBER, SCHEMAS, TEXT, VARIANT, conform, read, write

KINDS = pytest.mark.parametrize("kind", SCHEMAS)


def scores(**columns: Any) -> pd.DataFrame:
    """Two images under one variant of a method."""
    return pd.DataFrame(
        {"dataset": "toy", "class": "cat", "method": "hsc", "network": "lenet", "outlier_count": np.inf}
        | {"repetition": 1, "id": ["a", "b"], "label": [0, 1], "score": [0.5, np.nan]}
        | columns
    )


def one_row(kind: str) -> pd.DataFrame:
    """A row with a value in every column."""
    values = {TEXT: "x", NUMBER: 0.5, pa.string(): "i", pa.int64(): 3, pa.int8(): 1, pa.bool_(): True}
    return pd.DataFrame({name: [values[type_]] for name, type_ in SCHEMAS[kind].items()})


def shown(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows, without what is null."""
    return [{name: value for name, value in row.items() if pd.notna(value)} for row in frame.to_dict("records")]


@KINDS
def test_a_file_has_the_types_of_its_schema_and_nothing_of_pandas(kind: str, tmp_path: Path) -> None:
    write(one_row(kind), kind, tmp_path / "t.parquet")
    schema = pq.read_schema(tmp_path / "t.parquet")
    assert {field.name: field.type for field in schema} == SCHEMAS[kind]
    assert schema.names == list(SCHEMAS[kind])
    assert parquet.read_metadata(tmp_path / "t.parquet") == {"kind": kind}
    assert b"pandas" not in schema.metadata


@KINDS
def test_what_is_written_is_read(kind: str, tmp_path: Path) -> None:
    write(one_row(kind), kind, tmp_path / "new" / "t.parquet")
    found = read([tmp_path / "new" / "t.parquet"], kind)
    assert found.astype(object).to_dict("records") == one_row(kind).astype(object).to_dict("records")
    texts = [name for name, type_ in SCHEMAS[kind].items() if type_ == TEXT]
    assert all(isinstance(found[name].dtype, pd.CategoricalDtype) for name in texts)


@KINDS
def test_what_is_missing_is_null(kind: str, tmp_path: Path) -> None:
    write(pd.DataFrame({"method": ["knn", "ocsvm"]}), kind, tmp_path / "t.parquet")
    stored = pq.read_table(tmp_path / "t.parquet")
    assert {name: stored[name].null_count for name in stored.column_names} == {
        name: 0 if name == "method" else 2 for name in SCHEMAS[kind]
    }
    assert shown(read([tmp_path / "t.parquet"], kind)) == [{"method": "knn"}, {"method": "ocsvm"}]


@KINDS
def test_a_table_may_have_no_rows(kind: str, tmp_path: Path) -> None:
    write(pd.DataFrame([]).assign(dataset="toy"), kind, tmp_path / "t.parquet")
    write(one_row(kind), kind, tmp_path / "one.parquet")
    assert len(read([tmp_path / "t.parquet"], kind)) == 0
    both = read([tmp_path / "t.parquet", tmp_path / "one.parquet"], kind)
    assert shown(both) == shown(one_row(kind))
    nothing = read([], kind)
    assert len(nothing) == 0 and list(nothing.columns) == list(SCHEMAS[kind])


def test_none_and_nan_are_null_and_infinity_is_a_number(tmp_path: Path) -> None:
    write(scores(projector=[None, "linear"], center=[np.nan, "ones"], z_norm=[None, 2.0]), "scores", tmp_path / "t")
    stored = pq.read_table(tmp_path / "t")
    for name, expected in (("projector", [None, "linear"]), ("center", [None, "ones"]), ("z_norm", [None, 2.0])):
        assert stored[name].to_pylist() == expected
    assert stored["score"].to_pylist() == [0.5, None]
    assert stored["outlier_count"].to_pylist() == [np.inf, np.inf]


def test_conform_puts_the_columns_in_order_and_options_last() -> None:
    frame = scores(gamma=2.0, radial="squared", backbone="b")
    whole = conform(frame[frame.columns[::-1]], "scores")
    assert list(whole.columns) == [*SCHEMAS["scores"], "radial", "gamma"]
    assert whole[frame.columns].equals(frame), "what was there is as it was"
    rest = whole.drop(columns=frame.columns)
    assert rest.isna().all(axis=None)
    pd.testing.assert_frame_equal(conform(whole, "scores"), whole)


def test_variants_are_part_of_every_schema_and_options_of_none() -> None:
    for schema in SCHEMAS.values():
        assert list(VARIANT) == [name for name in schema if name in VARIANT]
        assert not options().keys() & schema.keys()


@pytest.mark.parametrize(
    ("values", "type_", "read_as"),
    [
        (["squared", None], TEXT, ["squared", None]),
        (pd.Categorical(["squared", None], categories=["norm1", "squared"]), TEXT, ["squared", None]),
        ([2.0, np.nan], NUMBER, [2.0, None]),
        ([2, 3], NUMBER, [2.0, 3.0]),
    ],
)
def test_an_option_is_text_or_a_number(values: Any, type_: pa.DataType, read_as: list[object], tmp_path: Path) -> None:
    write(scores(option=values), "scores", tmp_path / "t.parquet")
    stored = pq.read_table(tmp_path / "t.parquet")
    assert stored.column_names[-1] == "option" and stored.schema.field("option").type == type_
    assert stored["option"].to_pylist() == read_as


def test_equal_frames_give_equal_bytes_whatever_the_dtype(tmp_path: Path) -> None:
    plain = scores(projector=["linear", None], radial=["squared", None], center_norm=[1.0, np.nan])
    categories = {
        "class": pd.CategoricalDtype(["dog", "cat"]),
        "projector": pd.CategoricalDtype(["conv1x1", "linear"]),
        "radial": pd.CategoricalDtype(["squared"]),
        "id": "category",
    }
    alike = [
        plain,
        plain.copy(),
        plain.astype(object),
        plain.astype({"class": "string", "id": "string", "projector": "string", "radial": "string"}),
        plain.astype(categories),
        plain.astype({"score": np.float32, "label": np.int8, "repetition": np.int32, "center_norm": "Float64"}),
        plain[plain.columns[::-1].drop("radial").append(pd.Index(["radial"]))],
        plain.set_index(np.array([7, 3])),
        conform(plain, "scores"),
    ]
    for k, frame in enumerate(alike):
        write(frame, "scores", tmp_path / str(k))
    write(read([tmp_path / "0"], "scores"), "scores", tmp_path / "again")
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1
    write(plain.assign(radial="squared"), "scores", tmp_path / "other")
    assert (tmp_path / "other").read_bytes() != (tmp_path / "0").read_bytes()


@pytest.mark.parametrize("column", ["repetition", "label"])
def test_a_value_without_a_place_is_refused_and_nothing_is_written(column: str, tmp_path: Path) -> None:
    with pytest.raises(pa.ArrowInvalid):
        write(scores(**{column: 0.5}), "scores", tmp_path / "t.parquet")
    assert not list(tmp_path.iterdir())


def test_files_join_in_their_order_whatever_their_categories_and_options(tmp_path: Path) -> None:
    tables = [
        scores(radial="squared"),
        scores(method="bce", **{"class": "dog"}),
        scores(method="focal", gamma=[0.5, 2.0], network=["cbam", "lenet"]),
        scores(radial=["norm1", "squared"], network=None),
    ]
    paths = [tmp_path / f"{k}.parquet" for k in range(4)]
    for table, path in zip(tables, paths, strict=True):
        write(table, "scores", path)
    joined = read(paths, "scores")
    assert list(joined.columns) == [*SCHEMAS["scores"], "radial", "gamma"]
    assert shown(joined) == [row for table in tables for row in shown(table)]
    assert joined["gamma"].dtype == np.float64
    for name in ("class", "method", "radial", "network"):
        assert isinstance(joined[name].dtype, pd.CategoricalDtype)
    assert set(joined["class"].cat.categories) == {"cat", "dog"}
    assert shown(read(paths[::-1], "scores")) == [row for table in tables[::-1] for row in shown(table)]
    write(joined, "scores", tmp_path / "joined.parquet")
    assert shown(read([tmp_path / "joined.parquet"], "scores")) == shown(joined)


def test_an_option_that_applies_to_no_row_is_left_out(tmp_path: Path) -> None:
    """Else its type would be that of the null, and the file would not join others."""
    for name, frame in {
        "without": scores(),
        "None": scores(radial=None, gamma=None),
        "NaN": scores(radial=np.nan, gamma=np.nan),
        "category": scores(radial=pd.Categorical([None, None]), gamma=pd.NA),
    }.items():
        write(frame, "scores", tmp_path / name)
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1
    write(scores(radial=["squared", "norm1"], gamma=2.0), "scores", tmp_path / "with")
    joined = read([tmp_path / "None", tmp_path / "with"], "scores")
    assert joined["radial"].tolist()[2:] == ["squared", "norm1"] and joined["gamma"].tolist()[2:] == [2, 2]
    assert joined[["radial", "gamma"]][:2].isna().all(axis=None)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write(scores(), "scores", tmp_path / "t.parquet")
    with pytest.raises(UserError, match=r"gone\.parquet: there is no such file; run again"):
        read([tmp_path / "t.parquet", tmp_path / "gone.parquet"], "scores")


def test_what_is_no_table_of_that_kind_is_named(tmp_path: Path) -> None:
    write(scores(), "scores", tmp_path / "scores.parquet")
    with pytest.raises(UserError, match=r"scores\.parquet: not a table of metrics that this version wrote; delete"):
        read([tmp_path / "scores.parquet"], "metrics")
    scores().to_parquet(tmp_path / "pandas.parquet")
    with pytest.raises(UserError, match=r"pandas\.parquet: not a readable .* no checksum; .*; delete"):
        read([tmp_path / "pandas.parquet"], "scores")
    (tmp_path / "text.parquet").write_text("no Parquet")
    with pytest.raises(UserError, match=r"text\.parquet: not a readable Parquet file \(.*\); delete") as error:
        read([tmp_path / "text.parquet"], "scores")
    assert "\n" not in str(error.value)


def test_a_path_with_an_equals_sign_adds_no_column(tmp_path: Path) -> None:
    write(scores(), "scores", tmp_path / "filter=lpf" / "t.parquet")
    assert read([tmp_path / "filter=lpf" / "t.parquet"], "scores")["filter"].isna().all()


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(scores(), "scores", tmp_path / "t.parquet")
    before = (tmp_path / "t.parquet").read_bytes()
    monkeypatch.setattr(parquet.pq, "write_table", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(scores(radial="norm1"), "scores", tmp_path / "t.parquet")
    assert (tmp_path / "t.parquet").read_bytes() == before and len(list(tmp_path.iterdir())) == 1

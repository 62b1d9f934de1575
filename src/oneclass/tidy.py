"""The tidy tables that jobs hand on to one another: one schema, one writer, one reader.

``scores`` have a row per test image, class, variant and repetition; ``history`` one per measurement during training;
``metrics`` one per value, and ``summary`` one per average over repetitions; ``searches`` have one per outlier that a
search tried, in each generation. What does not apply to a row is null. A column that is not listed here is an option of
a method (``catalogue.methods``): text, or a number.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from oneclass import parquet
from oneclass.errors import UserError

TEXT, NUMBER = pa.dictionary(pa.int32(), pa.string()), pa.float64()

# What tells one variant of a method from another, in the order in which tables list it.
VARIANT = {
    **dict.fromkeys(("task", "network", "backbone", "projector", "center"), TEXT),
    "center_norm": NUMBER,
    **dict.fromkeys(("centering", "protocol", "pool"), TEXT),
    **dict.fromkeys(("outlier_count", "outlier_class_count"), NUMBER),
    "filter": TEXT,
    "magnitude": NUMBER,
    "augmented": TEXT,
    "prompt": TEXT,
}
SUBJECT = {"dataset": TEXT, "class": TEXT, "method": TEXT} | VARIANT

SCHEMAS: dict[str, dict[str, Any]] = {
    "scores": SUBJECT
    | {"repetition": pa.int64(), "id": pa.string(), "label": pa.int8(), "score": NUMBER}
    | {"z_norm": NUMBER, "z_cosine": NUMBER},
    "history": SUBJECT | {"repetition": pa.int64(), "step": NUMBER, "metric": TEXT, "value": NUMBER},
    "metrics": SUBJECT | {"repetition": pa.int64(), "metric": TEXT, "value": NUMBER},
    "summary": SUBJECT
    | {"metric": TEXT, "mean": NUMBER, "std": NUMBER, "repetitions": pa.int64(), "ci_low": NUMBER, "ci_high": NUMBER},
    "searches": SUBJECT
    | {"direction": TEXT, "generation": pa.int64(), "individual": pa.int64(), "outlier": pa.string()}
    | {"fitness": NUMBER, "trained": pa.bool_(), "repetitions": pa.int64()},
}


def conform(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    """``frame`` with all columns of the schema ``kind`` in its order (null where it lacks one), then its options."""
    options = [name for name in frame.columns if name not in SCHEMAS[kind]]
    texts = [name for name, type_ in SCHEMAS[kind].items() if type_ == TEXT and name not in frame]
    nothing = pd.Series(pd.Categorical([None] * len(frame)), frame.index)
    return frame.assign(**dict.fromkeys(texts, nothing)).reindex(columns=[*SCHEMAS[kind], *options])


def write(frame: pd.DataFrame, kind: str, path: str | Path) -> None:
    """Write ``frame`` as the Parquet file ``path`` in the schema ``kind``, whole or not at all.

    Equal frames give equal bytes; an option that applies to no row is left out. Raises ``pyarrow.ArrowInvalid`` for a
    value that the schema has no place for.
    """
    whole = conform(frame.dropna(axis="columns", how="all"), kind)
    fields = [(name, SCHEMAS[kind].get(name) or _option(whole[name])) for name in whole.columns]
    table = pa.table([_array(whole[name], type_) for name, type_ in fields], pa.schema(fields))
    parquet.write(table, {"kind": kind}, path)


def read(paths: Iterable[str | Path], kind: str) -> pd.DataFrame:
    """The rows of all ``paths``, files of one ``kind``, with all columns of its schema; text columns are categorical.

    Raises ``UserError`` if a file is missing or is not of that kind.
    """
    tables = [_read(path, kind) for path in paths]
    if not tables:
        return conform(pd.DataFrame(), kind)
    joined = pa.concat_tables(tables, promote_options="permissive").unify_dictionaries()
    return conform(joined.to_pandas(), kind)


def _array(values: pd.Series, type_: pa.DataType) -> pa.Array:
    if type_ != TEXT:
        return pa.array(values, type_, from_pandas=True)
    codes, texts = pd.factorize(values)  # in the order of appearance: equal rows give equal bytes, whatever their dtype
    indices = pa.array(codes, pa.int32(), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array([str(text) for text in texts], pa.string()))


def _option(values: pd.Series) -> pa.DataType:
    return NUMBER if pd.api.types.is_numeric_dtype(values.dtype) else TEXT


def _read(path: str | Path, kind: str) -> pa.Table:
    table, metadata = parquet.read(path)
    if metadata.get("kind") != kind:
        raise UserError(f"{path}: not a table of {kind} that this version wrote; {parquet.REMEDY}")
    return table

"""Parquet files that hold equal bytes for equal tables, and say so when they cannot be read."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from oneclass.errors import UserError
from oneclass.files import atomic

REMEDY = "delete it and run again"


def write(table: pa.Table, metadata: Mapping[str, str], path: str | Path) -> None:
    """Write ``table`` to the file ``path``, whole or not at all, with ``metadata`` alone: pandas' names its version."""
    with atomic(path) as temporary:
        pq.write_table(table.replace_schema_metadata(metadata), temporary)


def read(path: str | Path) -> tuple[pa.Table, dict[str, str]]:
    """The table in the file ``path``, and its metadata. Raises ``UserError`` if there is none that can be read."""
    try:
        with pq.ParquetFile(path) as file:  # read_table would take "key=value" in the path for a column
            table = file.read()
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file; run again") from None
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{path}: not a readable Parquet file ({str(error).splitlines()[0]}); {REMEDY}") from None
    metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    return table.replace_schema_metadata(None), metadata

"""Parquet files: equal bytes for equal tables, and a checksum of themselves, so that a damaged one is no table."""

import io
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from oneclass.checksum import EMPTY, seal, verify
from oneclass.errors import UserError, reason
from oneclass.files import atomic

REMEDY = "delete it and run again"
CHECKSUM = "sha256"


def write(table: pa.Table, metadata: Mapping[str, str], path: str | Path) -> None:
    """Write ``table`` to the file ``path``, whole or not at all, with ``metadata`` alone: pandas' names its version."""
    content = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({**metadata, CHECKSUM: EMPTY}), content)
    with atomic(path) as temporary:
        temporary.write_bytes(seal(content.getvalue()))


def read(path: str | Path) -> tuple[pa.Table, dict[str, str]]:
    """The table in the file ``path``, and its metadata. Raises ``UserError`` if there is none that can be read."""
    file, metadata = _opened(path)
    try:
        table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error
    return table.replace_schema_metadata(None), metadata


def read_metadata(path: str | Path) -> dict[str, str]:
    """The metadata of the file ``path``, whose rows stay packed; raises what ``read`` raises."""
    return _opened(path)[1]


def _opened(path: str | Path) -> tuple[pq.ParquetFile, dict[str, str]]:
    """The file and its metadata; not by its path, in which "key=value" would be taken for a column."""
    try:
        content = Path(path).read_bytes()
        file = pq.ParquetFile(pa.BufferReader(content))
        found = file.metadata.metadata or {}
        verify(content, found.get(CHECKSUM.encode(), b"").decode())
        named = {key.decode(): value.decode() for key, value in found.items()}
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file; run again") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(path, error) from error
    return file, {key: value for key, value in named.items() if key not in (CHECKSUM, "ARROW:schema")}


def _damaged(path: str | Path, error: Exception) -> UserError:
    return UserError(f"{path}: not a readable Parquet file ({reason(error)}); {REMEDY}")

"""The index of a data set or pool: a row per image, kept as a Parquet file with a schema."""

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from oneclass import parquet
from oneclass.data.record import COLUMNS, WHITE
from oneclass.errors import UserError

_PART = 1_000_000  # rows hashed at once
SCHEMA = pa.schema([(name, {"item": pa.int64(), "label": pa.int8()}.get(name, pa.string())) for name in COLUMNS])


class Place(NamedTuple):
    """Where the pixels of an image are: what ``images.load`` and ``images.size`` take."""

    root: Path
    path: str
    item: int = -1
    reader: str = "image"
    white: int = WHITE


@dataclass(frozen=True, eq=False)
class Index:
    """``table`` has a row per image (``data.record``), whose paths start at ``root``; ``name`` is that of the data set
    or pool, ``hash`` the SHA-256 of all its rows: equal on every machine that has the same images under the same
    options. ``unreadable`` pictures of a pool were left out. ``white`` is that of grey images with 16 bits."""

    table: pd.DataFrame
    name: str
    root: Path
    hash: str
    unreadable: int = 0
    white: int = WHITE

    @classmethod
    def create(cls, table: pd.DataFrame, name: str, root: str | Path, unreadable: int = 0) -> Self:
        """The index of the rows ``table``."""
        digest = hashlib.sha256()
        for start in range(0, max(len(table), 1), _PART):
            part = table.iloc[start : start + _PART]
            rows = part.to_csv(columns=list(COLUMNS), index=False, header=start == 0, lineterminator="\n")
            digest.update(rows.encode())
        return cls(table, name, Path(root).resolve(), digest.hexdigest(), unreadable)

    def __len__(self) -> int:
        return len(self.table)

    def places(self) -> list[Place]:
        """Where the pixels of each row are."""
        rows = self.table[["path", "item", "reader"]].itertuples(index=False, name=None)
        return [Place(self.root, path, item, reader, self.white) for path, item, reader in rows]

    def ids(self) -> NDArray[np.str_]:
        """The id of each row, [N]."""
        return self.table["id"].to_numpy(dtype=str)

    def take(self, rows: Any) -> Self:
        """The part at positions ``rows`` (or where they are true); its ``hash`` stays that of the whole."""
        return replace(self, table=self.table.iloc[rows])

    def require_same(self, hash: str, path: Path) -> None:
        """Raise ``UserError`` if ``hash``, of the index that the file ``path`` was made for, is another one's."""
        if hash != self.hash:
            raise UserError(f"{path}: computed for another index of {self.name}; delete it and run again")


def write(index: Index, path: Path, state: str = "") -> None:
    """Write ``index`` to the Parquet file ``path``, whole or not at all; equal indices give equal bytes.

    A folder of pictures inside the working directory is named from the file's: the same in a copy of both.
    ``state`` is that of its pictures (``Source.state``): the file differs where one was replaced under its name.
    """
    inside = index.root.is_relative_to(Path.cwd())
    root = os.path.relpath(index.root, path.parent.resolve()) if inside else index.root
    metadata = {"dataset": index.name, "root": str(root), "hash": index.hash, "unreadable": str(index.unreadable)}
    metadata |= {"state": state} if state else {}
    metadata |= {"white": str(index.white)} if index.white != WHITE else {}
    parquet.write(pa.Table.from_pandas(index.table, schema=SCHEMA, preserve_index=False), metadata, path)


def read(path: str | Path) -> Index:
    """The index in the file ``path``. Raises ``UserError`` if the file is not an index in the present schema."""
    table, metadata = parquet.read(path)
    if not table.schema.equals(SCHEMA) or not {"dataset", "root", "hash"} <= metadata.keys():
        raise UserError(f"{path}: not an index of the present schema ({', '.join(COLUMNS)}); {parquet.REMEDY}")
    root = Path(path).parent.joinpath(metadata["root"]).resolve()
    unreadable, white = int(metadata.get("unreadable", 0)), int(metadata.get("white", WHITE))
    return Index(table.to_pandas(), metadata["dataset"], root, metadata["hash"], unreadable, white)


def left_out(path: str | Path) -> tuple[str, int]:
    """The name of the index in the file ``path``, and how many pictures were left out of it; its rows are not read."""
    metadata = parquet.read_metadata(path)
    return metadata["dataset"], int(metadata.get("unreadable", 0))

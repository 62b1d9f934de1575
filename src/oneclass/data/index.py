"""The index of a data set: a row per image, kept as a Parquet file with a schema."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from oneclass.data import tasks
from oneclass.data.record import COLUMNS
from oneclass.errors import UserError
from oneclass.files import atomic

SCHEMA = pa.schema([(name, {"item": pa.int64(), "label": pa.int8()}.get(name, pa.string())) for name in COLUMNS])


def content_hash(index: pd.DataFrame) -> str:
    """SHA-256 of the rows: equal on every machine that has the same images under the same options."""
    rows = index.to_csv(columns=list(COLUMNS), index=False, lineterminator="\n")
    return hashlib.sha256(rows.encode()).hexdigest()


def places(index: pd.DataFrame) -> list[tuple[Path, str, int, str]]:
    """Where the pixels of each row are: what ``images.load`` and ``images.size`` take."""
    root = Path(index.attrs["root"])
    return [(root, *row) for row in index[["path", "item", "reader"]].itertuples(index=False, name=None)]


def validate(index: pd.DataFrame, task: str, classes: Sequence[str], anomalies: bool = True) -> None:
    """Raise ``UserError`` if ``task`` cannot be run with each of ``classes`` as the normal one (or left-out one).

    Without ``anomalies`` there need be none: enough to fit a detector or to draw defects on, not to measure anything.
    Files are checked to exist, not to decode: ``images.load`` reports an unreadable one by name.
    """
    name, root = index.attrs["dataset"], index.attrs["root"]
    if index.empty:
        raise UserError(f"data set '{name}': no images in {root}; check datasets.{name}.path and data_root")
    repeated = index["id"][index["id"].duplicated()]
    if len(repeated):
        raise UserError(f"data set '{name}': {len(repeated)} duplicate id(s), such as '{repeated.iloc[0]}' in {root}")
    if task != "defect" and (index["label"] == 1).any():
        raise UserError(f"data set '{name}': its images are labelled normal and anomalous; set task: defect")
    _require_files(index, name)
    _require_all_masks_or_none(index, name)
    for class_name in classes:
        _require_both_sides(index, task, class_name, anomalies)


def _require_files(index: pd.DataFrame, name: str) -> None:
    plain = index.loc[index["reader"] == "image", "path"]
    for path in [*plain, *filter(None, index["mask"])]:
        if not Path(index.attrs["root"], path).is_file():
            raise UserError(f"data set '{name}': {index.attrs['root']}/{path} is missing; restore it and index again")


def _require_all_masks_or_none(index: pd.DataFrame, name: str) -> None:
    anomalous = index[index["label"] == 1]
    without = anomalous.loc[anomalous["mask"] == "", "path"]
    if 0 < len(without) < len(anomalous):
        raise UserError(
            f"data set '{name}': {index.attrs['root']}/{without.iloc[0]} has no mask, but other anomalous images have; "
            "add it, or remove all masks"
        )


def _require_both_sides(index: pd.DataFrame, task: str, class_name: str, anomalies: bool) -> None:
    split = tasks.split(index, task, class_name)
    needed = [
        ("normal training images", len(split.train), "add some, or lower test_fraction"),
        ("normal test images", (split.labels == 0).sum(), "add some, or raise test_fraction or test_per_class"),
        (
            "anomalous test images",
            (split.labels == 1).sum(),
            "add some, choose another task, or leave the class out of 'classes'",
        ),
    ]
    for what, count, remedy in needed if anomalies else needed[:2]:
        if count == 0:
            raise UserError(
                f"data set '{index.attrs['dataset']}', class '{class_name}': no {what} for task {task}; {remedy}"
            )


def write(index: pd.DataFrame, root: Path, path: Path) -> None:
    """Write ``index`` to the Parquet file ``path``, whole or not at all; equal indices give equal bytes.

    The name of the data set is ``index.attrs["dataset"]``, or the file's where that is not set.
    """
    metadata = {
        "dataset": index.attrs.get("dataset", path.stem),
        "root": str(Path(root).resolve()),
        "hash": content_hash(index),
    }
    table = pa.Table.from_pandas(index, schema=SCHEMA.with_metadata(metadata), preserve_index=False)
    with atomic(path) as temporary:
        # only our own metadata: pandas' would put library versions, and so other bytes, into the file
        pq.write_table(table.replace_schema_metadata(metadata), temporary)


def read(path: Path) -> pd.DataFrame:
    """Read an index; ``.attrs`` holds its ``dataset``, ``root`` (absolute) and ``hash``.

    Raises ``UserError`` if the file is not an index in the present schema.
    """
    remedy = "delete it and run the index rule again"
    try:
        with pq.ParquetFile(path) as file:  # read_table would take "key=value" in the path for a column
            table = file.read()
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such index; run the index rule first") from None
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{path}: not a readable Parquet file ({str(error).splitlines()[0]}); {remedy}") from None
    metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    if not table.schema.equals(SCHEMA) or not {"dataset", "root", "hash"} <= metadata.keys():
        raise UserError(f"{path}: not an index of the present schema ({', '.join(COLUMNS)}); {remedy}")
    index: pd.DataFrame = table.to_pandas()
    index.attrs = {key: metadata[key] for key in ("dataset", "root", "hash")}
    return index

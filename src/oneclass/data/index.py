"""The index of a data set: a row per image, split into training and test, kept as a Parquet file."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from oneclass.data import tasks
from oneclass.data.record import COLUMNS, Record
from oneclass.data.sources import SOURCES
from oneclass.errors import UserError
from oneclass.files import atomic
from oneclass.seeds import derive

__all__ = ["Record", "build", "read", "validate", "write"]

SCHEMA = pa.schema([(name, {"item": pa.int64(), "label": pa.int8()}.get(name, pa.string())) for name in COLUMNS])


def build(dataset_name: str, options: Mapping[str, Any], data_root: Path, seed: int) -> pd.DataFrame:
    """Index the data set that ``options`` (a ``Dataset`` of the config, as a dict) describes; rows sorted by id.

    Every random choice (the split where the source has none, which images a cap keeps) follows one ranking of the
    images by a hash of (seed, source, id): it depends neither on the order of the files nor on the data set's name in
    the config, and a smaller cap keeps a subset of what a larger one keeps.
    """
    source = SOURCES[options["source"]]
    records = [vars(record) for record in source.records(options, data_root)]
    index = pd.DataFrame(records, columns=list(COLUMNS)).astype({"item": "int64", "label": "int8"})
    rank = [derive(seed, options["source"], id) for id in index["id"]]
    index = index.assign(rank=rank).sort_values(["rank", "id"], ignore_index=True)
    index["split"] = _split(index, options["test_fraction"])
    index = index[_within_caps(index, options["train_per_class"], options["test_per_class"])]
    index = index.drop(columns="rank").sort_values("id", ignore_index=True)
    root = source.root(options, data_root)
    index.attrs = {"dataset": dataset_name, "root": str(root.resolve()), "hash": content_hash(index)}
    return index


def _split(ranked: pd.DataFrame, test_fraction: float) -> "pd.Series[str]":
    """The official split; without one, the first images of each class are test, and so is everything anomalous."""
    group = ranked.groupby(["class_name", "label", "split"])["id"]
    held_out = np.floor(group.transform("size") * test_fraction + 0.5)
    test = (ranked["label"] == 1) | (group.cumcount() < held_out)
    drawn = test.map({True: "test", False: "train"})
    return ranked["split"].where(ranked["split"] != "", drawn)


def _within_caps(ranked: pd.DataFrame, train: int | None, test: int | None) -> "pd.Series[bool]":
    """Whether each image is among the first of its split, class and label (so anomalies do not crowd out normals)."""
    position = ranked.groupby(["class_name", "label", "split"]).cumcount()
    cap = ranked["split"].map({"train": train or np.inf, "test": test or np.inf})
    return position < cap


def content_hash(index: pd.DataFrame) -> str:
    """SHA-256 of the rows: equal on every machine that has the same images under the same options."""
    rows = index.to_csv(columns=list(COLUMNS), index=False, lineterminator="\n")
    return hashlib.sha256(rows.encode()).hexdigest()


def validate(index: pd.DataFrame, task: str, classes: Sequence[str]) -> None:
    """Raise ``UserError`` if ``task`` cannot be run with each of ``classes`` as the normal one (or left-out one).

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
    for class_name in classes:
        _require_both_sides(index, task, class_name)


def _require_files(index: pd.DataFrame, name: str) -> None:
    plain = index.loc[index["reader"] == "image", "path"]
    for path in [*plain, *filter(None, index["mask"])]:
        if not Path(index.attrs["root"], path).is_file():
            raise UserError(f"data set '{name}': {index.attrs['root']}/{path} is missing; restore it and index again")


def _require_both_sides(index: pd.DataFrame, task: str, class_name: str) -> None:
    split = tasks.split(index, task, class_name)
    remedies = {
        "normal training images": "add some, or lower test_fraction",
        "normal test images": "add some, or raise test_fraction or test_per_class",
        "anomalous test images": "add some, choose another task, or leave the class out of 'classes'",
    }
    counts = (len(split.train), (split.labels == 0).sum(), (split.labels == 1).sum())
    for (what, remedy), count in zip(remedies.items(), counts, strict=True):
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

"""From a source's images to an index: of a data set, split into training and test, or of a pool of outliers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from oneclass.data import pools
from oneclass.data.depth import with_white
from oneclass.data.index import Index
from oneclass.data.record import COLUMNS
from oneclass.data.sources import SOURCES
from oneclass.errors import UserError
from oneclass.seeds import derive


def build(name: str, options: Mapping[str, Any], data_root: Path, seed: int, workers: int = 1) -> Index:
    """Index the data set, or the pool, that ``options`` describes (of the configuration, as a dict); rows sorted by id.

    A data set has a ``task``, a pool has none. Every random choice (the split where the source has none, which images a
    cap keeps) follows one ranking of the images by a hash of (seed, source, id): it depends neither on the order of the
    files nor on the name in the configuration, and a smaller cap keeps a subset of what a larger one keeps. A pool goes
    without the pictures that cannot be read; ``workers`` threads look for them.
    """
    source = SOURCES[options["source"]]
    records = source.records(options, data_root)
    select = _for_task if "task" in options else pools.select
    table = select(name, options, records, seed).sort_values("id", ignore_index=True)
    index = Index.create(table, name, source.root(options, data_root))
    return with_white(index if "task" in options else pools.without_unreadable(index, workers), workers)


def _for_task(name: str, options: Mapping[str, Any], records: pools.Records, seed: int) -> pd.DataFrame:
    """Its images with a split, within the caps."""
    table = pd.DataFrame([vars(record) for record in records], columns=list(COLUMNS))
    table = table.astype({"item": "int64", "label": "int8"})
    _require_known_splits(name, table)
    if options["keep"]:
        table = table[table["class_name"].isin(options["keep"])]
    if options["task"] == "defect" and options["classes"]:  # elsewhere the other classes are the anomalies
        table = table[table["class_name"].isin(options["classes"])]
    rank = [derive(seed, options["source"], id) for id in table["id"]]
    table = table.assign(rank=rank).sort_values(["rank", "id"], ignore_index=True)
    table["split"] = _split(table, options["test_fraction"])
    table = table[_within_caps(table, options["train_per_class"], options["test_per_class"])]
    return table.drop(columns="rank")


def _require_known_splits(name: str, table: pd.DataFrame) -> None:
    """Raise ``UserError`` for an image whose split is none, which would be neither trained on nor tested."""
    unknown = table[~table["split"].isin(["train", "test", ""])]
    if len(unknown):
        split, path = unknown[["split", "path"]].iloc[0]
        raise UserError(f"data set '{name}': {path} has split '{split}'; it must be train, test or nothing")
    misplaced = table[(table["split"] == "train") & (table["label"] == 1)]
    if len(misplaced):
        raise UserError(f"data set '{name}': {misplaced['path'].iloc[0]} is anomalous and in split train; make it test")


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

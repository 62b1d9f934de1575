"""From a source's images to an index: which are for training, which for test, and how many are kept."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from oneclass.data.index import content_hash
from oneclass.data.record import COLUMNS
from oneclass.data.sources import SOURCES
from oneclass.seeds import derive


def build(dataset_name: str, options: Mapping[str, Any], data_root: Path, seed: int) -> pd.DataFrame:
    """Index the data set that ``options`` (a ``Dataset`` of the config, as a dict) describes; rows sorted by id.

    Every random choice (the split where the source has none, which images a cap keeps) follows one ranking of the
    images by a hash of (seed, source, id): it depends neither on the order of the files nor on the data set's name in
    the config, and a smaller cap keeps a subset of what a larger one keeps.
    """
    source = SOURCES[options["source"]]
    records = [vars(record) for record in source.records(options, data_root)]
    index = pd.DataFrame(records, columns=list(COLUMNS)).astype({"item": "int64", "label": "int8"})
    if options["keep"]:
        index = index[index["class_name"].isin(options["keep"])]
    if options["task"] == "defect" and options["classes"]:  # elsewhere the other classes are the anomalies
        index = index[index["class_name"].isin(options["classes"])]
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

"""Anomaly-detection tasks over an index: which rows train, which are tested, what is anomalous."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oneclass.data import masks
from oneclass.data.index import Index
from oneclass.errors import UserError

log = logging.getLogger(__name__)


class Split(NamedTuple):
    """Row positions in the index: ``train`` [N] (normal images only), ``test`` [M]; ``labels`` [M], 1 anomalous."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]
    labels: NDArray[np.int8]


def split(index: Index, task: str, class_name: str) -> Split:
    """The training and test images of ``task`` for one class of ``index``.

    - ``one_vs_rest``: the class is normal, every other class anomalous.
    - ``leave_one_out``: every other class is normal, the class anomalous.
    - ``defect``: normal and anomalous images of the same class, by the index's own labels.

    Raises ``UserError`` if the index has no such class or there is no such task.
    """
    table = index.table
    is_class = (table["class_name"] == class_name).to_numpy()
    if not is_class.any():
        known = ", ".join(sorted(table["class_name"].unique()))
        raise UserError(f"data set '{index.name}': no class '{class_name}'; there is: {known}")
    train, test = (table["split"] == "train").to_numpy(), (table["split"] == "test").to_numpy()
    anomalous = (table["label"] == 1).to_numpy()
    if task == "one_vs_rest":
        return _split(train & is_class, test, ~is_class)
    if task == "leave_one_out":
        return _split(train & ~is_class, test, is_class)
    if task == "defect":
        return _split(train & is_class & ~anomalous, test & is_class, anomalous)
    raise UserError(f"no task '{task}'; there is: one_vs_rest, leave_one_out, defect")


def _split(train: NDArray[np.bool_], test: NDArray[np.bool_], anomalous: NDArray[np.bool_]) -> Split:
    return Split(np.flatnonzero(train), np.flatnonzero(test), anomalous[test].astype(np.int8))


def validate(index: Index, task: str, classes: Sequence[str], anomalies: bool = True) -> None:
    """Raise ``UserError`` if ``task`` cannot be run with each of ``classes`` as the normal one (or left-out one).

    Without ``anomalies`` there need be none: enough to fit a detector or to draw defects on, not to measure anything.
    Files are checked to exist, not to decode: ``images.load`` reports an unreadable one by name.
    """
    name, root, table = index.name, index.root, index.table
    if table.empty:
        raise UserError(f"data set '{name}': no images in {root}; check datasets.{name}.path and data_root")
    repeated = table["id"][table["id"].duplicated()]
    if len(repeated):
        raise UserError(f"data set '{name}': {len(repeated)} duplicate id(s), such as '{repeated.iloc[0]}' in {root}")
    if task != "defect" and (table["label"] == 1).any():
        raise UserError(f"data set '{name}': its images are labelled normal and anomalous; set task: defect")
    _require_files(index)
    _require_all_masks_or_none(index)
    for remark in masks.check(masks.files(index)):
        log.info("data set '%s': %s", name, remark)  # a detector has it on its card
    for class_name in classes:
        _require_both_sides(index, task, class_name, anomalies)


def _require_files(index: Index) -> None:
    table = index.table
    plain = table.loc[table["reader"] == "image", "path"]
    for path in [*plain, *filter(None, table["mask"])]:
        if not Path(index.root, path).is_file():
            raise UserError(f"data set '{index.name}': {index.root}/{path} is missing; restore it and index again")


def _require_all_masks_or_none(index: Index) -> None:
    anomalous = index.table[index.table["label"] == 1]
    without = anomalous.loc[anomalous["mask"] == "", "path"]
    if 0 < len(without) < len(anomalous):
        raise UserError(
            f"data set '{index.name}': {index.root}/{without.iloc[0]} has no mask, but other anomalous images have; "
            "add it, or remove all masks"
        )


def _require_both_sides(index: Index, task: str, class_name: str, anomalies: bool) -> None:
    rows = split(index, task, class_name)
    train, normal, anomalous = len(rows.train), int((rows.labels == 0).sum()), int((rows.labels == 1).sum())
    where = f"data set '{index.name}', class '{class_name}'"
    if not anomalies and not (train and normal):
        raise UserError(
            f"{where}: {train + normal} normal picture(s), {train} to learn from and {normal} held out; both are "
            "needed: add some (30 are a beginning), or hold out another share (--held-out; in a configuration: "
            "test_fraction)"
        )
    needed = [
        ("normal training images", train, "add some, or lower test_fraction"),
        ("normal test images", normal, "add some, or raise test_fraction or test_per_class"),
        ("anomalous test images", anomalous, "add some, choose another task, or leave the class out of 'classes'"),
    ]
    for what, count, remedy in needed if anomalies else []:
        if count == 0:
            raise UserError(f"{where}: no {what} for task {task}; {remedy}")

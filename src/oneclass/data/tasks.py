"""Anomaly-detection tasks over an index: which rows train, which are tested, and what counts as anomalous."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oneclass.data.index import Index
from oneclass.errors import UserError


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

"""VisA: twelve objects, among them circuit boards and several pieces in one picture, with masks (Zou et al. 2022).

The official one-class split, ``split_csv/1cls.csv`` in the authors' archive: 8,659 normal images for training, 962
normal and 1,200 anomalous ones for test.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _files
from oneclass.errors import UserError

HOME = "https://github.com/amazon-science/spot-diff"
ARCHIVE = "VisA_20220922.tar"
SPLIT = "split_csv/1cls.csv"
COLUMNS = ("object", "split", "label", "image", "mask")
LABELS = {"normal": 0, "anomaly": 1}
CLASSES = (
    *("candle", "capsules", "cashew", "chewinggum", "fryum", "macaroni1", "macaroni2"),
    *("pcb1", "pcb2", "pcb3", "pcb4", "pipe_fryum"),
)


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    return list(CLASSES)


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.folder(options, data_root, "visa")


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    _files.require_place(options, data_root)
    folder = root(options, data_root)
    _files.unpack(data_root / ARCHIVE, folder, HOME)
    if not (folder / SPLIT).is_file():
        raise UserError(f"{folder}: no {SPLIT} here; unpack {ARCHIVE} from {HOME} in it")
    with (folder / SPLIT).open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file, restval="")
        if not set(COLUMNS) <= set(rows.fieldnames or ()):
            raise UserError(f"{folder / SPLIT}: not a table with the columns {', '.join(COLUMNS)}; fetch it again")
        for row in rows:
            label = LABELS.get(row["label"])
            if label is None or row["split"] not in ("train", "test") or bool(row["mask"]) != bool(label):
                raise UserError(
                    f"{folder / SPLIT}, line {rows.line_num}: not a row of the published file; fetch it again"
                )
            defect = "anomaly" if label else ""  # the split does not tell the kinds of defect apart
            image, mask = row["image"], row["mask"]
            yield Record(image, image, row["object"], row["split"], label=label, defect=defect, mask=mask)

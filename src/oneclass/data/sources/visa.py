"""VisA: twelve objects, among them circuit boards and several pieces in one picture, with masks (Zou et al. 2022).

The official one-class split, ``split_csv/1cls.csv`` in the authors' archive: 8,659 normal images for training, 962
normal and 1,200 anomalous ones for test.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from oneclass.data.record import Record
from oneclass.data.sources.base import Counts, Options, Source
from oneclass.errors import UserError

SPLIT = "split_csv/1cls.csv"
COLUMNS = ("object", "split", "label", "image", "mask")
LABELS = {"normal": 0, "anomaly": 1}


class VisA(Source):
    """Twelve objects."""

    shows = "objects such as circuit boards, some with defects"
    folder, archive = "visa", "VisA_20220922.tar"
    counts, side = Counts(train=8659, test=962, anomalous=1200), 1300
    home = "https://github.com/amazon-science/spot-diff"
    further_files = (SPLIT,)
    class_names = (
        *("candle", "capsules", "cashew", "chewinggum", "fryum", "macaroni1", "macaroni2"),
        *("pcb1", "pcb2", "pcb3", "pcb4", "pipe_fryum"),
    )

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        if not (folder / SPLIT).is_file():
            raise UserError(f"{folder}: no {SPLIT} here; unpack {self.archive} from {self.home} in it")
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

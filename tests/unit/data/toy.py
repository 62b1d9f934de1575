"""Records that no file stands behind, for indexes that are made up on the spot."""

from dataclasses import replace

from oneclass.data.record import Record


def toy(per_class: int = 10, classes: str = "ab", **fields: object) -> list[Record]:
    return [
        replace(Record(f"{name}{i:02d}", "pixels.csv", name, item=i, reader="mnist_csv"), **fields)
        for name in classes
        for i in range(per_class)
    ]


def defects(normal: int = 10, anomalous: int = 6) -> list[Record]:
    bad = [replace(r, id="bad" + r.id, label=1, defect="scratch") for r in toy(anomalous, "a")]
    return toy(normal, "a") + bad

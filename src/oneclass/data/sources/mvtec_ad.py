"""MVTec AD: industrial objects and textures with pixel masks of their defects (Bergmann et al. 2019).

Also any data of your own in the same layout: ``{category}/train/good``, ``{category}/test/{good, defect, ...}`` and
``{category}/ground_truth/{defect}/{image}_mask.png``.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _files
from oneclass.errors import UserError

HOME = "https://www.mvtec.com/company/research/datasets/mvtec-ad"
ARCHIVE = "mvtec_anomaly_detection.tar.xz"
CATEGORIES = (
    *("bottle", "cable", "capsule", "carpet", "grid", "hazelnut", "leather", "metal_nut", "pill", "screw", "tile"),
    *("toothbrush", "transistor", "wood", "zipper"),
)


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    """The categories on disk; all of MVTec AD's before it is there."""
    return categories(root(options, data_root)) or list(CATEGORIES)


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.folder(options, data_root, "mvtec_ad")


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    _files.require_place(options, data_root)
    folder = root(options, data_root)
    _files.unpack(data_root / ARCHIVE, folder, HOME)
    yield from in_folder(folder, f"unpack {ARCHIVE} from {HOME} in it")


def in_folder(folder: Path, remedy: str) -> Iterator[Record]:
    """All images of a data set in this layout; ``UserError`` with the ``remedy`` if there is none in ``folder``."""
    if not categories(folder):
        raise UserError(f"{folder}: no {{category}}/train/good here; {remedy}")
    for category in categories(folder):
        for file in _files.images(folder / category / "train" / "good"):
            path = file.relative_to(folder).as_posix()
            yield Record(path, path, category, "train")
        for kind in _files.subfolders(folder / category / "test"):
            yield from _tested(folder, category, kind)


def categories(folder: Path) -> list[str]:
    """Names of the categories in ``folder``, sorted; none if it does not exist."""
    return [name for name in _files.subfolders(folder) if (folder / name / "train" / "good").is_dir()]


def _tested(folder: Path, category: str, kind: str) -> Iterator[Record]:
    for file in _files.images(folder / category / "test" / kind):
        path = file.relative_to(folder).as_posix()
        if kind == "good":
            yield Record(path, path, category, "test")
            continue
        mask = f"{category}/ground_truth/{kind}/{file.stem}_mask.png"
        if not (folder / mask).is_file():
            raise UserError(f"{folder / mask}: the mask of {path} is missing; restore it or remove the image")
        yield Record(path, path, category, "test", label=1, defect=kind, mask=mask)

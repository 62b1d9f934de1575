"""MVTec AD: industrial objects and textures with pixel masks of their defects (Bergmann et al. 2019); and what has its
layout: MPDD, painted and bare metal parts in varying positions (Jezek et al. 2021), and drawn defects.

Also any data of your own in the same layout: ``{category}/train/good``, ``{category}/test/{good, defect, ...}`` and
``{category}/ground_truth/{defect}/{image}_mask.png``.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from oneclass.data.record import Record
from oneclass.data.sources import _files, _masks
from oneclass.data.sources.base import Counts, Options, Source
from oneclass.errors import UserError


class MvtecAd(Source):
    """Fifteen categories."""

    shows = "industrial objects and surfaces, some with defects"
    folder = "mvtec_ad"
    home = "https://www.mvtec.com/company/research/datasets/mvtec-ad"
    archive = "mvtec_anomaly_detection.tar.xz"
    counts = Counts(train=3629, test=467, anomalous=1258)
    side = 900
    class_names: tuple[str, ...] = (
        *("bottle", "cable", "capsule", "carpet", "grid", "hazelnut", "leather", "metal_nut", "pill", "screw", "tile"),
        *("toothbrush", "transistor", "wood", "zipper"),
    )

    def classes(self, options: Options, data_root: Path) -> list[str]:
        """The categories on disk; all there are before the data is there."""
        return categories(self.root(options, data_root)) or list(self.class_names)

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        return in_folder(folder, f"unpack {self.archive} from {self.home} in it")


class Mpdd(MvtecAd):
    """Six categories; the authors' archive wraps them in a folder ``MPDD``."""

    shows = "painted metal parts, some with defects"
    folder = "mpdd"
    home = "https://github.com/stepanje/MPDD"
    archive = "MPDD.zip"
    counts = Counts(train=888, test=176, anomalous=282)
    side = 1024
    class_names = ("bracket_black", "bracket_brown", "bracket_white", "connector", "metal_plate", "tubes")

    def root(self, options: Options, data_root: Path) -> Path:
        folder = super().root(options, data_root)
        return folder / "MPDD" if (folder / "MPDD").is_dir() else folder


class DrawnDefects(Source):
    """Defects drawn on another data set's normal test images (``data.drawing``), read from where they were written.

    Class names that cannot name a folder are escaped there.
    """

    shows = "defects drawn by a program on normal pictures"

    def classes(self, options: Options, data_root: Path) -> list[str]:
        """Those on disk. The config asks the base instead: it must know before anything is drawn."""
        return [unquote(name) for name in categories(self.root(options, data_root))]

    def root(self, options: Options, data_root: Path) -> Path:
        return Path(options["path"])

    def records(self, options: Options, data_root: Path) -> Iterator[Record]:
        return self.found(self.root(options, data_root), options)

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        for record in in_folder(folder, "draw the defects first (rule draw_defects)"):
            yield replace(record, class_name=unquote(record.class_name))


def in_folder(folder: Path, remedy: str) -> Iterator[Record]:
    """All images of a data set in this layout; ``UserError`` with the ``remedy`` if there is none in ``folder``."""
    if not categories(folder):
        raise UserError(f"{folder}: no {{category}}/train/good here; {remedy}")
    for category in categories(folder):
        for file in _files.images(folder / category / "train" / "good"):
            yield Record.of_file(folder, file, category, "train")
        yield from _tested(folder, category)


def categories(folder: Path) -> list[str]:
    """Names of the categories in ``folder``, sorted; none if it does not exist."""
    return [name for name in _files.subfolders(folder) if (folder / name / "train" / "good").is_dir()]


def _tested(folder: Path, category: str) -> Iterator[Record]:
    test = folder / category / "test"
    pictures = {file: kind for kind in _files.subfolders(test) for file in _files.images(test / kind)}
    anomalous = {file: f"{kind}/{file.name}" for file, kind in pictures.items() if kind != "good"}
    masks = _masks.matched(folder / category, anomalous)
    for file, kind in pictures.items():
        if kind == "good":
            yield Record.of_file(folder, file, category, "test")
            continue
        if file not in masks:
            mask, path = f"{category}/ground_truth/{kind}/{file.stem}_mask.png", file.relative_to(folder).as_posix()
            raise UserError(f"{folder / mask}: the mask of {path} is missing; restore it or remove the image")
        yield Record.of_file(folder, file, category, "test", label=1, defect=kind, mask=f"{category}/{masks[file]}")

"""MPDD: painted and bare metal parts in varying positions, with pixel masks of their defects (Jezek et al. 2021).

In MVTec AD's layout; the authors' archive wraps it in a folder ``MPDD``.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _files, mvtec_ad

HOME = "https://github.com/stepanje/MPDD"
ARCHIVE = "MPDD.zip"
CATEGORIES = ("bracket_black", "bracket_brown", "bracket_white", "connector", "metal_plate", "tubes")


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    """The categories on disk; all of MPDD's before it is there."""
    return mvtec_ad.categories(root(options, data_root)) or list(CATEGORIES)


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    folder = _files.folder(options, data_root, "mpdd")
    return folder / "MPDD" if (folder / "MPDD").is_dir() else folder


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    _files.require_place(options, data_root)
    _files.unpack(data_root / ARCHIVE, _files.folder(options, data_root, "mpdd"), HOME)
    yield from mvtec_ad.in_folder(root(options, data_root), f"unpack {ARCHIVE} from {HOME} in it")

"""Defects drawn on another data set's normal test images (see ``data.drawing``), read from where they were written.

In MVTec AD's layout, with class names that cannot name a folder escaped.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from oneclass.data.record import Record
from oneclass.data.sources import mvtec_ad


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    """Those on disk. The config asks the base instead: it must know before anything is drawn."""
    return [unquote(name) for name in mvtec_ad.categories(root(options, data_root))]


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return Path(options["path"])


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    for record in mvtec_ad.in_folder(root(options, data_root), "draw the defects first (rule draw_defects)"):
        yield replace(record, class_name=unquote(record.class_name))

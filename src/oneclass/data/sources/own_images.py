"""Your own pictures of one thing: normal ones, and anomalous ones if you have any.

Either ``train/good`` and ``test/{good, defect, ...}``, with masks, if there are any, as
``ground_truth/{defect}/{image}_mask.png`` or ``{image}.png``; or just a folder of normal pictures. Where there is no
``test/good``, some of the normal ones are held out. The class is named after the folder.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import SUFFIXES, Record
from oneclass.data.sources import _files
from oneclass.errors import UserError


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    return [root(options, data_root).resolve().name or "images"]


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.folder(options, data_root, "own_images")


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    _files.require_place(options, data_root)
    folder = root(options, data_root)
    (class_name,) = classes(options, data_root)
    if not (folder / "train").is_dir() and not (folder / "test").is_dir():
        yield from _normal(folder, ".", class_name, "")
        return
    kinds = _groups(folder / "test")
    if _groups(folder / "train") != ["good"]:
        raise UserError(f"{folder / 'train'}: holds one folder, 'good', of normal images; move everything else away")
    yield from _normal(folder, "train/good", class_name, "train" if "good" in kinds else "")
    for kind in kinds:
        if kind == "good":
            yield from _normal(folder, "test/good", class_name, "test")
        else:
            yield from _anomalous(folder, kind, class_name)


def _normal(folder: Path, place: str, class_name: str, split: str) -> Iterator[Record]:
    for file in _files.images(folder / place):
        path = file.relative_to(folder).as_posix()
        yield Record(path, path, class_name, split)


def _anomalous(folder: Path, kind: str, class_name: str) -> Iterator[Record]:
    for file in _files.images(folder / "test" / kind):
        path = file.relative_to(folder).as_posix()
        masks = [f"ground_truth/{kind}/{name}.png" for name in (f"{file.stem}_mask", file.stem)]
        mask = next((mask for mask in masks if (folder / mask).is_file()), "")
        yield Record(path, path, class_name, "test", label=1, defect=kind, mask=mask)


def _groups(folder: Path) -> list[str]:
    """The folders in ``folder``; an image beside them would be missed, so it is a ``UserError``."""
    for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
        if entry.suffix.lower() in SUFFIXES and entry.is_file():
            raise UserError(f"{entry}: an image beside the folders; move it into one, such as {folder.name}/good")
    return _files.subfolders(folder)

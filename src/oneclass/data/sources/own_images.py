"""Your own pictures of one thing: normal ones, and anomalous ones if you have any.

Either ``train/good`` and ``test/{good, defect, ...}``, with masks, if there are any, as
``ground_truth/{defect}/{image}_mask.png`` or ``{image}.png``; or just a folder of normal pictures. Where there is no
``test/good``, some of the normal ones are held out. The class is named after the folder.
"""

from collections.abc import Iterator
from pathlib import Path

from oneclass.data.record import SUFFIXES, Record
from oneclass.data.sources import _files
from oneclass.data.sources.base import Options, Source
from oneclass.errors import UserError


class OwnImages(Source):
    """One class."""

    folder = "own_images"

    def classes(self, options: Options, data_root: Path) -> list[str]:
        """The name of the folder."""
        return [_name(self.root(options, data_root))]

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        if not (folder / "train").is_dir() and not (folder / "test").is_dir():
            yield from _normal(folder, ".", "")
            return
        kinds = _groups(folder / "test")
        if _groups(folder / "train") != ["good"]:
            raise UserError(
                f"{folder / 'train'}: must hold one folder, 'good', of normal images; move everything else away"
            )
        yield from _normal(folder, "train/good", "train" if "good" in kinds else "")
        for kind in kinds:
            if kind == "good":
                yield from _normal(folder, "test/good", "test")
            else:
                yield from _anomalous(folder, kind)


def _name(folder: Path) -> str:
    return folder.resolve().name or "images"


def _normal(folder: Path, place: str, split: str) -> Iterator[Record]:
    for file in _files.images(folder / place):
        yield Record.of_file(folder, file, _name(folder), split)


def _anomalous(folder: Path, kind: str) -> Iterator[Record]:
    for file in _files.images(folder / "test" / kind):
        masks = [f"ground_truth/{kind}/{name}.png" for name in (f"{file.stem}_mask", file.stem)]
        mask = next((mask for mask in masks if (folder / mask).is_file()), "")
        yield Record.of_file(folder, file, _name(folder), "test", label=1, defect=kind, mask=mask)


def _groups(folder: Path) -> list[str]:
    """The folders in ``folder``; an image beside them would be missed, so it is a ``UserError``."""
    for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
        if entry.suffix.lower() in SUFFIXES and entry.is_file():
            raise UserError(f"{entry}: an image beside the folders; move it into one, such as {folder.name}/good")
    return _files.subfolders(folder)

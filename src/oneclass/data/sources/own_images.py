"""Your own pictures of one thing: normal ones, and anomalous ones if you have any.

A folder of normal pictures, and of folders of them; or ``good`` and ``bad`` (or ``OK`` and ``NG``); or ``train/good``
and ``test/{good, defect, ...}``. Masks may be in ``ground_truth`` or ``masks`` (``_masks``). Where there are no normal
test images, some of the normal ones are held out. The class is named after the folder.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from oneclass.data.record import SUFFIXES, Record
from oneclass.data.sources import _files, _masks
from oneclass.data.sources._masks import NORMAL
from oneclass.data.sources.base import Options, Source
from oneclass.errors import UserError, listed

log = logging.getLogger(__name__)

ANOMALOUS = (
    *("bad", "ng", "nok", "defect", "defects", "defective", "anomaly", "anomalies", "anomalous", "abnormal"),
    *("broken", "damaged", "fail", "failed", "fault", "faulty", "reject", "rejects", "scrap"),
)
LAYOUTS = "put normal ones into train/good, and anomalous ones, if there are any, into test/{kind of defect}"


class Group(NamedTuple):
    """The pictures in a folder: their split, and their kind of defect."""

    place: Path
    split: str = ""
    defect: str = ""


class OwnImages(Source):
    """One class."""

    folder = "own_images"

    def classes(self, options: Options, data_root: Path) -> list[str]:
        """The name of the folder."""
        return [_name(self.root(options, data_root))]

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        return _records(folder, list(_groups(folder)))


def labelled(folder: Path) -> list[Record]:
    """The normal and the anomalous pictures in ``{good, defect, ...}``: in ``folder/test``, where there is one, else in
    ``folder``. Masks are in it or, where its name is ``test``, beside it; paths are relative to where they are.

    Raises ``UserError`` if there are no pictures of one of the two.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such folder of pictures")
    known = {name.lower(): name for name in _files.subfolders(folder)}
    test = folder / known["test"] if "test" in known else folder
    kinds = [kind for kind in _only_folders(test) if kind.lower() not in _masks.FOLDERS]
    groups = [Group(test / kind, "test", "" if kind.lower() in NORMAL else kind) for kind in kinds]
    if not 0 < sum(bool(group.defect) for group in groups) < len(groups):
        raise UserError(f"{test}: must hold 'good', with normal pictures, and a folder for each kind of anomaly")
    return list(_records(root_of_labelled(folder), groups))


def root_of_labelled(folder: Path) -> Path:
    """Where the paths of ``labelled`` pictures start."""
    return folder.resolve().parent if folder.resolve().name.lower() == "test" else folder.resolve()


def _records(folder: Path, groups: list[Group]) -> Iterator[Record]:
    """The pictures of ``groups``, with their masks."""
    pictures = {file: group for group in groups for file in _files.images(group.place, below=True)}
    anomalous = {file: file.relative_to(group.place.parent) for file, group in pictures.items() if group.defect}
    masks = _masks.matched(folder, {file: path.as_posix() for file, path in anomalous.items()})
    for file, group in pictures.items():
        known = {"label": int(bool(group.defect)), "defect": group.defect, "mask": masks.get(file, "")}
        yield Record.of_file(folder, file, _name(folder), group.split, **known)


def _name(folder: Path) -> str:
    return folder.resolve().name or "images"


def _groups(folder: Path) -> Iterator[Group]:
    """The folders of pictures in ``folder``; ``UserError`` where it cannot be told what is normal."""
    known = {name.lower(): name for name in _files.subfolders(folder)}
    if "train" in known or "test" in known:
        return _divided(folder / known.get("train", "train"), folder / known.get("test", "test"))
    return _undivided(folder)


def _divided(train: Path, test: Path) -> Iterator[Group]:
    normal, kinds = _only_folders(train), _only_folders(test)
    if [name.lower() in NORMAL for name in normal] != [True]:
        raise UserError(f"{train}: must hold one folder, 'good', of normal images; move everything else away")
    tested = any(kind.lower() in NORMAL for kind in kinds)
    yield Group(train / normal[0], "train" if tested else "")
    for kind in kinds:
        yield Group(test / kind, "test", "" if kind.lower() in NORMAL else kind)


def _undivided(folder: Path) -> Iterator[Group]:
    names = [name for name in _files.subfolders(folder) if any(map(_is_image, _files.walk(folder / name, below=True)))]
    normal = [name for name in names if name.lower() in NORMAL]
    anomalous = [name for name in names if name.lower() in ANOMALOUS]
    others = [name for name in names if name.lower() not in (*NORMAL, *ANOMALOUS, *_masks.FOLDERS)]
    loose = folder.is_dir() and any(map(_is_image, folder.iterdir()))
    if names and (loose or (others if normal else names != others)):
        found = listed([*(["pictures"] if loose else []), *(f"{name}/" for name in names)])
        raise UserError(f"{folder}: it cannot be told which of {found} are normal; {LAYOUTS}")
    if others:
        log.warning("%s: all pictures in %s are taken as normal", folder, listed(others))
    for name in normal or ["."]:
        yield Group(folder / name)
    for name in anomalous:
        yield Group(folder / name, "test", name)


def _only_folders(folder: Path) -> list[str]:
    """The folders in ``folder``; an image beside them would be missed, so it is a ``UserError``."""
    for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
        if _is_image(entry):
            raise UserError(f"{entry}: an image beside the folders; move it into one, such as {folder.name}/good")
    return _files.subfolders(folder)


def _is_image(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES and not _files.is_litter(file.name) and file.is_file()

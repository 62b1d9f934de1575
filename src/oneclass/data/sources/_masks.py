"""Masks of defects in folders, found by the name of their picture."""

import logging
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from unicodedata import normalize

from oneclass.data.record import SUFFIXES
from oneclass.data.sources import _files
from oneclass.errors import UserError, listed

log = logging.getLogger(__name__)

FOLDERS = ("ground_truth", "masks")
ENDINGS = ("_mask", "", "_gt", "_mask_gt")  # of a mask's name, after that of its picture
NORMAL = ("good", "normal", "ok")  # folders of normal pictures, however they are capitalised


def matched(folder: Path, pictures: Mapping[Path, str]) -> dict[Path, str]:
    """The masks of anomalous ``pictures`` by picture, relative to ``folder``; a picture without one is left out.

    ``pictures`` maps each to where it is below ``test``. Its mask is an image of the same name, with one of ``ENDINGS``
    and any suffix, in that place below one of ``FOLDERS``, in the folder of its kind, or right in it; accents count
    however they are encoded. Raises ``UserError`` if there are masks and no picture has one, or two have the same;
    masks of no picture are a warning.
    """
    masks = {name: _by_name(folder / name) for name in _files.subfolders(folder) if name.lower() in FOLDERS}
    found: dict[Path, str] = {}
    owners: dict[Path, Path] = {}
    for picture, below in pictures.items():
        place, stem = _key(below)
        places = dict.fromkeys((place, place.split("/")[0], "."))
        names = [(place, stem + ending) for place in places for ending in ENDINGS]
        mask = next((known[name] for known in masks.values() for name in names if name in known), None)
        if mask is None:
            continue
        if mask in owners:
            raise UserError(f"{mask}: the mask of {owners[mask]} or of {picture}? Put masks into folders like theirs")
        owners[mask], found[picture] = picture, mask.relative_to(folder).as_posix()
    _report_others([mask for known in masks.values() for mask in known.values() if mask not in owners], pictures, found)
    return found


def _by_name(folder: Path) -> dict[tuple[str, str], Path]:
    """The masks below ``folder`` by their place there and their name without suffix; none of normal pictures."""
    known: dict[tuple[str, str], Path] = {}
    for file in _files.walk(folder, below=True):
        path = file.relative_to(folder)
        if path.suffix.lower() in SUFFIXES and path.parts[0].lower() not in NORMAL:
            known.setdefault(_key(path.as_posix()), file)
    return known


def _key(path: str) -> tuple[str, str]:
    """The folder and the name without suffix; macOS hands on accents that are decomposed."""
    plain = PurePosixPath(normalize("NFC", path))
    return str(plain.parent).lower(), plain.stem


def _report_others(others: list[Path], pictures: Mapping[Path, str], found: Mapping[Path, str]) -> None:
    if not others:
        return
    if pictures and not found:
        first = PurePosixPath(next(iter(pictures.values())))
        raise UserError(
            f"{listed(others)}: called like no anomalous picture; the mask of {first} would be "
            f"ground_truth/{first.with_suffix('.png')} or ground_truth/{first.parent / first.stem}_mask.png"
        )
    log.warning("%d mask(s) of no anomalous picture: %s", len(others), listed(others))

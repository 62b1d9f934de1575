"""Finding and fetching files: the folder of a data set, the images in it, an installed package's folder, downloads."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from oneclass import packages
from oneclass.data.record import SUFFIXES
from oneclass.errors import UserError, listed, reason
from oneclass.files import temporary_folder

LITTER = ("thumbs.db", "desktop.ini", "__macosx")  # what file managers leave behind, besides what is hidden


def folder(options: Mapping[str, Any], data_root: Path, name: str) -> Path:
    """``options["path"]`` (relative to the working directory) if it is set, else ``name`` in ``data_root``."""
    return Path(options["path"]) if options.get("path") else data_root / name


def require_place(options: Mapping[str, Any], data_root: Path) -> None:
    """Raise ``UserError`` if the folder that the config names, by ``path`` or ``data_root``, does not exist."""
    key, place = ("path", Path(options["path"])) if options.get("path") else ("data_root", data_root)
    if not place.is_dir():
        raise UserError(f"the {key} '{place}' is not a folder; create it or correct {key} in the config")


def images(folder: Path, *, below: bool = False) -> list[Path]:
    """The image files of ``folder``, sorted; with ``below`` those of all folders in it, too.

    Raises ``UserError`` if there is none, and for anything else in the folder: it may be an image that would be missed.
    """
    found = list(walk(folder, below=below))
    if other := [file for file in found if file.suffix.lower() not in SUFFIXES or not file.is_file()]:
        what, them = ("an image file", "it") if len(other) == 1 else ("image files", "them")
        kinds = " ".join(SUFFIXES)
        raise UserError(f"{listed(other)}: not {what} ({kinds}); move {them} out of the folder of images")
    for file in found:
        if any("\ud800" <= letter <= "\udfff" for letter in str(file)):  # how Python shows bytes that are not UTF-8
            raise UserError(f"{str(file)!r}: the name is not UTF-8, so no index can hold it; rename it")
    if not found:
        raise UserError(f"{folder}: there are no images here; add some, or remove the folder if it is no class")
    return found


def walk(folder: Path, *, below: bool, seen: set[Path] | None = None) -> Iterator[Path]:
    """What is in ``folder``, sorted; with ``below`` what is in the folders in it instead of these, links followed.

    A folder that several links lead to counts once. Hidden entries and file managers' litter do not count.
    """
    seen = set() if seen is None else seen
    seen.add(folder.resolve())
    for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
        if is_litter(entry.name):
            continue
        if not below or not entry.is_dir():
            yield entry
        elif entry.resolve() not in seen:
            yield from walk(entry, below=True, seen=seen)


def state(folder: Path, further: Iterable[str] = ()) -> str:
    """A digest of the names, sizes and times of all image files below ``folder``, and of the ``further`` files there:
    it changes when they do.

    None is opened, so 100,000 files take a second or two. Links to folders are followed, as in ``walk``.
    """
    digest = hashlib.sha256()
    seen, places = set(), [str(folder)]
    while places:
        place = places.pop()
        if (real := os.path.realpath(place)) in seen:
            continue
        seen.add(real)
        lines = [os.path.relpath(place, folder)]
        with suppress(OSError), os.scandir(place) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if is_litter(entry.name):
                    continue
                if entry.name.lower().endswith(SUFFIXES):
                    with suppress(OSError):  # a link to nothing
                        found = entry.stat()
                        lines.append(f"{entry.name}/{found.st_size}/{found.st_mtime_ns}")
                elif entry.is_dir():
                    places.append(entry.path)
        digest.update("\0".join(lines).encode(errors="surrogateescape"))
    for name in further:
        digest.update(f"\0{name}/{stamp(folder / name)}".encode())
    return digest.hexdigest()


def stamp(file: Path) -> str:
    """The size and time of ``file``; nothing if it does not exist."""
    try:
        found = file.stat()
    except OSError:
        return ""
    return f"{found.st_size}/{found.st_mtime_ns}"


def is_litter(name: str) -> bool:
    """Whether something of this name is hidden, or what file managers leave behind."""
    return name.startswith(".") or name.lower() in LITTER


def subfolders(folder: Path) -> list[str]:
    """Names of the folders in ``folder``, sorted, without hidden ones; none if it does not exist."""
    entries = folder.iterdir() if folder.is_dir() else []
    return sorted(entry.name for entry in entries if entry.is_dir() and not is_litter(entry.name))


def unpack(archive: Path, folder: Path, home: str) -> None:
    """Unpack ``archive`` as ``folder``, unless that exists; ``UserError`` naming the page ``home`` if neither does."""
    if folder.is_dir():
        return
    if not archive.is_file():
        raise UserError(f"{folder} does not exist; get {archive.name} from {home} and put it at {archive}")
    from oneclass.data.archives import extract  # brings the compression modules

    extract(archive, folder)


def installed(package: str, distribution: str) -> Path:
    """The folder of an installed package, found without importing it."""
    folder = packages.folder(package)
    if folder is None:
        raise UserError(f"the package '{distribution}' is not installed; run `make env` or pip install {distribution}")
    return folder


def fetch(kind: str, home: str, folder: Path, missing: Iterable[str]) -> None:
    """Put the ``missing`` files (relative to ``folder``) in their place, downloaded and hash-checked by torchvision.

    ``kind`` is torchvision's class, whose own folder name is that of ``folder`` by default; ``home`` is the page a
    person would get the data from. Files appear whole or not at all. Raises ``UserError`` if the download fails.
    """
    missing = list(missing)
    if not missing:
        return
    from http.client import HTTPException

    from torchvision import datasets  # all slow to import, and most runs have their files

    try:
        with temporary_folder(folder) as temporary:
            getattr(datasets, kind)(temporary, download=True)
            (own_folder,) = (entry for entry in temporary.iterdir() if entry.is_dir())
            for name in missing:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(own_folder / name, folder / name)
    except (OSError, RuntimeError, HTTPException) as error:
        raise UserError(
            f"{folder / missing[0]} is missing and {kind} cannot be downloaded ({reason(error)}); "
            f"get the data set from {home} and unpack it so that this file is there"
        ) from error

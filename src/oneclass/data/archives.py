"""Unpacking zip and tar files that come from elsewhere."""

import gzip
import lzma
import os
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import IO

from oneclass.errors import UserError

DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    RuntimeError,  # a zip that is encrypted or compressed in a way Python cannot undo
)


def extract(archive: Path, folder: Path) -> None:
    """Unpack ``archive`` (zip, or tar with any compression) as the new folder ``folder``, whole or not at all.

    Raises ``UserError``, naming archive and member, if a member would land outside the folder or is neither a file nor
    a folder (a link, a device), and if the archive is damaged or the disk full or read-only.
    """
    try:
        with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
            content = Path(temporary, "content")
            content.mkdir()  # a folder of its own: the temporary one is readable by its owner only
            for name, stream in _files(archive):
                target = content / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with stream, target.open("wb") as file:
                    shutil.copyfileobj(stream, file)
            _publish(content, folder)
    except DAMAGED as error:
        raise UserError(f"{archive}: damaged, or no zip or tar file ({error}); fetch it again") from error
    except OSError as error:
        raise UserError(f"{archive}: cannot be unpacked as {folder} ({error}); unpack it there by hand") from error


def _files(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each file in ``archive``."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for info in packed.infolist():
                _check(archive, info.filename)
                if not info.is_dir():
                    yield info.filename, packed.open(info)
    else:
        with tarfile.open(archive) as tar:
            for member in tar:
                _check(archive, member.name)
                stream = tar.extractfile(member) if member.isreg() else None
                if stream is not None:
                    yield member.name, stream
                elif not member.isdir():
                    raise UserError(f"{archive}: member '{member.name}' is a link or device; do not use this archive")


def _check(archive: Path, name: str) -> None:
    path = PureWindowsPath(name)  # understands both kinds of slash, and drives
    if path.anchor or ".." in path.parts:
        raise UserError(f"{archive}: member '{name}' would escape the folder; do not use this archive")


def _publish(content: Path, folder: Path) -> None:
    try:
        os.replace(content, folder)
    except OSError:
        if not folder.is_dir():  # else another job unpacked the same archive meanwhile
            raise

"""Unpacking zip and tar files that come from elsewhere."""

import gzip
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from typing import IO, Self

from oneclass.errors import UserError
from oneclass.files import temporary_folder

RATIO, ROOM = 100, 2**30
"""An archive of pictures is about as large as they are. One that unpacks to more than ``RATIO`` times its size and
``ROOM`` bytes is made to fill the disk."""
PART, HEADER = 2**20, 512  # bytes that are copied at once; bytes that a file counts for, beyond its own
LONGEST = 2**20  # bytes of a name, or of another extended header, which is read at once
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
    a folder (a link, a device), if the archive unpacks to far more than its size, if it is damaged, and if the disk is
    full or read-only.
    """
    try:
        left = RATIO * archive.stat().st_size + ROOM
        with temporary_folder(folder) as temporary:
            content = temporary / "content"
            content.mkdir()  # a folder of its own: the temporary one is readable by its owner only
            for name, stream in _files(archive):
                target = content / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with stream, target.open("wb") as file:
                    while part := stream.read(min(PART, left + 1)):
                        left -= len(part)
                        _require_room(archive, left)
                        file.write(part)
                left -= HEADER
                _require_room(archive, left)
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
        with tarfile.open(archive, tarinfo=_Member) as tar:
            for member in tar:
                _check(archive, member.name)
                stream = tar.extractfile(member) if member.isreg() else None
                if stream is not None:
                    yield member.name, stream
                elif not member.isdir():
                    raise UserError(f"{archive}: member '{member.name}' is a link or device; do not use this archive")


class _Member(tarfile.TarInfo):
    """A member, whose extended headers are not made to fill the memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        member = super().frombuf(buf, encoding, errors)
        if member.type not in (*tarfile.REGULAR_TYPES, tarfile.DIRTYPE) and member.size > LONGEST:
            raise tarfile.ReadError(f"a header of {member.size} bytes")
        return member


def _require_room(archive: Path, left: int) -> None:
    if left < 0:
        raise UserError(f"{archive}: unpacks to more than {RATIO} times its size; do not use this archive")


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

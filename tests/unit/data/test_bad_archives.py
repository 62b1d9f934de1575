"""Archives and files of arrays that are made to do harm: refused in a line, with nothing left behind."""

import gzip
import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from oneclass.data import archives, containers
from oneclass.data.archives import extract
from oneclass.errors import UserError


def zip_bomb(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.png", bytes(20_000_000))


def tar_bomb(file: Path) -> None:
    with tarfile.open(file, "w:xz") as archive:
        member = tarfile.TarInfo("zeros.png")
        member.size = 20_000_000
        archive.addfile(member, io.BytesIO(bytes(member.size)))


def sparse_bomb(file: Path) -> None:
    """A file of a terabyte, of which nothing is in the archive."""
    member = tarfile.TarInfo("zeros.png")
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[483:495] = tarfile.itn(2**40, 12, tarfile.GNU_FORMAT)
    header[148:156] = b" " * 8
    header[148:155] = b"%06o\0" % sum(header)
    file.write_bytes(bytes(header) + bytes(2 * tarfile.BLOCKSIZE))


def many_empty_files(file: Path) -> None:
    with tarfile.open(file, "w:xz") as archive:
        for number in range(5_000):
            archive.addfile(tarfile.TarInfo(f"{number}.png"))


@pytest.mark.parametrize("pack", [zip_bomb, tar_bomb, sparse_bomb, many_empty_files])
def test_what_unpacks_to_far_more_than_it_is(
    pack: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "ROOM", 1_000_000)
    pack(tmp_path / "archive")
    with pytest.raises(UserError, match="archive: unpacks to more than 100 times its size; do not use this archive"):
        extract(tmp_path / "archive", tmp_path / "data")
    assert os.listdir(tmp_path) == ["archive"]


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK])
def test_a_header_that_would_fill_the_memory(kind: bytes, tmp_path: Path) -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = kind, 2**33
    (tmp_path / "archive").write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    with pytest.raises(UserError, match="archive: damaged"):
        extract(tmp_path / "archive", tmp_path / "data")
    assert os.listdir(tmp_path) == ["archive"]


def test_archives_within_an_archive_stay_packed(tmp_path: Path) -> None:
    zip_bomb(tmp_path / "inner.zip")
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        archive.write(tmp_path / "inner.zip", "inner.zip")
    extract(tmp_path / "archive", tmp_path / "data")
    assert os.listdir(tmp_path / "data") == ["inner.zip"]


def test_a_link_in_a_zip_is_a_file_with_its_target(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    extract(tmp_path / "archive", tmp_path / "data")
    assert not (tmp_path / "data/link.png").is_symlink()
    assert (tmp_path / "data/link.png").read_text() == "/etc/passwd"


@pytest.mark.parametrize("read", [containers.idx, containers.mnist_csv])
def test_a_compressed_file_that_would_fill_the_memory(
    read: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "MOST_BYTES", 1_000_000)
    (tmp_path / "images.gz").write_bytes(gzip.compress(bytes(2_000_000)))
    with pytest.raises(UserError, match=r"images(\.gz)?: cannot be read \(it unpacks to more than 1000000 bytes\)"):
        read(tmp_path / ("images.gz" if read is containers.mnist_csv else "images"))

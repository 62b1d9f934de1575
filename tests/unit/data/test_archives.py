import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from oneclass.data.archives import extract
from oneclass.errors import UserError

Pack = Callable[[Path, dict[str, bytes]], Path]
FILES = {"top.txt": b"top", "a/b/image.png": b"pixels" * 1000}


def pack_zip(file: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("empty")
        for name, data in content.items():
            archive.writestr(name, data)
    return file


def pack_tar(file: Path, content: dict[str, bytes], link: tarfile.TarInfo | None = None) -> Path:
    with tarfile.open(file, "w:xz") as archive:
        folder = tarfile.TarInfo("./empty")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        if link is not None:
            archive.addfile(link)
    return file


both = pytest.mark.parametrize("pack", [pack_zip, pack_tar])


@both
def test_content(tmp_path: Path, pack: Pack) -> None:
    archive = pack(tmp_path / "archive", FILES)
    extract(archive, tmp_path / "data")
    found = {f.relative_to(tmp_path / "data").as_posix(): f for f in (tmp_path / "data").rglob("*") if f.is_file()}
    assert {name: file.read_bytes() for name, file in found.items()} == FILES
    assert sorted(os.listdir(tmp_path)) == ["archive", "data"]


@both
@pytest.mark.parametrize("name", ["../out", "a/../../out", "/out", "..\\out", "C:\\out"])
def test_member_that_would_escape(tmp_path: Path, pack: Pack, name: str) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    archive = pack(inner / "archive", {**FILES, name: b"evil"})
    with pytest.raises(UserError, match=r"archive: member .*out' would escape"):
        extract(archive, inner / "data")
    assert (os.listdir(tmp_path), os.listdir(inner)) == (["inner"], ["archive"])


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    link = tarfile.TarInfo("innocent")
    link.type, link.linkname = kind, "top.txt"
    archive = pack_tar(tmp_path / "archive", FILES, link)
    with pytest.raises(UserError, match="archive: member 'innocent' is a link or device"):
        extract(archive, tmp_path / "data")
    assert os.listdir(tmp_path) == ["archive"]


@both
@pytest.mark.parametrize("keep", [0, 0.5, 0.9])
def test_damaged_archive_leaves_nothing(tmp_path: Path, pack: Pack, keep: float) -> None:
    archive = pack(tmp_path / "archive", {"noise": os.urandom(20_000)})
    data = archive.read_bytes()
    archive.write_bytes(data[: int(keep * len(data))])
    with pytest.raises(UserError, match="archive: damaged"):
        extract(archive, tmp_path / "data")
    assert os.listdir(tmp_path) == ["archive"]


def test_wrong_checksum(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("image.png", b"pixels")
    archive.write_bytes(archive.read_bytes().replace(b"pixels", b"pixelz"))
    with pytest.raises(UserError, match="archive: damaged"):
        extract(archive, tmp_path / "data")
    assert os.listdir(tmp_path) == ["archive"]


def test_folder_that_another_job_unpacked_meanwhile(tmp_path: Path) -> None:
    archive = pack_zip(tmp_path / "archive", FILES)
    for _ in range(2):
        extract(archive, tmp_path / "data")
    assert sorted(os.listdir(tmp_path)) == ["archive", "data"]


def test_missing_archive(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="archive: cannot be unpacked"):
        extract(tmp_path / "archive", tmp_path / "data")
    assert os.listdir(tmp_path) == []

"""An interrupted writer never leaves half a file under the final name."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from oneclass.errors import UserError
from oneclass.files import atomic, require_writable, temporary_folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_appears_only_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "er" / "a.h5"
    with atomic(target) as temporary:
        temporary.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert names(target.parent) == ["a.h5"]


def test_the_temporary_name_is_beside_the_file_and_shares_its_suffixes(tmp_path: Path) -> None:
    with atomic(tmp_path / "a.tar.gz") as temporary:
        assert temporary.parent.parent == tmp_path
        assert temporary.name.endswith(".tar.gz")
        temporary.touch()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_removes_the_temporary_and_keeps_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    with pytest.raises(error), atomic(target) as temporary:
        temporary.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.csv"]


def test_a_block_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic(tmp_path / "a.csv"):
        pass
    assert names(tmp_path) == []


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    target = tmp_path / "a[1].csv"
    code = f"""
import os, signal
from oneclass.files import atomic, temporary_folder
with atomic({str(target)!r}) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    (leftover,) = names(tmp_path)
    assert leftover != target.name
    (tmp_path / ".partial-b.csv").touch()  # another file's
    with atomic(target) as temporary:
        temporary.write_text("whole")
    assert names(tmp_path) == [".partial-b.csv", target.name]


def test_a_writer_that_lives_on_never_takes_the_half_written_file_of_the_next(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    old, new = atomic(target), atomic(target)
    old.__enter__().write_text("whole")
    written = new.__enter__()
    written.write_text("half")
    with pytest.raises(FileNotFoundError):
        old.__exit__(None, None, None)
    assert not target.exists()
    written.write_text("whole")
    new.__exit__(None, None, None)
    assert target.read_text() == "whole"
    assert names(tmp_path) == ["a.csv"]


def test_a_temporary_file_of_version_0_1_0_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".partial-a.csv").write_text("half")
    with atomic(tmp_path / "a.csv") as temporary:
        temporary.write_text("whole")
    assert names(tmp_path) == ["a.csv"]


def test_a_temporary_folder_that_a_killed_process_left_is_removed_and_one_of_a_living_process_stays(
    tmp_path: Path,
) -> None:
    target = tmp_path / "pictures"
    code = f"""
import os, signal
from pathlib import Path
from oneclass.files import temporary_folder
with temporary_folder(Path({str(target)!r})) as folder:
    (folder / "a.png").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    (left,) = names(tmp_path)
    with temporary_folder(target) as first:
        assert names(tmp_path) == [first.name] != [left]
        with temporary_folder(target) as second:
            assert names(tmp_path) == sorted([first.name, second.name])
    assert names(tmp_path) == []


def test_without_locks_a_temporary_folder_is_made_and_removed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(file: int, kind: int) -> None:
        raise OSError("no locks here")

    monkeypatch.setattr("oneclass.files.fcntl.flock", none)
    (tmp_path / ".partial-pictures-left").mkdir()
    with temporary_folder(tmp_path / "pictures") as folder:
        assert names(tmp_path) == sorted([".partial-pictures-left", folder.name])
    assert names(tmp_path) == [".partial-pictures-left"]


def test_a_folder_that_cannot_be_written_into_is_named(tmp_path: Path) -> None:
    require_writable(tmp_path / "new" / "folder")
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"file/results: cannot be written into .*; make room or make it"):
        require_writable(tmp_path / "file" / "results")

"""Which files a place stands for."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from oneclass.errors import UserError
from oneclass.scoring.drawn import encode, is_overlay
from oneclass.scoring.pictures import find


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def names(*places: Path | str) -> list[str]:
    return [picture.name for picture in find(places).pictures]


def test_hidden_and_other_files_are_not_pictures(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "b.JPG", "c.txt", ".d.png", "e/f.webp", ".g/h.png", "i.heic", "j", "scores.csv")
    assert names(tmp_path) == ["a.png", "b.JPG", "e/f.webp"]
    assert find([tmp_path]).passed_over == {".txt": 1, ".heic": 1, "without suffix": 1}
    assert names(tmp_path / "c.txt") == ["c.txt"]  # asked for by name


@pytest.mark.parametrize("suffix", ["jfif", "jpe", "avif", "jp2", "tga"])
def test_rarer_suffixes_are_pictures(tmp_path: Path, suffix: str) -> None:
    assert names(touch(tmp_path, f"a.{suffix}")) == [f"a.{suffix}"]


def test_links_to_folders_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    touch(tmp_path, "one/a.png", "two/b.png")
    (tmp_path / "one" / "link").symlink_to(tmp_path / "two")
    (tmp_path / "two" / "back").symlink_to(tmp_path / "one")
    assert names(tmp_path / "one") == ["a.png", "link/b.png"]


def test_a_link_that_leads_nowhere_is_a_picture_and_a_pipe_is_not(tmp_path: Path) -> None:
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(tmp_path / "pipe.png")
    assert names(tmp_path) == ["gone.png"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_folder_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "shut/a.png")
    (tmp_path / "shut").chmod(0)
    assert names(tmp_path) == ["shut"]


def test_patterns_and_a_list_on_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "x/1.png", "x/2.png", "y/3.png", "y/4.txt", "a[1].png", "name \udce9.png")
    monkeypatch.chdir(tmp_path)
    assert names("x/*.png") == ["1.png", "2.png"]
    assert names("**/*.png") == ["a[1].png", "name \udce9.png", "1.png", "2.png", "3.png"]
    assert names("a[1].png") == ["a[1].png"]  # a file that is there is no pattern
    assert names("z/*.png") == []
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x/2.png\nname \xe9.png\n\ngone.png\n")))
    assert names("-") == ["2.png", "name \udce9.png", "gone.png"]


def test_a_picture_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "b.png")
    assert names(tmp_path / "b.png", tmp_path) == ["b.png", "a.png"]


def test_a_place_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere: there is no such file or folder"):
        find([tmp_path / "nowhere"])


def test_only_marked_overlays_are_passed_over(tmp_path: Path, pictures: Callable[..., Path]) -> None:
    """A user may have pictures in a folder called overlays, or a copy of an overlay elsewhere."""
    own = pictures(1, folder="new/overlays") / "00.png"
    made = tmp_path / "new" / "overlays" / "01.png.jpg"
    made.write_bytes(encode(Image.new("RGB", (8, 8))))
    assert (is_overlay(own), is_overlay(made)) == (False, True)
    assert names(tmp_path / "new") == ["overlays/00.png"]
    made.rename(tmp_path / "new" / "copy.jpg")
    assert names(tmp_path / "new") == ["copy.jpg", "overlays/00.png"]

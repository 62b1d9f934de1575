"""The state of a folder of pictures changes when they do, and only then."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oneclass.data.sources import SOURCES
from oneclass.data.sources._files import state

Save = Callable[..., Path]
Change = Callable[[Path, Save], object]


def rewrite(folder: Path, save: Save) -> None:
    """Other pixels under the same name, with the same size and in the same second."""
    file = folder / "a.bmp"
    before = file.stat()
    save(file, 7)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))


@pytest.fixture
def folder(tmp_path: Path, save: Save) -> Path:
    for name in ("a.bmp", "train/good/b.png", ".hidden/c.png"):
        save(tmp_path / "mine" / name)
    save(tmp_path / "elsewhere/d.png")
    (tmp_path / "mine/link").symlink_to("../elsewhere")
    (tmp_path / "elsewhere/round").symlink_to("../mine")
    return tmp_path / "mine"


@pytest.mark.parametrize(
    "change",
    [
        lambda folder, save: save(folder / "new.png"),
        lambda folder, save: save(folder / "new/folder/a.tif"),
        lambda folder, save: (folder / "a.bmp").unlink(),
        lambda folder, save: (folder / "a.bmp").rename(folder / "b.bmp"),
        lambda folder, save: (folder / "train/good/b.png").rename(folder / "train/b.png"),
        lambda folder, save: (folder / "train/good/b.png").write_bytes(b"x"),
        rewrite,
        lambda folder, save: save(folder / "link/e.png"),
        lambda folder, save: save(folder / "ground_truth/cut/a.png"),
    ],
)
def test_it_changes(change: Change, folder: Path, save: Save) -> None:
    before = state(folder)
    change(folder, save)
    assert state(folder) != before


@pytest.mark.parametrize(
    "change",
    [
        lambda folder, save: None,
        lambda folder, save: save(folder / ".hidden/new.png"),
        lambda folder, save: save(folder / "._a.png"),
        lambda folder, save: (folder / "Thumbs.db").touch(),
        lambda folder, save: (folder / "notes.txt").write_text("notes"),
        lambda folder, save: (folder / "nowhere.png").symlink_to("gone.png"),
    ],
)
def test_it_stays(change: Change, folder: Path, save: Save) -> None:
    before = state(folder)
    change(folder, save)
    assert state(folder) == before


def test_a_folder_that_is_not_there_has_one(tmp_path: Path) -> None:
    assert state(tmp_path / "gone") == state(tmp_path / "gone")


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("visa", "split_csv/1cls.csv"),
        ("tiny_images", "tiny_images.bin"),
        ("tiny_images", "80mn_cifar_idxs.txt"),
        ("random_images", "300K_random_images.npy"),
    ],
)
def test_it_changes_with_what_a_source_reads_beside_pictures(source: str, file: str, tmp_path: Path) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    states = []
    for text in (None, "first", "other words"):
        if text:
            (tmp_path / file).write_text(text)
        states.append(SOURCES[source].state({"path": str(tmp_path)}, tmp_path))
    assert len({*states}) == 3


def test_published_data_sets_are_looked_at_where_their_folder_is_yours(
    options: Callable[..., dict[str, Any]], folder: Path, save: Save
) -> None:
    def states() -> dict[str, tuple[str, str]]:
        return {
            name: (
                source.state(options(name, path=str(folder)), folder) if name != "drawn_defects" else "",
                source.state({"path": None}, folder.parent) if name != "drawn_defects" else "",
            )
            for name, source in SOURCES.items()
        }

    before = states()
    save(folder / "new.png")
    after = states()
    own = {name for name in SOURCES if before[name][0] != after[name][0]}
    assert own >= {"own_images", "class_folders", "image_folders", "mvtec_ad", "mpdd", "visa"}
    assert not own & {"elpv", "textures", "mnist5k", "photo_crops", "imagenet22k"}
    assert [name for name in SOURCES if before[name][1] != after[name][1]] == []

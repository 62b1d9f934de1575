"""Pictures that something is wrong with: each is named in a line, or seen as it is, and never in part."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import EpsImagePlugin

from oneclass.data import pools
from oneclass.data.build import build
from oneclass.data.geometry import Geometry
from oneclass.data.images import UnreadableError, load, opened, size
from oneclass.data.index import read, write
from oneclass.data.readable import naming_all
from oneclass.errors import UserError
from oneclass.features.decode import decode
from tests.faults import pictures
from tests.faults.pictures import BAD, CUT, WHOLE

pytestmark = pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning", "ignore::UserWarning")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("corpus")
    return folder, pictures.write(folder)


def one_line(error: pytest.ExceptionInfo[UserError]) -> str:
    assert str(error.value).isprintable() and len(str(error.value)) < 1500
    return str(error.value)


def test_whole_ones_are_seen_and_bad_ones_named(corpus: tuple[Path, dict[str, str]]) -> None:
    folder, kinds = corpus
    assert len(kinds) > 180
    for name, kind in kinds.items():
        if kind == WHOLE:
            assert load(folder, name).size == size(folder, name)
        elif kind == BAD:
            with pytest.raises(UnreadableError, match="replace or remove it") as error:
                load(folder, name)
            assert name in one_line(error)


def test_one_that_was_cut_is_named_or_all_there(corpus: tuple[Path, dict[str, str]]) -> None:
    folder, kinds = corpus
    noticed = 0
    for name in [name for name, kind in kinds.items() if kind == CUT]:
        try:
            seen = load(folder, name)
        except UnreadableError:
            noticed += 1
        else:
            assert (np.asarray(seen) == np.asarray(load(folder, f"whole{Path(name).suffix}"))).all(), name
    assert noticed > 90


def test_no_other_program_is_run_for_a_picture(corpus: tuple[Path, dict[str, str]], monkeypatch: Any) -> None:
    def ghostscript(*arguments: Any, **settings: Any) -> None:
        raise AssertionError("a program of the system's was to be run")

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", ghostscript)
    with pytest.raises(UnreadableError, match=r"postscript\.png: cannot be read as an image"):
        load(corpus[0], "postscript.png")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.png").symlink_to("pipe")
    (tmp_path / "b.png").symlink_to("/dev/zero")
    (tmp_path / "c.png").symlink_to("c.png")
    for name in ("a.png", "b.png", "c.png"):
        with pytest.raises(UnreadableError, match=name), opened(tmp_path / name):
            pass


def test_the_index_holds_any_name_and_training_names_all_that_is_bad(
    corpus: tuple[Path, dict[str, str]], options: Callable[..., Any], tmp_path: Path
) -> None:
    folder, kinds = corpus
    index = build("mine", options("own_images", "defect", path=str(folder)), tmp_path, 1)
    assert set(index.table["id"]) == set(kinds)
    write(index, tmp_path / "index.parquet")
    assert read(tmp_path / "index.parquet").table.equals(index.table)
    many = r"^1\d\d pictures cannot be read; replace or remove them"
    with pytest.raises(UnreadableError, match=many) as error, naming_all(index, 2):
        list(decode(index.places(), Geometry(16), 2, 16))
    one_line(error)


def test_a_pool_goes_without_the_bad_ones(
    corpus: tuple[Path, dict[str, str]], options: Callable[..., Any], tmp_path: Path
) -> None:
    folder, kinds = corpus
    index = build("mine", options("own_images", "defect", path=str(folder)), tmp_path, 1)
    kept = pools.without_unreadable(index, 2)
    assert {name for name, kind in kinds.items() if kind == WHOLE} <= set(kept.table["id"])
    assert not {name for name, kind in kinds.items() if kind == BAD} & set(kept.table["id"])
    assert all(batch.shape[1:] == (3, 16, 16) for batch in decode(kept.places(), Geometry(16), 2, 16))

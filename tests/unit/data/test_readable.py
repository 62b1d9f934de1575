"""All pictures that cannot be read are named at once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from oneclass.data import pixels
from oneclass.data.images import UnreadableError, load
from oneclass.data.index import Index
from oneclass.data.readable import naming_all
from oneclass.data.record import Record
from oneclass.errors import UserError

Damaged = Callable[[int], Index]


@pytest.fixture
def damaged(tmp_path: Path, save: Callable[..., Path], make_index: Callable[..., Index]) -> Damaged:
    """Twenty pictures, of which the last few hold nothing; the very last is missing, if more than one is bad."""

    def make(bad: int) -> Index:
        for number in range(20):
            save(tmp_path / f"{number:02d}.png")
        for number in range(20 - bad, 20):
            (tmp_path / f"{number:02d}.png").write_bytes(b"")
        if bad > 1:
            (tmp_path / "19.png").unlink()
        return make_index([Record(f"{number:02d}", f"{number:02d}.png", "a") for number in range(20)])

    return make


@pytest.mark.parametrize(
    ("bad", "end"), [(2, r"18\.png, \S*19\.png \(the first"), (13, r"16\.png and 3 more \(the first")]
)
def test_each_is_named_or_counted(bad: int, end: str, damaged: Damaged, tmp_path: Path) -> None:
    index = damaged(bad)
    with pytest.raises(UserError, match=f"^{bad} pictures cannot be read; replace or remove them.*{end}") as caught:
        pixels.write(index, 4, tmp_path / "4.h5", workers=2)
    assert f"{20 - bad:02d}.png: cannot be read as an image" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_alone_is_reported_as_it_is(damaged: Damaged, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"19\.png: cannot be read as an image .*; replace or remove it$"):
        pixels.write(damaged(1), 4, tmp_path / "4.h5", workers=2)


def test_the_whole_data_set_is_looked_at_where_a_part_is_read(damaged: Damaged, tmp_path: Path) -> None:
    index = damaged(3)
    with pytest.raises(UnreadableError, match="3 pictures cannot be read"), naming_all(index, 2):
        pixels.write(index.take([0, 1, 17]), 4, tmp_path / "4.h5", workers=2)


def test_other_errors_pass(damaged: Damaged) -> None:
    index = damaged(2)
    with pytest.raises(UserError, match="something else"), naming_all(index, 2):
        raise UserError("something else")
    with naming_all(index, 2):
        load(*index.places()[0])

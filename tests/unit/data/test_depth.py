"""What is white in grey images with 16 bits is decided once, for all images of a data set."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from oneclass.data import index as indexes
from oneclass.data.images import load
from oneclass.data.index import Index
from oneclass.data.record import Record

MakeIndex = Callable[..., Index]
RAMP = np.linspace(0, 255, 64).round().astype(np.uint16).reshape(8, 8)


def save(file: Path, pixels: np.ndarray) -> str:
    Image.fromarray(pixels).save(file)
    return file.name


def of(names: list[str], split: str = "train") -> list[Record]:
    return [Record(name, name, "a", split) for name in names]


@pytest.mark.parametrize(
    ("brightest", "white"),
    [(200, 255), (255, 255), (256, 1023), (1020, 1023), (1024, 4095), (4080, 4095), (16383, 16383), (16384, 65535)],
)
def test_it_is_that_of_the_fewest_bits_that_hold_all_values(
    brightest: int, white: int, make_index: MakeIndex, tmp_path: Path
) -> None:
    names = [save(tmp_path / f"{value}.png", np.full((4, 4), value, np.uint16)) for value in (3, brightest)]
    assert make_index(of(names)).white == white


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_images_of_any_depth_are_seen_alike(bits: int, make_index: MakeIndex, tmp_path: Path) -> None:
    deep = (RAMP.astype(float) * (2**bits - 1) / 255).round().astype(np.uint16)
    index = make_index(of([save(tmp_path / "deep.tif", deep)]))
    assert (np.asarray(load(*index.places()[0]))[..., 0] == RAMP).all()


def test_a_dark_image_stays_dark_among_brighter_ones(make_index: MakeIndex, tmp_path: Path) -> None:
    names = [save(tmp_path / f"{value}.png", np.full((4, 4), value, np.uint16)) for value in (400, 4000)]
    dark, bright = (int(np.asarray(load(*place)).max()) for place in make_index(of(names)).places())
    assert (dark, bright) == (25, 249)


def test_test_images_do_not_decide_it_and_what_is_brighter_is_white(make_index: MakeIndex, tmp_path: Path) -> None:
    train = of([save(tmp_path / "a.png", np.full((4, 4), 1000, np.uint16))])
    test = of([save(tmp_path / "b.png", np.full((4, 4), 4000, np.uint16))], "test")
    index = make_index([*train, *test])
    assert index.white == 1023
    assert (np.asarray(load(*index.places()[1])) == 255).all()


def test_images_with_8_bits_have_nothing_to_do_with_it(make_index: MakeIndex, tmp_path: Path) -> None:
    names = [
        save(tmp_path / "a.png", np.full((4, 4), 9, np.uint8)),
        save(tmp_path / "b.jpg", np.full((4, 4, 3), 9, np.uint8)),
    ]
    (tmp_path / "damaged.png").write_bytes(b"")
    assert make_index(of([*names, "damaged.png", "missing.png"])).white == 65535


def test_it_is_said_and_kept_with_the_index(
    make_index: MakeIndex, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index = make_index(of([save(tmp_path / "a.png", np.full((4, 4), 1020, np.uint16))]))
    assert "toy: 16-bit images with values up to 1020, so 1023 counts as white" in caplog.text
    indexes.write(index, tmp_path / "toy.parquet")
    again = indexes.read(tmp_path / "toy.parquet")
    assert (again.white, again.take([0]).places()[0].white) == (1023, 1023)

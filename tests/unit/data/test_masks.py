from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from oneclass.data import masks
from oneclass.data.build import build
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.record import Record
from oneclass.errors import UserError

MARK = np.array([[0, 1], [1, 0], [0, 0]], bool)  # 3 rows of 2 pixels: neither square nor symmetric
MakeIndex = Callable[..., Index]


def saved(image: Image.Image, folder: Path, name: str = "mask.png", **settings: Any) -> np.ndarray:
    """The mask that comes back, at its own size of 2x3 pixels stretched to 6x6."""
    image.save(folder / name, **settings)
    return masks.load(folder, name, (2, 3), Geometry(6))


def stretched(mask: np.ndarray) -> np.ndarray:
    return np.repeat(np.repeat(mask, 2, axis=0), 3, axis=1)


def nearest(mask: np.ndarray, resize: int, crop: int | None) -> np.ndarray:
    """Literally: each pixel of the square takes the value of the pixel its centre falls in; then the middle is kept."""
    height, width = mask.shape
    rows, columns = ([int(Fraction(2 * at + 1, 2 * resize) * side) for at in range(resize)] for side in (height, width))
    square = [[mask[row, column] for column in columns] for row in rows]
    start = (resize - (crop or resize)) // 2
    return np.array(square)[start : start + (crop or resize), start : start + (crop or resize)]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_geometry_is_nearest_neighbour_and_centre_crop(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    height, width, resize = (data.draw(st.integers(1, 40)) for _ in range(3))
    crop = data.draw(st.none() | st.integers(1, resize))
    mask = np.random.default_rng(data.draw(st.integers(0, 999))).random((height, width)) < 0.3
    mask[-1, -1] = True
    folder = tmp_path_factory.mktemp("mask")
    Image.fromarray(mask).save(folder / "mask.png")
    found = masks.load(folder, "mask.png", (width, height), Geometry(resize, crop))
    assert found.dtype == bool
    assert (found == nearest(mask, resize, crop)).all()


@pytest.mark.parametrize(("resize", "crop"), [(64, None), (256, 224)])
def test_it_is_the_nearest_neighbour_of_pillow(tmp_path: Path, resize: int, crop: int | None) -> None:
    mask = Image.fromarray(np.random.default_rng(0).random((301, 199)) < 0.5)
    mask.save(tmp_path / "mask.png")
    found = masks.load(tmp_path, "mask.png", (199, 301), Geometry(resize, crop))
    start = (resize - (crop or resize)) // 2
    square = np.asarray(mask.resize((resize, resize), Image.Resampling.NEAREST))
    assert (found == square[start : resize - start, start : resize - start]).all()


@pytest.mark.parametrize("crop", [None, 7, 8])
def test_a_mask_lies_where_its_defect_lies_in_the_image(tmp_path: Path, crop: int | None) -> None:
    mask = np.random.default_rng(0).random((12, 12)) < 0.5
    Image.fromarray(mask).save(tmp_path / "mask.png")
    geometry = Geometry(12, crop)
    image = np.asarray(geometry.apply(Image.fromarray(mask).convert("RGB")))
    assert (masks.load(tmp_path, "mask.png", (12, 12), geometry) == (image[..., 0] == 255)).all()


@pytest.mark.parametrize("value", [1, 128, 255])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32])
def test_any_value_but_zero_marks(tmp_path: Path, value: int, kind: type) -> None:
    name = "mask.tif" if kind is np.int32 else "mask.png"
    assert (saved(Image.fromarray(MARK.astype(kind) * kind(value)), tmp_path, name) == stretched(MARK)).all()


def test_one_bit(tmp_path: Path) -> None:
    assert (saved(Image.fromarray(MARK), tmp_path) == stretched(MARK)).all()


@pytest.mark.parametrize("channels", ["RGB", "RGBA", "LA"])
def test_channels_but_not_alpha_count(tmp_path: Path, channels: str) -> None:
    pixels = np.zeros((*MARK.shape, len(channels)), np.uint8)
    pixels[..., 0][MARK] = 1
    if channels.endswith("A"):
        pixels[..., -1] = 255
    assert (saved(Image.fromarray(pixels), tmp_path) == stretched(MARK)).all()


def test_colours_of_a_palette_count_not_their_numbers(tmp_path: Path) -> None:
    image = Image.fromarray((~MARK).astype(np.uint8)).convert("P")
    image.putpalette([255, 0, 0, 0, 0, 0])  # number 0 is red and number 1 black
    assert (saved(image, tmp_path) == stretched(MARK)).all()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"mask\.png: the mask is missing; restore it"),
        (b"no image", r"mask\.png: cannot be read"),
        (np.zeros((3, 2), np.uint8), r"mask\.png: marks no pixel, but its image is anomalous"),
        (np.ones((2, 3), np.uint8), r"mask\.png: 3x2 pixels, but its image has 2x3"),
    ],
)
def test_a_mask_that_cannot_be_right_names_its_file(tmp_path: Path, content: Any, message: str) -> None:
    if isinstance(content, bytes):
        (tmp_path / "mask.png").write_bytes(content)
    elif content is not None:
        Image.fromarray(content).save(tmp_path / "mask.png")
    with pytest.raises(UserError, match=message) as caught:
        masks.load(tmp_path, "mask.png", (2, 3), Geometry(6))
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_defect_may_fall_between_the_pixels_that_are_kept(tmp_path: Path) -> None:
    mask = np.zeros((90, 90), bool)
    mask[0, 0] = True
    Image.fromarray(mask).save(tmp_path / "mask.png")
    assert not masks.load(tmp_path, "mask.png", (90, 90), Geometry(9)).any()


def defect(name: str, **fields: Any) -> Record:
    return replace(Record(name, f"{name}.png", "a", "test", label=1, mask=f"{name}_mask.png"), **fields)


def test_rows_keep_their_order_and_normal_ones_are_empty(tmp_path: Path, make_index: MakeIndex) -> None:
    for name, height in (("a", 3), ("c", 5)):
        Image.new("RGB", (2, height)).save(tmp_path / f"{name}.png")
        mask = np.zeros((height, 2), np.uint8)
        mask[:, "ac".index(name)] = 255
        Image.fromarray(mask).save(tmp_path / f"{name}_mask.png")
    Image.new("RGB", (9, 9)).save(tmp_path / "b.png")
    index = make_index([defect("a"), defect("b", label=0, mask=""), defect("c")])
    found = masks.load_all(index.take([2, 1, 0]), Geometry(4))
    left, right = np.repeat([[True, False]], 2, axis=1), np.repeat([[False, True]], 2, axis=1)
    assert (found == np.stack([np.repeat(row, 4, axis=0) for row in (right, right & left, left)])).all()


def blob() -> np.ndarray:
    """A disc."""
    rows, columns = np.ogrid[:64, :64]
    return np.where((rows - 30) ** 2 + (columns - 35) ** 2 < 300, 255, 0).astype(np.uint8)


@pytest.mark.parametrize("name", ["resized.png", "mask.jpg", "mask.webp", "nearly.jpg"])
def test_of_a_mask_with_shades_the_brighter_half_marks(tmp_path: Path, name: str) -> None:
    image = Image.fromarray(blob())
    if name == "resized.png":
        image = image.resize((96, 96), Image.Resampling.BILINEAR).resize((64, 64), Image.Resampling.BILINEAR)
    image.save(tmp_path / name, quality=100 if name == "nearly.jpg" else 60)
    found = masks.load(tmp_path, name, (64, 64), Geometry(64))
    assert (found != (blob() > 0)).mean() < 0.005  # at the edge
    [remark] = masks.check([tmp_path / name])
    assert remark.startswith(f"1 of 1 masks have shades of grey, such as {name}")


def test_a_few_values_are_kinds_that_all_mark(tmp_path: Path) -> None:
    kinds = np.zeros((8, 8), np.uint8)
    kinds[2:6, 2:6] = 16 * np.arange(16).reshape(4, 4)  # 16 values, 0 among them
    Image.fromarray(kinds).save(tmp_path / "mask.png")
    assert (masks.load(tmp_path, "mask.png", (8, 8), Geometry(8)) == (kinds > 0)).all()
    assert masks.check([tmp_path / "mask.png"]) == []


def test_masks_that_mark_what_is_normal_are_an_error_if_most_do(tmp_path: Path) -> None:
    def of(*pixels: np.ndarray) -> list[Path]:
        for number, each in enumerate(pixels):
            Image.fromarray(each).save(tmp_path / f"{number}.png")
        return [tmp_path / f"{number}.png" for number in range(len(pixels))]

    whole = np.full((64, 64), 255, np.uint8)
    assert masks.check(of(blob(), 255 - blob())) == masks.check(of(whole, whole)) == masks.check([]) == []
    with pytest.raises(
        UserError, match=r"2 of 3 masks, such as \S*1\.png, mark most .* they look inverted; make what is"
    ):
        masks.check([*of(blob(), 255 - blob(), 255 - blob()), tmp_path / "missing.png"])


def test_all_masks_that_cannot_be_used_are_named(tmp_path: Path, make_index: MakeIndex) -> None:
    for name in "ab":
        Image.new("RGB", (2, 3)).save(tmp_path / f"{name}.png")
    Image.new("L", (2, 3)).save(tmp_path / "a_mask.png")
    message = r"2 masks cannot be used: \S*a_mask\.png: marks no pixel.*, \S*b_mask\.png: the mask is missing"
    with pytest.raises(UserError, match=message):
        masks.load_all(make_index([defect("a"), defect("b")]), Geometry(4))


def test_an_image_that_is_turned_by_its_exif_data(tmp_path: Path, make_index: MakeIndex) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (5, 3)).save(tmp_path / "a.png", exif=exif)
    Image.fromarray(np.eye(5, 3, dtype=np.uint8)).save(tmp_path / "a_mask.png")  # 3 pixels wide, 5 high: upright
    assert masks.load_all(make_index([defect("a")]), Geometry(15))[0].mean() == 3 / 15


def test_an_anomalous_row_without_a_mask(tmp_path: Path, make_index: MakeIndex) -> None:
    index = make_index([defect("a", mask="")])
    with pytest.raises(UserError, match=r"a\.png: this anomalous image has no mask"):
        masks.load_all(index, Geometry(4))


def test_no_rows(make_index: MakeIndex) -> None:
    assert masks.load_all(make_index([defect("a")]).take([]), Geometry(8, 6)).shape == (0, 6, 6)


def test_has_masks(make_index: MakeIndex) -> None:
    index = make_index([defect("a"), defect("b", label=0, mask=""), defect("c", class_name="other", mask="")])
    other = (index.table["class_name"] == "other").to_numpy()
    assert masks.has_masks(index)
    assert masks.has_masks(index.take(~other))
    assert not masks.has_masks(index.take(other))


def test_real_transistor(options: Callable[..., dict[str, Any]], shared_data: Path) -> None:
    index = build("mvtec", options("mvtec_ad", "defect", classes=["transistor"]), shared_data, 1024)
    test = index.take((index.table["split"] == "test").to_numpy())
    found = masks.load_all(test, Geometry(256, 224))
    assert found.shape == (100, 224, 224)
    assert found.any(axis=(1, 2)).sum() == 40
    assert not found[(test.table["label"] == 0).to_numpy()].any()
    assert 0.01 < found[(test.table["label"] == 1).to_numpy()].mean() < 0.3

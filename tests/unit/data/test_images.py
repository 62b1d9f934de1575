import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from oneclass.data.images import load, size
from oneclass.errors import UserError

GREY = np.array([[0, 64], [128, 255]], np.uint8)
COLOUR = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [10, 20, 30]]], np.uint8)


def saved(image: Image.Image, folder: Path, name: str = "image.png", **settings: object) -> np.ndarray:
    """The pixels that come back after saving ``image``."""
    image.save(folder / name, **settings)
    loaded = load(folder, name)
    assert loaded.mode == "RGB"
    return np.asarray(loaded)


def as_rgb(grey: np.ndarray) -> np.ndarray:
    return np.repeat(grey[..., None], 3, axis=-1)


def test_rgb_is_untouched(tmp_path: Path) -> None:
    assert (saved(Image.fromarray(COLOUR), tmp_path) == COLOUR).all()


def test_grey(tmp_path: Path) -> None:
    assert (saved(Image.fromarray(GREY), tmp_path) == as_rgb(GREY)).all()


def test_one_bit(tmp_path: Path) -> None:
    image = Image.fromarray(GREY > 100)
    assert image.mode == "1"
    assert (saved(image, tmp_path) == as_rgb(np.where(GREY > 100, 255, 0))).all()


ALPHA = np.array([[0, 50], [128, 255]], np.uint8)


def on_white(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """What is seen of ``pixels`` on white paper."""
    share = alpha[..., None] / 255
    return share * pixels + (1 - share) * 255


def test_what_is_transparent_shows_white_whatever_colour_is_hidden(tmp_path: Path) -> None:
    for pixels, seen in ((COLOUR, COLOUR), (GREY, as_rgb(GREY))):
        found = saved(Image.fromarray(np.dstack([pixels, ALPHA])), tmp_path)
        assert np.abs(found - on_white(seen, ALPHA)).max() <= 1
        assert (found[0, 0] == 255).all() and (found[1, 1] == seen[1, 1]).all()


@pytest.mark.parametrize("kind", ["RGB", "L"])
def test_a_colour_that_stands_for_transparent_shows_white(tmp_path: Path, kind: str) -> None:
    pixels, transparent = (COLOUR, (255, 0, 0)) if kind == "RGB" else (GREY, 0)
    found = saved(Image.fromarray(pixels), tmp_path, transparency=transparent)
    assert (found[0, 0] == 255).all()
    assert (found.reshape(-1, 3)[1:] == (COLOUR if kind == "RGB" else as_rgb(GREY)).reshape(-1, 3)[1:]).all()


def test_an_alpha_channel_that_hides_nothing_changes_nothing(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    assert (saved(Image.fromarray(pixels), tmp_path) == pixels[..., :3]).all()


@pytest.mark.parametrize("transparency", [None, 0, bytes([0, 128, 255, 255])])
def test_palette(tmp_path: Path, transparency: int | bytes | None) -> None:
    image = Image.new("P", (2, 2))
    image.putpalette(COLOUR.reshape(-1, 3).tobytes())
    image.putdata([0, 1, 2, 3])
    settings = {} if transparency is None else {"transparency": transparency}
    alpha = {None: [255] * 4, 0: [0, 255, 255, 255]}.get(transparency, list(transparency or ()))
    expected = on_white(COLOUR, np.array(alpha, np.uint8).reshape(2, 2))
    assert np.abs(saved(image, tmp_path, **settings) - expected).max() <= 1


@pytest.mark.parametrize(("name", "order"), [("image.png", "<u2"), ("image.tif", "<u2"), ("image.tif", ">u2")])
def test_sixteen_bits_are_scaled(tmp_path: Path, name: str, order: str) -> None:
    grey = np.array([[0, 257 * 64], [257 * 128 + 100, 65535]], order)
    assert (saved(Image.fromarray(grey), tmp_path, name) == as_rgb(GREY)).all()


def test_sixteen_bits_in_mode_i(tmp_path: Path) -> None:
    assert (saved(Image.fromarray(GREY.astype(np.int32) * 257), tmp_path, "image.tif") == as_rgb(GREY)).all()


def test_cmyk(tmp_path: Path) -> None:
    red = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    assert np.abs(saved(red, tmp_path, "image.tif").astype(int) - [255, 0, 0]).max() == 0
    assert np.abs(saved(red, tmp_path, "image.jpg", quality=100).astype(int) - [255, 0, 0]).max() <= 2


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, COLOUR),
        (2, COLOUR[:, ::-1]),
        (3, COLOUR[::-1, ::-1]),
        (4, COLOUR[::-1]),
        (5, COLOUR.transpose(1, 0, 2)),
        (6, np.rot90(COLOUR, -1)),
        (7, COLOUR[::-1, ::-1].transpose(1, 0, 2)),
        (8, np.rot90(COLOUR)),
    ],
)
def test_exif_orientation(tmp_path: Path, orientation: int, upright: np.ndarray) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert (saved(Image.fromarray(COLOUR), tmp_path, exif=exif) == upright).all()


def test_orientation_of_sixteen_bits(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    grey = GREY.astype(np.uint16) * 257
    assert (saved(Image.fromarray(grey), tmp_path, exif=exif) == as_rgb(GREY[::-1, ::-1])).all()


@pytest.mark.parametrize("name", ["image.png", "image.jpg", "image.tif", "image.bmp"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_size_is_that_of_the_upright_image(tmp_path: Path, name: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    settings = {} if name.endswith("bmp") else {"exif": exif}  # BMP holds no EXIF data
    Image.fromarray(np.zeros((3, 5, 3), np.uint8)).save(tmp_path / name, **settings)
    assert size(tmp_path, name) == load(tmp_path, name).size
    assert size(tmp_path, name) == ((3, 5) if orientation > 4 and settings else (5, 3))


def test_size_of_what_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_bytes(b"no image at all")
    with pytest.raises(UserError, match=r"text\.png: cannot be read as an image"):
        size(tmp_path, "text.png")
    with pytest.raises(UserError, match=r"gone\.png: the image is missing"):
        size(tmp_path, "gone.png")


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.png: the image is missing"):
        load(tmp_path, "gone.png")


@pytest.mark.parametrize("content", [b"", b"no image at all"])
def test_no_image(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "text.png").write_bytes(content)
    with pytest.raises(UserError, match=r"text\.png: cannot be read as an image .* replace or remove it"):
        load(tmp_path, "text.png")


@pytest.mark.parametrize("pixels", [GREY.astype(np.float32) / 255, GREY.astype(np.int32) * 100_000])
def test_unknown_range(tmp_path: Path, pixels: np.ndarray) -> None:
    Image.fromarray(pixels).save(tmp_path / "depth.tif")
    with pytest.raises(UserError, match=r"depth\.tif: .*save it with 8 or 16 bits"):
        load(tmp_path, "depth.tif")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_truncated(tmp_path: Path, kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "whole", kind)
    data = (tmp_path / "whole").read_bytes()
    (tmp_path / "half").write_bytes(data[: len(data) // 2])
    with pytest.raises(UserError, match="half: cannot be read"):
        load(tmp_path, "half")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), kind=st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF"]))
def test_damage_gives_an_image_or_a_clear_error(tmp_path: Path, data: st.DataObject, kind: str) -> None:
    whole = io.BytesIO()
    Image.fromarray(COLOUR).resize((16, 16)).save(whole, kind)
    content = bytearray(whole.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "damaged").write_bytes(content)
    try:
        assert load(tmp_path, "damaged").mode == "RGB"
    except UserError as error:
        assert "damaged" in str(error)


def test_container_item(tmp_path: Path) -> None:
    header = b"\x00\x00\x08\x03" + np.array([2, 2, 2], ">u4").tobytes()
    (tmp_path / "images-idx").write_bytes(header + GREY.tobytes() + GREY.T.tobytes())
    assert (np.asarray(load(tmp_path, "images-idx", 1, "idx")) == as_rgb(GREY.T)).all()
    assert size(tmp_path, "images-idx", 1, "idx") == (2, 2)
    for item in (-1, 2):
        with pytest.raises(UserError, match=f"images-idx: has 2 images, not one at {item}"):
            load(tmp_path, "images-idx", item, "idx")


def test_a_changed_bit_of_a_png_is_noticed_wherever_it_is(tmp_path: Path) -> None:
    file = tmp_path / "drawn.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(file)
    whole = file.read_bytes()
    pixels = np.asarray(load(tmp_path, file.name))
    unnoticed = 0
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        file.write_bytes(changed)
        try:
            assert np.array_equal(np.asarray(load(tmp_path, file.name)), pixels)
            unnoticed += 1
        except UserError as error:
            assert str(error).startswith(f"{file}: cannot be read as an image")
    assert unnoticed <= 12  # of the chunk that says that nothing follows

import gzip
import hashlib
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from oneclass.data import containers
from oneclass.data.containers import (
    CROP,
    PHOTO_CROPS,
    STEP,
    TILE,
    cifar,
    crops,
    idx,
    mnist_csv,
    npy,
    photo_crops,
    photo_tiles,
    tiny_images,
)
from oneclass.errors import UserError


def idx_bytes(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


@pytest.mark.parametrize("shape", [(5,), (3, 28, 28)])
def test_idx_plain_and_compressed(tmp_path: Path, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape)).reshape(shape) % 256
    (tmp_path / "plain").write_bytes(idx_bytes(array))
    (tmp_path / "packed.gz").write_bytes(gzip.compress(idx_bytes(array)))
    assert (idx(tmp_path / "plain") == array).all()
    assert (idx(tmp_path / "packed") == array).all()  # the index names the file without .gz: it is the same everywhere


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x00\x08", b"\x00\x00\x08\x03", idx_bytes(np.zeros(9))[:-1], idx_bytes(np.zeros(9)) + b"0"]
)
def test_idx_that_is_not_whole(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "torn").write_bytes(content)
    with pytest.raises(UserError, match="torn: not a whole idx file"):
        idx(tmp_path / "torn")


def test_compressed_file_that_is_not_whole(tmp_path: Path) -> None:
    content = gzip.compress(idx_bytes(np.arange(99)))
    (tmp_path / "torn.gz").write_bytes(content[:-20])
    with pytest.raises(UserError, match=r"torn\.gz: cannot be read"):
        idx(tmp_path / "torn")


@pytest.mark.parametrize("reader", [idx, npy, tiny_images, photo_crops, photo_tiles])
def test_missing_container(reader: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone(\.gz)?: the file is missing"):
        reader(tmp_path / "gone")


def test_mnist_csv(tmp_path: Path) -> None:
    images = np.arange(2 * 784).reshape(2, 784) % 256
    lines = [",".join(map(str, [*image, label])) for image, label in zip(images, (7, 3), strict=True)]
    (tmp_path / "digits.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    batch = mnist_csv(tmp_path / "digits.gz")
    assert (batch.images == images.reshape(2, 28, 28)).all()
    assert batch.labels["labels"].tolist() == [7, 3]


@pytest.mark.parametrize("content", ["1,2,3", "a,b", "300," * 784 + "1"])
def test_mnist_csv_of_another_shape(tmp_path: Path, content: str) -> None:
    (tmp_path / "digits.gz").write_bytes(gzip.compress(content.encode()))
    with pytest.raises(UserError, match=r"digits\.gz: not lines of 784 pixels"):
        mnist_csv(tmp_path / "digits.gz")


@pytest.mark.parametrize(("height", "width"), [(300, 200), (257, 128), (512, 512)])
def test_crops_of_one_half_share_no_pixel_with_the_other(tmp_path: Path, height: int, width: int) -> None:
    picture, middle = np.ones((height, width), np.uint8), height // 2
    picture[-middle:] = 2
    Image.fromarray(picture).save(tmp_path / "picture.png")
    found = crops(tmp_path / "picture.png")
    starts = len(range(0, middle - CROP + 1, STEP)), len(range(0, width - CROP + 1, STEP))
    assert found.shape == (2 * starts[0] * starts[1], CROP, CROP)
    upper, lower = np.split(found, 2)
    assert (upper == 1).all()
    assert (lower == 2).all()


def test_crops_are_pieces_of_the_picture_row_by_row(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (2 * CROP + 2 * STEP, CROP + STEP), dtype=np.uint8)
    Image.fromarray(picture).save(tmp_path / "picture.png")
    tops = (0, STEP, CROP + STEP, CROP + 2 * STEP)
    expected = [picture[top : top + CROP, left : left + CROP] for top in tops for left in (0, STEP)]
    assert (crops(tmp_path / "picture.png") == np.stack(expected)).all()


def test_crops_of_what_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_bytes(b"no image")
    with pytest.raises(UserError, match=r"text\.png: cannot be read as an image"):
        crops(tmp_path / "text.png")


def test_photo_crops_are_pieces_of_the_picture_in_colour(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (150, 200, 3), np.uint8)
    Image.fromarray(picture).save(tmp_path / "photo.png")
    expected = [
        picture[top : top + side, left : left + side]
        for side, tops, lefts in ((96, (0, 24, 48), (0, 24, 48, 72, 96)), (128, (0,), (0, 32, 64)))
        for top in tops
        for left in lefts
    ]
    found = photo_crops(tmp_path / "photo.png")
    assert len(found) == len(expected)
    assert all((one == other).all() for one, other in zip(found, expected, strict=True))
    assert max(PHOTO_CROPS) == 256  # does not fit into this picture


def test_photo_tiles_are_pieces_of_the_picture_of_which_no_two_share_a_pixel(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (2 * TILE + 5, 3 * TILE, 3), np.uint8)
    Image.fromarray(picture).save(tmp_path / "photo.png")
    tiles = np.stack(photo_tiles(tmp_path / "photo.png"))
    assert tiles.shape == (6, TILE, TILE, 3)
    put_together = tiles.reshape(2, 3, TILE, TILE, 3).swapaxes(1, 2).reshape(2 * TILE, 3 * TILE, 3)
    assert (put_together == picture[: 2 * TILE]).all()


def test_photo_crops_of_a_grey_picture_are_rgb(tmp_path: Path) -> None:
    Image.fromarray(np.full((96, 96), 7, np.uint8)).save(tmp_path / "photo.png")
    [crop] = photo_crops(tmp_path / "photo.png")
    assert crop.shape == (96, 96, 3)
    assert (crop == 7).all()


def npy_bytes(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


IMAGES = np.random.default_rng(1).integers(0, 256, (2, 4, 5, 3), np.uint8)


def test_npy_is_mapped_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "images.npy").write_bytes(npy_bytes(IMAGES))
    found = npy(tmp_path / "images.npy")
    assert isinstance(found, np.memmap)
    assert (found == IMAGES).all()


@pytest.mark.parametrize("array", [IMAGES.astype(np.float32), IMAGES[0], IMAGES[..., :2], IMAGES.astype(np.int8)])
def test_npy_of_something_else(tmp_path: Path, array: np.ndarray) -> None:
    (tmp_path / "images.npy").write_bytes(npy_bytes(array))
    with pytest.raises(UserError, match=r"images\.npy: holds .* of shape .*, not bytes \[N, H, W, 3\]; fetch it again"):
        npy(tmp_path / "images.npy")


def test_npy_is_never_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pickled = npy_bytes(np.array([{}, []], object))
    for name in ("load", "loads"):
        monkeypatch.setattr(pickle, name, lambda *_, **__: pytest.fail("unpickled"))
    for content in (pickled, pickled[80:], b"\x80\x04}."):
        (tmp_path / "images.npy").write_bytes(content)
        with pytest.raises(UserError, match=r"images\.npy: cannot be read"):
            npy(tmp_path / "images.npy")


@given(st.lists(st.tuples(st.integers(0, 127), st.integers(0, 255)), min_size=1, max_size=3), st.integers(0, 200))
@settings(max_examples=200, deadline=None)
def test_npy_with_a_damaged_header_is_an_error_that_names_it(damage: list[tuple[int, int]], cut: int) -> None:
    content = bytearray(npy_bytes(IMAGES))
    for place, byte in damage:
        content[place] = byte
    with TemporaryDirectory() as folder:
        file = Path(folder, "images.npy")
        file.write_bytes(content[: len(content) - cut])
        try:
            assert npy(file).nbytes <= len(content)  # the damage happens to be harmless
        except UserError as error:
            assert str(error).startswith(str(file))
            assert "\n" not in str(error)


@pytest.mark.parametrize("count", [1, 4])
def test_tiny_images_as_the_usual_loader_reads_them(tmp_path: Path, count: int) -> None:
    data = np.random.default_rng(count).bytes(3072 * count)
    file = tmp_path / "tiny_images.bin"
    file.write_bytes(data)
    found = tiny_images(file)
    assert found.shape == (count, 32, 32, 3)
    for item in range(count):
        literal = np.frombuffer(data[3072 * item :][:3072], np.uint8).reshape(32, 32, 3, order="F")
        assert (found[item] == literal).all()


@pytest.mark.parametrize(
    ("size", "message"), [(0, "cannot be read"), (3071, "not a whole number of images"), (3073, "not a whole number")]
)
def test_tiny_images_that_are_not_whole(tmp_path: Path, size: int, message: str) -> None:
    (tmp_path / "tiny.bin").write_bytes(bytes(size))
    with pytest.raises(UserError, match=rf"tiny\.bin: {message}"):
        tiny_images(tmp_path / "tiny.bin")


def test_cifar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.arange(32 * 32 * 3).reshape(32, 32, 3) % 256
    content = pickle.dumps({"data": image.transpose(2, 0, 1).reshape(1, -1).astype(np.uint8), "fine_labels": [4]})
    (tmp_path / "train").write_bytes(content)
    monkeypatch.setattr(containers, "cifar_checksums", lambda: {"train": hashlib.md5(content).hexdigest()})
    batch = cifar(tmp_path / "train")
    assert (batch.images == image[None]).all()
    assert batch.labels["fine_labels"].tolist() == [4]


@pytest.mark.parametrize("name", ["train", "data_batch_1", "unknown"])
def test_cifar_that_is_not_the_published_file_is_never_unpickled(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_bytes(pickle.dumps({}))
    monkeypatch.setattr(pickle, "loads", lambda *_, **__: pytest.fail("unpickled"))
    with pytest.raises(UserError, match=f"{name}: differs from the published file"):
        cifar(tmp_path / name)


def test_cifar_checksums_cover_all_batches() -> None:
    batches = {f"data_batch_{number}" for number in range(1, 6)}
    assert containers.cifar_checksums().keys() == batches | {"test_batch", "train", "test"}

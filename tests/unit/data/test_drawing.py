"""Drawn defects: what changes is exactly what the mask says, and a data set of them follows from its base and seed."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from oneclass.data import drawing, images, masks
from oneclass.data.build import build
from oneclass.data.drawing import KINDS, draw, write_dataset
from oneclass.data.index import content_hash, validate
from oneclass.data.record import Record
from oneclass.errors import UserError

MakeIndex = Callable[..., pd.DataFrame]
Options = Callable[..., dict[str, Any]]
kinds = pytest.mark.parametrize("kind", KINDS)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def picture(height: int, width: int, low: int = 90, high: int = 160, seed: int = 0) -> np.ndarray:
    """Noise: no two regions of it are alike."""
    return rng(seed).integers(low, high, (height, width, 3), dtype=np.uint8)


@settings(max_examples=150, deadline=None)
@given(
    height=st.integers(16, 90),
    width=st.integers(16, 90),
    kind=st.sampled_from(list(KINDS)),
    strength=st.floats(0.01, 1),
    seed=st.integers(0, 2**32),
    levels=st.sampled_from([(0, 1), (255, 256), (127, 128), (0, 2), (90, 160), (0, 256)]),
)
def test_the_mask_is_what_changed(
    height: int, width: int, kind: str, strength: float, seed: int, levels: tuple[int, int]
) -> None:
    image = picture(height, width, *levels, seed=seed)
    before = image.copy()
    drawn, mask = draw(image, kind, strength, rng(seed))
    assert (image == before).all()
    assert (drawn.shape, drawn.dtype, mask.shape, mask.dtype) == (image.shape, np.uint8, (height, width), bool)
    assert (drawn[~mask] == image[~mask]).all()
    assert (drawn[mask] != image[mask]).any(axis=-1).all()
    assert 4 <= mask.sum() <= max(0.05, 2 * 0.5 / min(height, width)) * mask.size


@kinds
def test_area_is_within_a_tenth_and_five_percent(kind: str) -> None:
    areas = [draw(picture(96, 160), kind, 0.5, rng(seed))[1].mean() for seed in range(60)]
    assert 0.001 <= min(areas) < max(areas) <= 0.05
    assert max(areas) > 1.3 * min(areas)


@kinds
def test_a_defect_keeps_away_from_what_a_centre_crop_cuts_off(kind: str) -> None:
    middle = slice(6, 90)  # 224 of 256 pixels
    assert all(draw(picture(96, 96), kind, 0.5, rng(seed))[1][middle, middle].mean() > 0.001 for seed in range(60))


@kinds
def test_most_of_a_defect_hangs_together(kind: str) -> None:
    from scipy.ndimage import label

    for seed in range(20):
        pieces = np.bincount(label(draw(picture(128, 128), kind, 0.5, rng(seed))[1], np.ones((3, 3)))[0].ravel())[1:]
        assert pieces.max() > 0.5 * pieces.sum()


@kinds
def test_strength_is_contrast(kind: str) -> None:
    image = picture(64, 64, 120, 136)
    weak, strong = (np.abs(draw(image, kind, strength, rng(3))[0].astype(int) - image).mean() for strength in (0.2, 1))
    assert strong > 2 * weak > 0


@pytest.mark.parametrize("kind", ["scratch", "blotch", "stain"])  # the others change noise by noise
def test_contrast_follows_the_range_of_the_image(kind: str) -> None:
    narrow, wide = picture(64, 64, 110, 146), picture(64, 64, 30, 226)
    changes = [np.abs(draw(image, kind, 0.5, rng(3))[0].astype(int) - image).mean() for image in (narrow, wide)]
    assert changes[1] > 1.5 * changes[0]


@kinds
def test_equal_seeds_draw_equal_defects_and_others_do_not(kind: str) -> None:
    image = picture(48, 40)
    assert (draw(image, kind, 0.5, rng(1))[0] == draw(image, kind, 0.5, rng(1))[0]).all()
    assert (draw(image, kind, 0.5, rng(1))[1] != draw(image, kind, 0.5, rng(2))[1]).any()


@kinds
def test_a_grey_image_stays_grey(kind: str) -> None:
    image = np.repeat(picture(40, 40)[..., :1], 3, axis=-1)
    drawn, _ = draw(image, kind, 1, rng(1))
    assert (drawn == drawn[..., :1]).all()


def test_a_stain_in_a_coloured_image_is_tinted() -> None:
    image = picture(40, 40)
    drawn, mask = draw(image, "stain", 1, rng(1))
    change = (drawn.astype(int) - image)[mask].mean(axis=0)
    assert np.ptp(change) > 2


@pytest.mark.parametrize(("level", "darker"), [(0, False), (255, True)])
def test_a_defect_turns_to_where_the_scale_leaves_room(level: int, darker: bool) -> None:
    image = np.full((32, 32, 3), level, np.uint8)
    for seed in range(10):
        drawn, mask = draw(image, "blotch", 0.5, rng(seed))
        assert abs(int(drawn[mask].mean()) - level) > 5
        assert (drawn[mask] < level).all() == darker


def test_a_pasted_patch_is_a_mirrored_piece_of_the_image() -> None:
    image = picture(160, 120, 0, 200)
    for seed in range(8):
        drawn, mask = draw(image, "cut_paste", 0.01, rng(seed))  # hardly any change of brightness
        row, column = (int(np.median(at)) for at in np.nonzero(mask))
        patch = drawn[row - 1 : row + 2, column - 1 : column + 2].astype(int)
        windows = np.lib.stride_tricks.sliding_window_view(image.astype(int), (3, 3, 3))[:, :, 0]
        differences = [np.abs(windows - turned).max(axis=(2, 3, 4)) for turned in (patch[::-1], patch[:, ::-1])]
        best = min(differences, key=np.min)
        found = np.unravel_index(best.argmin(), best.shape)
        assert best.min() <= 2
        assert max(abs(found[0] - row), abs(found[1] - column)) > 5


@pytest.mark.parametrize("shape", [(15, 40), (40, 15), (1, 1)])
def test_an_image_too_small_to_draw_on(shape: tuple[int, int]) -> None:
    with pytest.raises(UserError, match=f"an image of {shape[1]}x{shape[0]} pixels is too small"):
        draw(picture(*shape), "blotch", 0.5, rng())


def literal_perlin(shape: tuple[int, int], cell: float, generator: np.random.Generator) -> np.ndarray:
    """Perlin noise a pixel and a corner at a time."""
    start = generator.uniform(0, 1, 2)
    ends = [int((length - 1) / cell + at) + 2 for length, at in zip(shape, start, strict=True)]
    angles = generator.uniform(0, 2 * np.pi, ends)
    noise = np.zeros(shape)
    for row in range(shape[0]):
        for column in range(shape[1]):
            y, x = row / cell + start[0], column / cell + start[1]
            for corner_y in (int(y), int(y) + 1):
                for corner_x in (int(x), int(x) + 1):
                    dy, dx = y - corner_y, x - corner_x
                    weight = np.prod([1 - (6 * t**5 - 15 * t**4 + 10 * t**3) for t in (abs(dy), abs(dx))])
                    angle = angles[corner_y, corner_x]
                    noise[row, column] += weight * (np.sin(angle) * dy + np.cos(angle) * dx)
    return noise


@pytest.mark.parametrize(("shape", "cell"), [((20, 31), 7.3), ((9, 4), 2), ((5, 5), 40)])
def test_perlin_noise_is_the_literal_one(shape: tuple[int, int], cell: float) -> None:
    assert drawing.perlin(shape, cell, rng(5)) == pytest.approx(literal_perlin(shape, cell, rng(5)), abs=1e-4)


def test_noise_is_smooth_centred_and_bounded() -> None:
    coarse, fine = (drawing.perlin((200, 200), cell, rng(1)) for cell in (40, 4))
    for noise in (coarse, fine):
        assert np.abs(noise).max() <= 1
        assert abs(noise.mean()) < 0.1
    assert np.abs(np.diff(coarse)).mean() < 0.2 * np.abs(np.diff(fine)).mean()
    for cell in (0.1, 1, 30):
        assert np.abs(drawing.fractal((30, 20), cell, rng(2))).max() == pytest.approx(1)


def cells(root: Path, train: int = 3, test: int = 13, class_name: str = "a") -> list[Record]:
    """Image files and records of ``train`` and ``test`` normal images, and an anomalous one."""
    count = train + test + 1
    for number in range(count):
        file = root / class_name / f"{number:02d}.png"
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(picture(24, 32, seed=number)).save(file)
    splits = ["train"] * train + ["test"] * (test + 1)
    paths = [f"{class_name}/{number:02d}.png" for number in range(count)]
    records = [Record(path, path, class_name, split) for path, split in zip(paths, splits, strict=True)]
    return [*records[:-1], replace(records[-1], label=1, defect="hole")]


def drawn_index(folder: Path, options: Options, **settings: Any) -> pd.DataFrame:
    """The index of a drawn data set, as the workflow builds it."""
    settings = options("drawn_defects", "defect", base="toy", **settings) | {"path": str(folder)}
    return build("toy_drawn", settings, Path("none"), 1)


def test_a_drawn_data_set(make_index: MakeIndex, tmp_path: Path, options: Options) -> None:
    base = make_index(cells(tmp_path))
    folder = tmp_path / "results" / "drawn"
    write_dataset(base, ["a"], folder, 0.5, seed=1)
    index = drawn_index(folder, options)
    validate(index, "defect", ["a"])
    assert index.groupby(["split", "label"]).size().to_dict() == {("test", 0): 7, ("test", 1): 6, ("train", 0): 3}
    assert index.loc[index["label"] == 1, "defect"].value_counts().to_dict() == {
        kind: 2 if kind == "scratch" else 1 for kind in KINDS
    }
    assert os.listdir(folder.parent) == ["drawn"]

    originals = {record.id.replace("/", "%2F"): record.path for record in cells(tmp_path)}
    test = index[index["split"] == "test"]
    assert len({Path(path).name for path in index["path"]}) == len(index)
    for (_, row), mask in zip(test.iterrows(), masks_at_full_size(test), strict=True):
        drawn = np.asarray(images.load(folder, row["path"]))
        original = np.asarray(images.load(tmp_path, originals[Path(row["path"]).name]))
        assert ((drawn != original).any(axis=-1) == mask).all()
        assert mask.any() == row["label"]


def masks_at_full_size(rows: pd.DataFrame) -> list[np.ndarray]:
    """Masks of 24 by 32 pixels, from the square ones that twice their width and four thirds of it make."""
    return [mask[2::4, 1::3] for mask in masks.load_rows(rows, 96, None)]


def test_what_is_not_drawn_on_is_a_link(make_index: MakeIndex, tmp_path: Path) -> None:
    write_dataset(make_index(cells(tmp_path)), ["a"], tmp_path / "drawn", 0.5, seed=1)
    links = [path for path in (tmp_path / "drawn").rglob("*.png") if path.is_symlink()]
    assert {path.parent.name for path in links} == {"good"}
    assert len(links) == 3 + 7
    assert all(path.resolve() == tmp_path / path.name.replace("%2F", "/") for path in links)


def test_images_in_a_container_become_files(make_index: MakeIndex, tmp_path: Path, options: Options) -> None:
    pixels = picture(28, 28 * 9)[..., 0].reshape(28, 9, 28).transpose(1, 0, 2)
    header = b"\x00\x00\x08\x03" + np.array(pixels.shape, ">u4").tobytes()
    (tmp_path / "digits").write_bytes(header + np.ascontiguousarray(pixels).tobytes())
    splits = ["train"] * 5 + ["test"] * 4
    base = make_index([Record(f"{i:02d}", "digits", "T-shirt/top", split, i, "idx") for i, split in enumerate(splits)])
    write_dataset(base, ["T-shirt/top"], tmp_path / "drawn", 0.5, seed=1)
    index = drawn_index(tmp_path / "drawn", options)
    validate(index, "defect", ["T-shirt/top"])
    assert set(index["class_name"]) == {"T-shirt/top"}
    assert not [path for path in (tmp_path / "drawn").rglob("*") if path.is_symlink()]
    for _, row in index[index["label"] == 0].iterrows():
        kept = np.asarray(images.load(tmp_path / "drawn", row["path"]))
        assert (kept == pixels[int(Path(row["path"]).stem)][..., None]).all()


def test_only_the_classes_asked_for_and_caps_apply(make_index: MakeIndex, tmp_path: Path, options: Options) -> None:
    base = make_index([*cells(tmp_path), *cells(tmp_path, class_name="b")])
    write_dataset(base, ["b"], tmp_path / "drawn", 0.5, seed=1)
    assert os.listdir(tmp_path / "drawn") == ["b"]
    index = drawn_index(tmp_path / "drawn", options, train_per_class=2, test_per_class=4)
    assert index.groupby(["split", "label"]).size().to_dict() == {("test", 0): 4, ("test", 1): 4, ("train", 0): 2}


def test_the_seed_decides_and_the_order_does_not(make_index: MakeIndex, tmp_path: Path, options: Options) -> None:
    base = make_index(cells(tmp_path))

    def written(name: str, index: pd.DataFrame, seed: int) -> tuple[str, dict[str, bytes]]:
        write_dataset(index, ["a"], tmp_path / name, 0.5, seed)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        content = {path.relative_to(tmp_path / name).as_posix(): path.read_bytes() for path in files}
        return content_hash(drawn_index(tmp_path / name, options)), content

    first = written("first", base, 1)
    assert written("again", base.iloc[::-1], 1) == first
    assert written("other", base, 2)[0] != first[0]


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (0, 5, "0 normal training and 5 normal test images; to draw defects, 1 and 2 are needed"),
        (5, 1, "5 normal training and 1 normal test images"),
    ],
)
def test_too_few_normal_images(make_index: MakeIndex, tmp_path: Path, train: int, test: int, message: str) -> None:
    with pytest.raises(UserError, match=f"data set 'toy', class 'a': {message}"):
        write_dataset(make_index(cells(tmp_path, train, test)), ["a"], tmp_path / "drawn", 0.5, seed=1)


def test_a_failure_leaves_nothing(make_index: MakeIndex, tmp_path: Path) -> None:
    base = make_index(cells(tmp_path))
    for path in base["path"]:
        (tmp_path / path).write_bytes(b"torn")
    with pytest.raises(UserError, match=r"\d\d\.png: cannot be read as an image"):
        write_dataset(base, ["a"], tmp_path / "out" / "drawn", 0.5, seed=1)
    assert os.listdir(tmp_path / "out") == []


def test_on_real_solar_cells(real_index: Callable[..., pd.DataFrame], tmp_path: Path, options: Options) -> None:
    base = real_index("elpv", "defect", classes=["mono"], train_per_class=2, test_per_class=10)
    write_dataset(base, ["mono"], tmp_path / "drawn", 0.5, seed=1024)
    index = drawn_index(tmp_path / "drawn", options)
    validate(index, "defect", ["mono"])
    assert index.groupby(["split", "label"]).size().to_dict() == {("test", 0): 5, ("test", 1): 5, ("train", 0): 2}
    share = masks.load_rows(index[index["label"] == 1], 224, None).mean(axis=(1, 2))
    assert ((share > 0.001) & (share < 0.05)).all()

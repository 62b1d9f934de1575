"""What is said of pictures that are copies, differ in shape or size, or have hardly any contrast."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.detector import inspection
from oneclass.detector.fit import Findings
from oneclass.detector.inspection import Looks
from oneclass.detector.network import FeatureExtractor
from oneclass.detector.pictures import Pictures

SQUARE = [(64, 64)]
Pixels = np.ndarray


def textures(count: int) -> Pixels:
    """Grey pictures [N, 256, 256, 3] of smooth noise, each another one."""
    small = np.random.default_rng(0).integers(0, 256, (count, 8, 8), dtype=np.uint8)
    large = [Image.fromarray(each).resize((256, 256), Image.Resampling.BICUBIC).convert("RGB") for each in small]
    return np.stack([np.asarray(each) for each in large])


def looks(pictures: Pixels) -> Looks:
    seen = Looks(len(pictures))
    for start in range(0, len(pictures), 4):
        seen.note(start, torch.from_numpy(pictures[start : start + 4].copy()).permute(0, 3, 1, 2))
    return seen


def warnings(train: Pixels, held_out: Pixels, sizes: list[tuple[int, int]] = SQUARE) -> list[str]:
    return inspection.warnings(looks(train), looks(held_out), sizes, "p{}".format)


def jpeg(pixels: Pixels) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=80)
    return np.asarray(Image.open(file))


def test_pictures_of_their_own_are_not_warned_of() -> None:
    pictures = textures(30)
    assert warnings(pictures[:21], pictures[21:]) == []


@pytest.mark.parametrize("changed", [lambda pixels: pixels, jpeg, lambda pixels: np.clip(pixels, 1, 255)])
def test_copies_are_found_though_they_were_compressed_again(changed: Callable[[Pixels], Pixels]) -> None:
    pictures = textures(30)
    held_out = np.stack([*pictures[21:27], *(changed(each) for each in pictures[:3])])
    [warning] = warnings(pictures[:21], held_out)
    assert "6 of 30 normal pictures are nearly the same as another one, such as p0 and p27" in warning


def test_one_pair_among_many_is_not_worth_a_word() -> None:
    pictures = textures(60)
    assert warnings(pictures, pictures[:1]) == []


def test_thirty_copies_of_one_picture() -> None:
    one = np.repeat(textures(1), 30, axis=0)
    [warning] = warnings(one[:21], one[21:])
    assert "30 of 30" in warning


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ([(640, 480)] * 5, None),
        ([(640, 480), (642, 480)], None),
        ([(640, 480), (480, 640)], "differ in shape, from 480×640 to 640×480"),
        ([(640, 480), (64, 48), (320, 240)], "differ in size, from 64×48 to 640×480"),
        ([(640, 480), (700, 525)], None),
    ],
)
def test_shapes_and_sizes_that_differ(sizes: list[tuple[int, int]], said: str | None) -> None:
    pictures = textures(12)
    found = warnings(pictures[:8], pictures[8:], sizes)
    assert len(found) == (said is not None)
    assert said is None or said in found[0]


@pytest.mark.parametrize(("divisor", "share"), [(16, 6), (64, 1)])
def test_a_range_that_is_hardly_used(divisor: int, share: int) -> None:
    pictures = textures(30) // divisor
    found = warnings(pictures[:21], pictures[21:])
    assert any(f"use {share} % of the range" in warning for warning in found)


def test_batches_note_what_they_show_and_a_detector_says_it(
    own_pictures: Callable[..., Path],
    index_of: Callable[..., Index],
    fitted: Callable[..., tuple[Any, Findings]],
    tiny_extractor: FeatureExtractor,
) -> None:
    folder = own_pictures(20)
    for number in range(1, 20):
        (folder / f"{number:02d}.png").write_bytes((folder / "00.png").read_bytes())
    pictures = Pictures(index_of(folder), Geometry(64), 1)
    pixels = torch.cat(list(pictures.batches()))
    assert pictures.looks.darkest.tolist() == pixels.amin((1, 2, 3)).tolist()
    assert pictures.sizes() == [(64, 64)] * 20
    _, findings = fitted(pictures.index, tiny_extractor, 64)
    assert "20 of 20 normal pictures are nearly the same" in findings.oddities[0]

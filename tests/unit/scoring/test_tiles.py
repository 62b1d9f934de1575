"""Large pictures in tiles."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from oneclass.__main__ import main
from oneclass.detector.scorer import Scorer
from oneclass.errors import UserError
from oneclass.scoring.table import Table
from oneclass.scoring.tiles import OVERLAP, Tiled, starts


@given(st.integers(1, 5000), st.integers(4, 512))
def test_tiles_cover_everything_and_overlap(length: int, size: int) -> None:
    length = max(length, size)
    found = starts(length, size)
    assert found[0] == 0 and found[-1] == length - size
    assert all(b - a <= size * (1 - OVERLAP) + 1 for a, b in pairwise(found))
    assert len(set(found)) == len(found)


def noise(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(("width", "height"), [(32, 32), (100, 57), (33, 200)])
def test_tiles_of_the_network_s_size_give_the_map_of_every_pixel(detector: Path, width: int, height: int) -> None:
    """By a detector whose values depend on their own pixel alone."""
    scorer, pixels = Scorer.load(detector), noise(width, height)
    found = Tiled(scorer, 32).score(Image.fromarray(pixels))
    np.testing.assert_allclose(found.map, pixels.mean(2) / 255, atol=1e-6)
    assert found.score == found.map.max()


def test_a_tile_is_resized_as_a_picture_of_its_own(detector: Path) -> None:
    scorer, picture = Scorer.load(detector), Image.fromarray(noise(128, 64))
    found = Tiled(scorer, 64).score(picture)
    assert found.map.shape == (32, 64)
    np.testing.assert_array_equal(found.map[:, :8], scorer.score(picture.crop((0, 0, 64, 64))).map[:, :8])


def test_a_picture_smaller_than_a_tile_is_scored_as_a_whole(detector: Path) -> None:
    scorer, picture = Scorer.load(detector), Image.fromarray(noise(20, 12))
    np.testing.assert_array_equal(Tiled(scorer, 32).score(picture).map, scorer.score(picture).map)


def test_a_spot_that_resizing_would_lose_is_found_and_boxed(detector: Path, tmp_path: Path) -> None:
    pixels = np.zeros((300, 500, 3), np.uint8)
    pixels[200:203, 400:404] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    command = ["score", "--detector", str(detector), str(tmp_path / "a.png"), "--out"]
    assert main([*command, str(tmp_path / "whole")]) == main([*command, str(tmp_path / "t"), "--tiles", "32"]) == 0
    [whole], [tiled] = (Table(tmp_path / out / "scores.csv").rows.values() for out in ("whole", "t"))
    assert (whole.anomalous, tiled.anomalous) == ("no", "yes")
    assert '"box": [400, 200, 404, 203]' in (tmp_path / "t" / "regions.jsonl").read_text()
    assert whole.detector != tiled.detector


def test_what_cannot_be_tiled_is_said(detector: Path) -> None:
    scorer: Any = Scorer.load(detector)
    with pytest.raises(UserError, match="tiles of 3 pixels show nothing"):
        Tiled(scorer, 3)
    scorer.share = 0.75
    with pytest.raises(UserError, match="crops its pictures"):
        Tiled(scorer, 32)

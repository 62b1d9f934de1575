"""A mask of what does not count."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from oneclass.__main__ import main
from oneclass.detector.scorer import Scored, Scorer
from oneclass.errors import UserError
from oneclass.scoring.ignoring import Ignoring
from oneclass.scoring.table import Table
from oneclass.scoring.tiles import Tiled


def mask(folder: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels).save(folder / "mask.png")
    return folder / "mask.png"


def left_half(height: int = 10, width: int = 20) -> np.ndarray:
    pixels = np.zeros((height, width), np.uint8)
    pixels[:, : width // 2] = 255
    return pixels


def test_what_is_white_in_the_mask_does_not_count(detector: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    for name, place in {"left": 8, "right": 70}.items():
        pixels = np.full((60, 90, 3), 30, np.uint8)
        pixels[10:30, place : place + 15] = 255
        Image.fromarray(pixels).save(new / f"{name}.png")
    file = mask(tmp_path, left_half())
    command = ["score", "--detector", str(detector), str(new), "--ignore", str(file), "--out", str(tmp_path / "out")]
    assert main(command) == 0
    found = Table(tmp_path / "out" / "scores.csv").rows.values()
    assert [row.anomalous for row in found] == ["no", "yes"]


def test_a_mask_covers_the_whole_picture_of_which_a_crop_is_the_middle(detector: Path, tmp_path: Path) -> None:
    class Cropping:
        threshold, normal_level, share, white = 0.5, 0.1, 0.5, 65535

        def score(self, picture: Any) -> Scored:
            return Scored(1.0, True, np.arange(64, dtype=np.float32).reshape(8, 8))

    pixels = np.zeros((16, 16), np.uint8)
    pixels[:, 10:] = 255  # of the middle, from 4 to 12, the last two columns
    scorer: Any = Cropping()
    found = Ignoring(scorer, mask(tmp_path, pixels)).score(Image.new("RGB", (9, 9)))
    assert found.score == 61
    assert (found.map[:, 6:] == 0).all() and (found.map[:, :6] == Cropping().score(None).map[:, :6]).all()


def test_of_tiles_the_mask_is_that_of_the_whole_picture(detector: Path, tmp_path: Path) -> None:
    pixels = np.zeros((64, 128, 3), np.uint8)
    pixels[5, 40] = pixels[50, 100] = 255, 255, 255
    tiled = Tiled(Scorer.load(detector), 32)
    found = Ignoring(tiled, mask(tmp_path, left_half())).score(Image.fromarray(pixels))
    assert np.argwhere(found.map > 0.5).tolist() == [[50, 100]]


@pytest.mark.parametrize(("level", "message"), [(0, "nothing is white"), (255, "all is white")])
def test_a_mask_that_makes_no_sense_is_an_error(detector: Path, tmp_path: Path, level: int, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Ignoring(Scorer.load(detector), mask(tmp_path, np.full((4, 4), level, np.uint8)))
    with pytest.raises(UserError, match="missing"):
        Ignoring(Scorer.load(detector), tmp_path / "none.png")

"""A detector sees pictures with 12 bits in 16-bit files as those with 8 bits, when it is fitted and when it scores."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from oneclass.__main__ import main
from oneclass.detector.scorer import Scorer
from oneclass.detectors import Detector


@pytest.fixture
def folders(tmp_path: Path) -> dict[int, Path]:
    """The same dark grey pictures with 8 and with 12 bits."""
    rng = np.random.default_rng(0)
    for number in range(10):
        grey = rng.integers(20, 100, (64, 64)).astype(np.uint8)
        grey[0, 0] = 255
        for bits, pixels in ((8, grey), (12, (grey * (4095 / 255)).round().astype(np.uint16))):
            (tmp_path / f"{bits}").mkdir(exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / f"{bits}/{number}.png")
    return {bits: tmp_path / str(bits) for bits in (8, 12)}


def test_both_give_the_same_detector_and_the_same_scores(
    folders: dict[int, Path], index_of: Any, fitted: Any, written: Any, tiny_extractor: Any, tmp_path: Path
) -> None:
    scores = {}
    for bits, folder in folders.items():
        index = index_of(folder)
        made = tmp_path / f"detector {bits}"
        written(*fitted(index, tiny_extractor, 64), index, made, "test_efficientnet")
        out = tmp_path / f"out {bits}"
        assert main(["score", "--detector", str(made), str(folder), "--out", str(out)]) == 0
        with (out / "scores.csv").open(newline="") as file:
            scores[bits] = [float(row["score"]) for row in csv.DictReader(file)]
        detector = Detector.load(made)
        assert detector.score(folder / "3.png").score == pytest.approx(scores[bits][3], rel=1e-5)
    assert scores[12] == scores[8]
    assert (Scorer.load(tmp_path / "detector 12").white, Scorer.load(tmp_path / "detector 8").white) == (4095, 65535)

"""The graph for pictures of any size against Pillow."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from oneclass.data.geometry import Geometry
from oneclass.detector import graph
from oneclass.detector.scorer import Scorer
from oneclass.detectors import ANY_SIZE, Detector

Size = tuple[int, int]


@pytest.fixture
def noise() -> Callable[[Size], Image.Image]:
    def make(size: Size) -> Image.Image:
        return Image.fromarray(np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), dtype=np.uint8))

    return make


@pytest.mark.parametrize("size", [(32, 32), (64, 64), (97, 41), (301, 200), (20, 15), (7, 90), (640, 3)])
@pytest.mark.parametrize("geometry", [Geometry(32), Geometry(43, 32)])
def test_resizing_in_the_graph_is_pillow_s_to_a_grey_level(
    size: Size, geometry: Geometry, pixel_detector: Path, tmp_path: Path, noise: Callable[[Size], Image.Image]
) -> None:
    """The detector's map is the mean of the three channels, where white is 1."""
    settings = Scorer.load(pixel_detector).settings | {"resize": geometry.resize, "crop": geometry.crop}
    model = onnx.load(pixel_detector / "detector.onnx")
    graph.write(model, settings, tmp_path / "plain.onnx")
    graph.write(graph.with_resizing(model, geometry), settings | {"resize_in_graph": True}, tmp_path / "any.onnx")
    expected, found = (Scorer.load(tmp_path / name).score(noise(size)).map for name in ("plain.onnx", "any.onnx"))
    levels = np.abs(found - expected) * 255
    assert levels.max() < 1.01 and levels.mean() < 0.25
    assert (size != (32, 32) or geometry.resize != 32) or levels.max() == 0


def test_a_detector_is_saved_with_resizing_where_asked_for(
    pixel_detector: Path, tmp_path: Path, noise: Callable[[Size], Image.Image]
) -> None:
    detector, picture = Detector.load(pixel_detector), noise((120, 80))
    detector.save(tmp_path)
    assert not (tmp_path / ANY_SIZE).exists()
    detector.save(tmp_path, resize_in_graph=True)
    assert Scorer.load(tmp_path / ANY_SIZE).score(picture).score == pytest.approx(
        detector.score(picture).score, abs=0.01
    )
    content = (tmp_path / ANY_SIZE).read_bytes()
    detector.save(tmp_path, resize_in_graph=True)
    assert (tmp_path / ANY_SIZE).read_bytes() == content

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SIDE = 32


@pytest.fixture
def detector(pixel_detector: Path) -> Path:
    return pixel_detector


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of dark pictures, or adds to it; those of the numbers ``bright`` have a bright square."""

    def make(count: int, bright: tuple[int, ...] = (), folder: str = "new") -> Path:
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            Image.fromarray(grey(0.1 * (number % 3), number in bright)).save(place / f"{number:02d}.png")
        return place

    return make


def grey(level: float, bright: bool = False, side: int = SIDE) -> np.ndarray:
    """Pixels [side, side, 3] of one brightness, from 0 to 1, with a bright square where asked for."""
    pixels = np.full((side, side, 3), round(255 * level), np.uint8)
    if bright:
        pixels[side // 4 : side // 2, side // 4 : side // 2] = 230
    return pixels

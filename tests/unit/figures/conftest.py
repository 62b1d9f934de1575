from collections.abc import Callable, Iterator
from itertools import combinations

import matplotlib
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

from oneclass.labels import chosen

LABELS = {  # of the configuration
    "dataset": {
        "mnist5k": "MNIST (5,000)",
        "mnist5k_leave_one_out": "MNIST (5,000), leave one out",
        "elpv": "ELPV",
    },
    "pool": {"photos": "photo crops"},
    "backbone": {"mini_clip": "miniature CLIP"},
}


@pytest.fixture(autouse=True)
def _labelled() -> Iterator[None]:
    with chosen(LABELS):
        yield


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture
def shown() -> Callable[[Figure], str]:
    """All text in a drawn figure; keys of data sets must not be among it."""

    def read(figure: Figure) -> str:
        figure.draw_without_rendering()
        text = "\n".join(part.get_text() for part in figure.findobj(Text) if part.get_visible())
        assert "mnist5k" not in text and "elpv" not in text
        return text

    return read


@pytest.fixture
def overlapping() -> Callable[[Figure], list[tuple[int, int]]]:
    """The pairs of panels in a drawn figure of which one, with all that is written at it, covers part of the other."""

    def find(figure: Figure) -> list[tuple[int, int]]:
        figure.draw_without_rendering()
        boxes = [axis.get_tightbbox() for axis in figure.axes if axis.get_visible()]
        return [
            (one, other)
            for (one, box), (other, next_box) in combinations(enumerate(boxes), 2)
            if box and next_box and box.overlaps(next_box)
        ]

    return find

from collections.abc import Callable, Iterator

import matplotlib
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text


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

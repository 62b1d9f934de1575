from collections.abc import Callable, Iterator
from typing import Any

import matplotlib
import pandas as pd
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

from oneclass import tidy
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


@pytest.fixture(scope="session")
def conform() -> Callable[..., pd.DataFrame]:
    """Rows as a page is given them: with all columns of their kind, and no categories."""

    def conformed(frame: pd.DataFrame, kind: str = "summary") -> pd.DataFrame:
        dtypes: dict[Any, Any] = {tidy.TEXT: object, tidy.NUMBER: "float64"}
        known = {name: dtypes[type_] for name, type_ in tidy.SCHEMAS[kind].items() if type_ in dtypes}
        return tidy.conform(frame, kind).astype(known)

    return conformed


@pytest.fixture
def shown() -> Callable[[Figure], str]:
    """All text in a drawn figure; keys of data sets must not be among it."""

    def read(figure: Figure) -> str:
        figure.draw_without_rendering()
        text = "\n".join(part.get_text() for part in figure.findobj(Text) if part.get_visible())
        assert "mnist5k" not in text and "elpv" not in text
        return text

    return read

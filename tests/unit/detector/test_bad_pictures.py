"""A detector of pictures with every kind of name and content: made of all that can be read, shown and not run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oneclass.data.images import UnreadableError
from oneclass.data.index import Index
from oneclass.data.readable import naming_all
from oneclass.detector.network import FeatureExtractor
from tests.faults import pictures
from tests.faults.pictures import BAD, NAMES, WHOLE

pytestmark = pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning", "ignore::UserWarning")
EVIL = next(name for name in NAMES if name.startswith("<img"))


@pytest.fixture
def fit(
    index_of: Callable[..., Index], fitted: Callable[..., Any], tiny_extractor: FeatureExtractor, tmp_path: Path
) -> Callable[..., Any]:
    """Fit a detector to the pictures of some kinds; the index, and what ``fit`` gives."""

    def make(*kinds: str) -> tuple[Index, Any]:
        folder = tmp_path / EVIL.removesuffix(".png")
        for name, kind in pictures.write(folder).items():
            if kind not in kinds:
                (folder / name).unlink()
        index = index_of(folder)
        with naming_all(index, 1):
            return index, fitted(index, tiny_extractor, 64)

    return make


def test_what_can_be_read_makes_a_detector_whose_card_runs_nothing(
    fit: Callable[..., Any], written: Callable[..., Path], browser: Any, tmp_path: Path
) -> None:
    index, (detector, findings) = fit(WHOLE)
    assert findings.train + findings.held_out == len(index)
    assert any("differ in shape" in oddity for oddity in findings.oddities)
    card = written(detector, findings, index, tmp_path / "detector", "test_efficientnet") / "card.html"
    browser.open(card.as_uri())
    assert EVIL.removesuffix(".png") in browser.js("document.body.textContent")
    assert browser.js("document.title").startswith("Detector ")  # the hostile name is shown, and not run
    assert browser.errors == []


def test_all_that_cannot_be_read_are_named_and_nothing_is_fitted(fit: Callable[..., Any]) -> None:
    with pytest.raises(UnreadableError, match=r"^\d\d pictures cannot be read; replace or remove them") as error:
        fit(WHOLE, BAD)
    assert str(error.value).isprintable()

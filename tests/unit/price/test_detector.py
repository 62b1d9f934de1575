"""What a detector takes, by its method."""

from collections.abc import Callable
from typing import Any

import pytest

from oneclass.detector import distances, learning, measuring, patches, pictures
from oneclass.price import detector
from oneclass.price.cost import Cost
from oneclass.price.makers import Job
from oneclass.price.model import Price

MINE = {"source": "own_images", "path": "data/mine", "task": "defect", "transform": {"resize": 256, "crop": None}}
Costs = Callable[..., Cost]


@pytest.fixture
def cost(price: Callable[..., Price]) -> Costs:
    """Of 7,000 pictures for training and 3,000 held out, or fewer."""

    def of(method: str, **fewer: Any) -> Cost:
        made = price("own_images", datasets={"mine": MINE | fewer}, detector={"method": method})
        return made.cost("fit_detector", Job("fit_detector", {"dataset": "mine"}))

    return of


def test_its_numbers_are_the_detectors() -> None:
    assert (detector.KEPT, detector.DRAWN) == (measuring.KEPT, pictures.DRAWN)
    assert (detector.CANDIDATES, detector.REFERENCE) == (patches.CANDIDATES, learning.REFERENCE)
    assert detector.CELL == distances.CELL


@pytest.mark.parametrize("method", ["nearest", "closed_form", "both"])
def test_memory_does_not_grow_with_the_pictures(method: str, cost: Costs) -> None:
    assert cost(method).memory_mb == cost(method, test_per_class=500, train_per_class=300).memory_mb
    assert cost(method).memory_mb > cost(method, test_per_class=100).memory_mb


def test_each_method_has_its_own_work(cost: Costs) -> None:
    nearest, closed, both = (cost(method).work for method in ("nearest", "closed_form", "both"))
    assert "eigen GMAC" not in nearest and closed["eigen GMAC"] == both["eigen GMAC"] == pytest.approx(0.176**3)
    cells, size = 32**2, 24 + 40 + 112
    patches_compared = 2 * 20_000 + (3000 + 60) * cells  # of held-out pictures and drawn defects
    assert nearest["matrix GMAC"] == pytest.approx(patches_compared * 2000 * size / 1e9)
    assert both["matrix GMAC"] == pytest.approx(nearest["matrix GMAC"] + closed["matrix GMAC"])
    assert closed["mobile GMAC"] == both["mobile GMAC"] > nearest["mobile GMAC"]

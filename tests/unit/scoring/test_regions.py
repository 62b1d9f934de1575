"""Boxes of what is anomalous, in the picture's own pixels."""

import numpy as np
import pytest

from oneclass.scoring.regions import regions


def spots() -> np.ndarray:
    """A map [8, 10] with a square, a single pixel, and two that touch at a corner."""
    anomaly = np.zeros((8, 10), np.float32)
    anomaly[1:3, 1:4] = 2
    anomaly[0, 9] = 3
    anomaly[6, 5] = anomaly[7, 6] = 1.5
    return anomaly


def test_regions_are_those_that_touch_the_highest_score_first() -> None:
    found = regions(spots(), 1.0, (10, 8), 1.0)
    assert [(region["box"], region["score"], region["area"]) for region in found] == [
        ([9, 0, 10, 1], 3.0, 1),
        ([1, 1, 4, 3], 2.0, 6),
        ([5, 6, 7, 8], 1.5, 2),
    ]


def test_boxes_are_in_the_picture_s_pixels_and_hold_all_of_the_region() -> None:
    (first, second, third) = regions(spots(), 1.0, (1000, 40), 1.0)
    assert [region["box"] for region in (first, second, third)] == [
        [900, 0, 1000, 5],
        [100, 5, 400, 15],
        [500, 30, 700, 40],
    ]
    assert [region["area"] for region in (first, second, third)] == [500, 3000, 1000]
    assert regions(spots(), 1.0, (5, 4), 1.0)[1]["box"] == [0, 0, 2, 2]


def test_of_a_crop_the_boxes_lie_in_the_middle() -> None:
    whole = np.ones((4, 4), np.float32)
    assert regions(whole, 0.5, (100, 60), 0.5) == [{"box": [25, 15, 75, 45], "score": 1.0, "area": 1500}]


@pytest.mark.parametrize("threshold", [3.0, np.nextafter(3.0, 4.0)])
def test_nothing_above_the_threshold_is_no_region(threshold: float) -> None:
    assert regions(spots(), threshold, (10, 8), 1.0) == []


def test_a_threshold_is_compared_in_double_precision() -> None:
    """As scores are: 0.1 in single precision is a little above 0.1 in double."""
    assert len(regions(np.full((2, 2), 0.1, np.float32), 0.1, (2, 2), 1.0)) == 1

"""Pixel metrics against scikit-learn, and per-region overlap against its definition, threshold by threshold."""

import itertools
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import average_precision_score, roc_auc_score

from oneclass.pixel_metrics import average_precision, pixel_metrics

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5))


@st.composite
def maps(draw: st.DrawFn) -> tuple[Any, Any]:
    """Small masks with both kinds of pixel, and scores with few values, so with ties."""
    shape = draw(SHAPES)
    masks = draw(arrays.arrays(bool, shape).filter(lambda drawn: drawn.any() and not drawn.all()))
    values = st.sampled_from(np.array([-2.5, -0.0, 0.0, 1e-20, 1, 3, 1e20], np.float32).tolist())
    return masks, draw(arrays.arrays(np.float32, shape, elements=values))


def regions(masks: Any) -> list[list[tuple[int, int, int]]]:
    """Connected regions of each image by flood fill over the eight neighbours."""
    left = set(zip(*np.nonzero(masks), strict=True))
    found = []
    while left:
        region, edge = [], [left.pop()]
        while edge:
            image, row, column = pixel = edge.pop()
            region.append(pixel)
            near = {(image, row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)} & left
            left -= near
            edge += near
        found.append(region)
    return found


def overlap(masks: Any, scores: Any, limit: float = 0.3) -> float:
    """AUPRO by its definition: the curve, a threshold at a time, cut at ``limit`` by interpolation, then trapezia."""
    found, curve = regions(masks), [(0.0, 0.0)]
    for threshold in sorted(set(scores.ravel().tolist()), reverse=True):
        alarm = scores >= threshold
        mean = np.mean([np.mean([alarm[pixel] for pixel in region]) for region in found])
        curve.append((alarm[~masks].mean(), mean))
    area = 0.0
    for (x, y), (next_x, next_y) in itertools.pairwise(curve):
        if x < limit < next_x:
            next_x, next_y = limit, y + (next_y - y) * (limit - x) / (next_x - x)
        if next_x <= limit:
            area += (next_x - x) * (y + next_y) / 2
    return area / limit


@given(maps())
def test_pixel_metrics_are_those_of_the_slow_ways(drawn: tuple[Any, Any]) -> None:
    masks, scores = drawn
    assert pixel_metrics(masks, scores) == pytest.approx(
        {
            "pixel_auroc": roc_auc_score(masks.ravel(), scores.ravel()),
            "pixel_ap": average_precision_score(masks.ravel(), scores.ravel()),
            "pixel_aupro": overlap(masks, scores),
        },
        abs=1e-12,
    )


def test_on_smooth_maps_without_ties() -> None:
    random = np.random.default_rng(0)
    masks = np.zeros((4, 32, 32), bool)
    masks[0, 3:9, 4:20] = masks[0, 20:22, 2:5] = masks[2, 10:30, 10:12] = True
    scores = (random.normal(size=masks.shape) + masks).astype(np.float32)
    found = pixel_metrics(masks, scores)
    assert found["pixel_auroc"] == pytest.approx(roc_auc_score(masks.ravel(), scores.ravel()), abs=1e-12)
    assert found["pixel_ap"] == pytest.approx(average_precision_score(masks.ravel(), scores.ravel()), abs=1e-12)
    assert found["pixel_aupro"] == pytest.approx(overlap(masks, scores), abs=1e-12)


def test_a_small_region_counts_as_much_as_a_large_one() -> None:
    masks = np.zeros((1, 10, 10), bool)
    masks[0, :5, :5] = masks[0, 9, 9] = True
    large, small = (np.zeros(masks.shape, np.float32) for _ in range(2))
    large[0, :5, :5], small[0, 9, 9] = 1, 1
    # One of two regions is found without a false alarm, the other along with all normals: 0.5 + 0.5 * 0.3 / 2.
    assert pixel_metrics(masks, large)["pixel_aupro"] == pytest.approx(0.575)
    assert pixel_metrics(masks, small)["pixel_aupro"] == pytest.approx(0.575)
    assert pixel_metrics(masks, large)["pixel_auroc"] > 0.9 > pixel_metrics(masks, small)["pixel_auroc"]


def test_pixels_that_touch_at_a_corner_are_one_region_and_images_are_apart() -> None:
    masks = np.zeros((2, 4, 4), bool)
    masks[0, 0, 0] = masks[0, 1, 1] = masks[1, 0, 0] = True
    scores = np.zeros(masks.shape, np.float32)
    scores[1, 0, 0] = 1  # the whole of one region out of two; of three, were corners no connection
    assert pixel_metrics(masks, scores)["pixel_aupro"] == pytest.approx(0.5 + 0.5 * 0.15)


@pytest.mark.parametrize(
    ("scores", "auroc", "aupro"),
    [
        (lambda masks: masks, 1, 1),
        (lambda masks: ~masks, 0, 0),
        (np.zeros_like, 0.5, 0.15),  # one threshold: the diagonal, of which the part up to 0.3 is a mean of 0.15
    ],
)
def test_extremes(scores: Any, auroc: float, aupro: float) -> None:
    masks = np.zeros((2, 6, 6), bool)
    masks[1, 2:4, 1:3] = True
    found = pixel_metrics(masks, scores(masks).astype(np.float32))
    assert found["pixel_auroc"] == auroc
    assert found["pixel_aupro"] == pytest.approx(aupro, abs=1e-15)
    assert found["pixel_ap"] == pytest.approx(1 if auroc == 1 else masks.mean(), abs=1e-15)


def test_a_pixel_found_beyond_the_limit_adds_nothing() -> None:
    masks = np.zeros((1, 1, 11), bool)
    masks[0, 0, 0] = True
    scores = np.arange(11, dtype=np.float32)[None, None]  # the anomalous pixel below all normals but one
    assert pixel_metrics(masks, scores)["pixel_aupro"] == 0
    scores[0, 0, 0] = 8.5  # below two normals of ten: the overlap is 1 from a rate of 0.2 to 0.3
    assert pixel_metrics(masks, scores)["pixel_aupro"] == pytest.approx(1 / 3)


def test_memory_is_what_the_docstring_says() -> None:
    masks = np.zeros((20, 100, 100), bool)
    masks[::2, 20:50, 30:70] = True
    scores = np.random.default_rng(0).normal(size=masks.shape).astype(np.float32)
    tracemalloc.start()
    try:
        pixel_metrics(masks, scores)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 * masks.size + 70 * masks.sum() + 200_000


@pytest.mark.parametrize("fill", [False, True])
def test_one_kind_of_pixel_is_refused(fill: bool) -> None:
    with pytest.raises(ValueError, match="both normal and anomalous pixels"):
        pixel_metrics(np.full((1, 2, 2), fill), np.zeros((1, 2, 2), np.float32))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("pixel", [0, 3])
def test_scores_that_are_not_finite_are_refused(value: float, pixel: int) -> None:
    scores = np.arange(4, dtype=np.float32)
    scores[pixel] = value
    masks = np.array([[[True, True], [False, False]]])
    with pytest.raises(ValueError, match="not finite"):
        pixel_metrics(masks, scores.reshape(1, 2, 2))


@pytest.mark.parametrize("masks", [np.ones((1, 2, 3), bool), np.ones((1, 2, 2), np.uint8)])
def test_what_are_not_masks_of_the_maps_is_refused(masks: Any) -> None:
    with pytest.raises(ValueError, match="masks"):
        pixel_metrics(masks, np.zeros((1, 2, 2), np.float32))


def test_average_precision_of_images() -> None:
    labels, scores = [0, 1, 0, 1], np.array([[0.1, 0.9, 0.2, 0.8], [4, 3, 2, 1], [1, 1, 1, 1]])
    assert average_precision(labels, scores[1]) == pytest.approx((1 / 2 + 2 / 4) / 2)
    np.testing.assert_allclose(average_precision(labels, scores), [1, 0.5, 0.5])
    with pytest.raises(ValueError, match="at least one anomalous"):
        average_precision([0, 0], [1.0, 2.0])
    with pytest.raises(ValueError, match="not finite"):
        average_precision([0, 1], [1.0, np.nan])

"""Scores come of all pictures, maps of some: what a card needs, in memory that does not grow with the pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from oneclass.data.geometry import Geometry
from oneclass.detector import fit as fitting
from oneclass.detector.measuring import Measuring, evenly
from oneclass.detector.network import FeatureExtractor
from oneclass.detector.pictures import Pictures
from oneclass.objective.localisation.smoothing import smooth


@pytest.mark.parametrize(("count", "most"), [(1, 500), (7, 500), (500, 500), (501, 500), (1001, 500), (9, 2), (7, 4)])
def test_positions_are_evenly_spread(count: int, most: int) -> None:
    found = evenly(count, most)
    assert len(found) <= most and (np.diff(found) > 0).all()
    assert found[0] == 0 and found[-1] == count - 1 if most > 1 else True
    assert len(found) >= min(count, most) - 1 and np.ptp(np.diff(found)) <= 2 if count > 1 else True


@torch.no_grad()
def test_scores_are_the_highest_values_of_the_maps_whatever_is_kept(
    own_pictures: Callable[..., Path], index_of: Callable[..., Any], fitted: Any, tiny_extractor: FeatureExtractor
) -> None:
    index = index_of(own_pictures(40))
    detector, _ = fitted(index, tiny_extractor, 64)
    pictures = Pictures(index, Geometry(64), 1)
    measuring = Measuring(tiny_extractor, detector.distance, 64, 2.0, "cpu")
    every = measuring.score(pictures, np.arange(40), "all")
    assert every.scores.shape == (1, 40) and every.kept.shape[:2] == (1, 40) and len(every.pooled) == 40
    np.testing.assert_allclose(every.scores[0], smooth(every.kept[0], 64, 2.0).max((1, 2)), rtol=1e-6)
    keep = np.array([0, 15, 16, 39])
    some = measuring.score(pictures, keep, "some")
    np.testing.assert_array_equal(some.kept, every.kept[:, keep])
    np.testing.assert_array_equal(some.scores, every.scores)


def test_a_detector_is_the_same_where_fewer_maps_are_kept(
    own_pictures: Callable[..., Path],
    index_of: Callable[..., Any],
    fitted: Any,
    tiny_extractor: FeatureExtractor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = index_of(own_pictures(20, anomalous=6, masks=True))
    _, every = fitted(index, tiny_extractor, 64)
    monkeypatch.setattr(fitting, "evenly", lambda count: evenly(count, 3))
    _, some = fitted(index, tiny_extractor, 64)
    assert some.threshold == every.threshold and some.held_out == every.held_out == 6
    assert some.measured["image_auroc"] == every.measured["image_auroc"]
    assert some.measured["pixel_auroc"] == pytest.approx(every.measured["pixel_auroc"], abs=2)
    assert some.normal_level == pytest.approx(every.normal_level, rel=0.1)

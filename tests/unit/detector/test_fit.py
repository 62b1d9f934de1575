"""What a detector is measured and its threshold chosen from, and that anomalies decide about the norm alone."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from oneclass.data.index import Index
from oneclass.detector.distances import METHODS
from oneclass.detector.fit import feasible_norms
from oneclass.detector.network import FeatureExtractor
from oneclass.detector.threshold import choose_threshold, false_alarms
from oneclass.errors import UserError

Fitted = Callable[..., Any]
IndexOf = Callable[..., Index]
OwnPictures = Callable[..., Path]


@pytest.mark.parametrize(
    ("found", "feasible"),
    [
        ({1: 90.0, 8: 89.5, 32: 70.0}, [1, 8]),
        ({1: 90.0, 8: 91.5, 32: 91.0}, [8, 32]),
        ({32: 50.0, 1: 50.0}, [1, 32]),
        ({1: 80.0}, [1]),
        ({1: 99.0, 8: 98.0}, [1, 8]),
    ],
)
def test_feasible_norms_are_within_a_point_of_the_best(found: dict[float, float], feasible: list[float]) -> None:
    assert feasible_norms(found) == feasible


@given(st.lists(st.floats(2**-10, 2**10, width=32), min_size=1, max_size=300), st.floats(0.5, 0.999))
def test_the_threshold_lets_as_many_held_out_pictures_pass_as_it_says(values: list[float], quantile: float) -> None:
    scores = np.array(values, np.float32)
    threshold, expected = choose_threshold(scores, quantile), false_alarms(len(scores), quantile).expected
    above = int((scores > threshold).sum())
    assert above <= round(expected * (len(scores) + 1)) - 1  # the new picture is one of that many
    assert threshold <= 1.001 * scores.max()
    assert expected <= max(1 - quantile, 1 / (len(scores) + 1)) + 1e-9


@pytest.mark.parametrize(("count", "quantile"), [(9, 0.99), (40, 0.9), (200, 0.99)])
def test_false_alarms_are_as_frequent_as_expected(count: int, quantile: float) -> None:
    rng = np.random.default_rng(0)
    alarms = []
    for _ in range(4000):
        *held_out, new = rng.uniform(1, 2, count + 1)
        alarms.append(new > choose_threshold(np.array(held_out, np.float32), quantile))
    assert np.mean(alarms) == pytest.approx(false_alarms(count, quantile).expected, abs=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_nothing_but_the_norm_and_the_measurement_looks_at_anomalies(
    method: str, own_pictures: OwnPictures, index_of: IndexOf, fitted: Fitted, tiny_extractor: FeatureExtractor
) -> None:
    alone = index_of(own_pictures(20, anomalous=6))
    with_defects = fitted(alone, tiny_extractor, 64, method=method, center_norms=[1.0])
    normal = alone.take((alone.table["label"] == 0).to_numpy())
    without = fitted(normal, tiny_extractor, 64, method=method, center_norms=[1.0])
    tensors = [detector.state_dict() for detector, _ in (with_defects, without)]
    assert all(torch.equal(tensors[0][name], tensors[1][name]) for name in tensors[0])
    first, second = (findings for _, findings in (with_defects, without))
    for what in ("method", "train", "held_out", "variance_explained_by_mean_map", "centering", "threshold"):
        assert getattr(first, what) == getattr(second, what)
    assert (first.drawn, first.anomalies) == (False, 6)
    assert (second.drawn, second.anomalies) == (True, 60)


@pytest.mark.parametrize("masks", [False, True])
def test_real_anomalies_are_what_is_measured(
    own_pictures: OwnPictures, index_of: IndexOf, fitted: Fitted, tiny_extractor: FeatureExtractor, masks: bool
) -> None:
    detector, findings = fitted(index_of(own_pictures(20, anomalous=6, masks=masks)), tiny_extractor, 64)
    assert (findings.train, findings.held_out, findings.anomalies) == (14, 6, 6)
    assert findings.measured["image_auroc"] == 100  # a bright square in noise
    assert findings.detected == 100
    assert ("pixel_auroc" in findings.measured) == masks
    if masks:
        assert findings.measured["pixel_auroc"] > 90
    scores = {shown.name: shown.score for shown in findings.shown}
    assert len(scores) == 9  # four normal ones, five anomalies
    for shown in findings.shown:
        picture = torch.from_numpy(shown.picture).permute(2, 0, 1)[None]
        assert float(detector(picture)[1]) == pytest.approx(shown.score, rel=1e-5)
        assert shown.anomalous == ("square" in shown.name)
        named = findings.anomaly_scores if shown.anomalous else findings.normal_scores
        assert dict(zip(named.names, named.scores, strict=True))[shown.name] == pytest.approx(shown.score, rel=1e-5)
        assert (shown.mask is not None) == (masks and shown.anomalous)
        assert shown.mask is None or shown.mask[20:40, 20:40].all()


def test_a_centering_that_is_given_is_taken(
    own_pictures: OwnPictures, index_of: IndexOf, fitted: Fitted, tiny_extractor: FeatureExtractor
) -> None:
    _, findings = fitted(index_of(own_pictures(8)), tiny_extractor, 64, method="closed_form", centering="channel")
    assert findings.centering == "channel"


def test_an_unreadable_training_picture_is_named(
    own_pictures: OwnPictures, index_of: IndexOf, fitted: Fitted, tiny_extractor: FeatureExtractor
) -> None:
    folder = own_pictures(8)
    index = index_of(folder)
    (folder / index.table["path"][index.table["split"] == "train"].iloc[2]).write_bytes(b"")
    with pytest.raises(UserError, match=r"\.png: cannot be read as an image"):
        fitted(index, tiny_extractor, 64)


def test_damaged_weights_are_an_error(
    own_pictures: OwnPictures, index_of: IndexOf, fitted: Fitted, tiny_extractor: FeatureExtractor
) -> None:
    next(tiny_extractor.network.parameters()).fill_(float("nan"))
    with pytest.raises(UserError, match="not finite"):
        fitted(index_of(own_pictures(8)), tiny_extractor, 64)


@pytest.mark.parametrize("turned", [False, True])
def test_aligned_parts_are_centered_by_position_and_turned_ones_are_not(
    turned: bool, tmp_path: Path, index_of: IndexOf, fitted: Fitted, lite0_extractor: FeatureExtractor
) -> None:
    """MVTec AD's transistors, as they come and each in an orientation of its own."""
    root = Path(__file__).parents[3] / os.environ.get("ONECLASS_DATA", "../shared/data")
    files = sorted((root / "mvtec_ad/transistor/train/good").glob("*.png"))[:30]
    if not files:
        pytest.skip(f"no real data at {root}; set ONECLASS_DATA")
    rng = np.random.default_rng(0)
    (tmp_path / "parts").mkdir()
    for file in files:
        angle = float(rng.uniform(0, 360)) if turned else 0.0
        with Image.open(file) as picture:
            picture.rotate(angle, fillcolor=(150, 90, 80)).resize((128, 128)).save(tmp_path / "parts" / file.name)
    _, findings = fitted(index_of(tmp_path / "parts"), lite0_extractor, 128, method="closed_form")
    assert findings.centering == ("none" if turned else "position")


def test_masks_with_shades_are_on_the_card(
    own_pictures: OwnPictures, index_of: IndexOf, fitted: Fitted, written: Any, tiny_extractor: Any, tmp_path: Path
) -> None:
    folder = own_pictures(10, 3, masks=True)
    for file in (folder / "ground_truth").rglob("*.png"):
        with Image.open(file) as mask:
            mask.save(file.with_suffix(".jpg"), quality=60)
        file.unlink()
    index = index_of(folder)
    written(*fitted(index, tiny_extractor, 64), index, tmp_path / "detector", "test_efficientnet")
    card = json.loads((tmp_path / "detector/card.json").read_text())
    assert any("3 of 3 masks have shades of grey" in warning for warning in card["warnings"])
    assert "have shades of grey" in (tmp_path / "detector/card.html").read_text()

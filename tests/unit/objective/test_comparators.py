"""Comparators against their formulas."""

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf

from oneclass.objective import comparators
from oneclass.objective.classes import Data
from oneclass.objective.comparators import COMPARATORS, knn, mahalanobis, ocsvm

RANDOM = np.random.default_rng(0)
TRAIN, TEST = RANDOM.normal(size=(25, 5)).astype(np.float32), RANDOM.normal(2, 2, (9, 5)).astype(np.float32)


@pytest.mark.parametrize(("count", "neighbours"), [(25, 2), (2, 2), (1, 1)])
def test_knn_is_the_mean_distance_to_the_two_nearest(count: int, neighbours: int) -> None:
    distances = np.sort([[np.linalg.norm(x - y) for y in TRAIN[:count]] for x in TEST.astype(np.float64)], axis=1)
    np.testing.assert_allclose(knn(TRAIN[:count], TEST), distances[:, :neighbours].mean(1), rtol=1e-4)


@pytest.mark.parametrize("count", [25, 3])  # 3 images span less than the 5 dimensions
def test_mahalanobis(count: int) -> None:
    train = TRAIN[:count].astype(np.float64)
    inverse = np.linalg.inv(LedoitWolf().fit(train).covariance_)
    offsets = TEST - train.mean(0)
    expected = [np.sqrt(offset @ inverse @ offset) for offset in offsets]
    np.testing.assert_allclose(mahalanobis(TRAIN[:count], TEST), expected, rtol=1e-6)


def test_one_class_svm_scores_rise_with_distance() -> None:
    along = np.linspace(0, 6, 7, dtype=np.float32)[:, None] * np.ones((1, 5), np.float32)
    scores = ocsvm(TRAIN, along)
    assert (np.diff(scores[:4]) > 0).all() and scores[0] < scores[-1]


@pytest.mark.parametrize("name", list(COMPARATORS))
def test_far_images_are_more_anomalous_than_normal_ones(name: str) -> None:
    normal, far = RANDOM.normal(size=(10, 5)).astype(np.float32), np.full((10, 5), 4, np.float32)
    scores = COMPARATORS[name](TRAIN, np.concatenate([normal, far]))
    assert scores[:10].max() < scores[10:].min()


def test_run_scores_every_class_by_every_method() -> None:
    labels, ids = np.array([0] * 5 + [1] * 4, np.int8), np.array([f"{k}.png" for k in range(9)])
    classes = [Data(name, TRAIN + shift, TEST, ids, labels) for shift, name in ((0, "cat"), (1, "dog"))]
    result = comparators.run(classes, ["knn", "ocsvm"])
    described = [tuple(frame[["class", "method"]].iloc[0]) for frame in result.scores]
    assert described == [("cat", "knn"), ("cat", "ocsvm"), ("dog", "knn"), ("dog", "ocsvm")]
    for frame, (name, method) in zip(result.scores, described, strict=True):
        data = classes[name == "dog"]
        assert np.array_equal(frame["score"], COMPARATORS[method](data.train, data.test))
        assert frame["id"].tolist() == ids.tolist() and frame["label"].tolist() == labels.tolist()
        assert frame["norm"].isna().all() and (frame["center"] == "").all() and (frame["projector"] == "").all()

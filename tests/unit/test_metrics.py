"""Exact AUROC, its bootstrap and the mean cosine, each against its literal form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from oneclass import metrics
from oneclass.metrics import auroc, bootstrap_auroc, cosine_between

LABELS = st.lists(st.integers(0, 1), min_size=2, max_size=40).filter(lambda labels: len(set(labels)) == 2)


@given(LABELS, st.data())
def test_auroc_equals_scikit_learn_with_ties(labels: list[int], data: st.DataObject) -> None:
    scores = data.draw(st.lists(st.integers(-3, 3), min_size=len(labels), max_size=len(labels)))
    assert auroc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


@given(LABELS, st.data(), st.sampled_from([32, 64]))
def test_auroc_equals_scikit_learn_on_any_floats(labels: list[int], data: st.DataObject, width: int) -> None:
    floats = st.floats(allow_nan=False, allow_infinity=False, width=width)
    scores = np.array(data.draw(st.lists(floats, min_size=len(labels), max_size=len(labels))), f"float{width}")
    ranks = np.unique(scores, return_inverse=True)[1]  # the oracle then has no say on what is equal
    assert auroc(labels, scores) == pytest.approx(roc_auc_score(labels, ranks), abs=1e-12)


@given(LABELS, st.data())
def test_auroc_of_negated_scores_is_the_complement(labels: list[int], data: st.DataObject) -> None:
    scores = np.array(data.draw(st.lists(st.integers(-3, 3), min_size=len(labels), max_size=len(labels))))
    assert auroc(labels, scores) + auroc(labels, -scores) == pytest.approx(1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbouring_floats_are_distinct(dtype: type) -> None:
    low = dtype(1)
    assert auroc([0, 1], np.array([low, np.nextafter(low, dtype(2))])) == 1.0
    assert auroc([0, 1], np.array([low, low])) == 0.5


def test_auroc_over_leading_axes_equals_one_by_one() -> None:
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.repeat([0, 1], [20, 11]))
    scores = rng.integers(0, 9, (3, 2, 31)).astype(np.float32)
    batched = auroc(labels, scores)
    assert batched.shape == (3, 2)
    assert [[auroc(labels, row) for row in rows] for rows in scores] == batched.tolist()
    assert isinstance(auroc(labels, scores[0, 0]), float)


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        ([0, 1], [0.0, float("nan")], "1 of 2 scores are not finite"),
        ([0, 1], [0.0, float("inf")], "not finite"),
        ([0, 0], [0.0, 1.0], "both normal and anomalous"),
        ([1, 1], [0.0, 1.0], "both normal and anomalous"),
        ([], [], "both normal and anomalous"),
        ([0, 2], [0.0, 1.0], "must be 0"),
        ([0, 1], [0.0, 1.0, 2.0], "same number"),
    ],
)
def test_bad_input_is_refused(labels: list[int], scores: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        auroc(labels, scores)
    with pytest.raises(ValueError, match=message):
        bootstrap_auroc(labels, scores, 2, 0)


def literal_bootstrap(labels: np.ndarray, scores: np.ndarray, resamples: int, seed: int) -> list[float]:
    """Repeat each sample as often as it is drawn, then take the AUROC."""
    values = []
    for _, normal, anomalous in metrics._draws(labels, resamples, seed):
        for column in range(normal.shape[1]):
            counts = np.empty(labels.size, int)
            counts[labels == 0], counts[labels == 1] = normal[:, column], anomalous[:, column]
            values.append(auroc(np.repeat(labels, counts), np.repeat(scores, counts)))
    return values


@settings(max_examples=40)
@given(LABELS, st.data(), st.integers(0, 2**63 - 1), st.sampled_from([1, 50, 2**18]))
def test_bootstrap_equals_literal_resampling(labels: list[int], data: st.DataObject, seed: int, chunk: int) -> None:
    scores = np.array(data.draw(st.lists(st.integers(-4, 4), min_size=len(labels), max_size=len(labels))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "CHUNK", chunk)
        expected = literal_bootstrap(np.array(labels), scores, 7, seed)
        assert bootstrap_auroc(labels, scores, 7, seed) == pytest.approx(expected, abs=1e-12)


def test_resamples_keep_the_sizes_and_depend_on_the_seed() -> None:
    labels = np.repeat([0, 1], [5, 3])
    first, again, other = (list(metrics._draws(labels, 50, seed)) for seed in (1, 1, 2))
    assert (first[0][1].sum(0) == 5).all() and (first[0][2].sum(0) == 3).all()
    assert np.array_equal(first[0][1], again[0][1]) and not np.array_equal(first[0][1], other[0][1])


def test_rows_share_their_resamples_and_batching_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1], [30, 20])
    scores = rng.normal(size=(4, 50))
    together = bootstrap_auroc(labels, scores, 20, 3)
    assert together.shape == (4, 20)
    assert np.array_equal(together, [bootstrap_auroc(labels, row, 20, 3) for row in scores])
    assert np.array_equal(bootstrap_auroc(labels, 2 * scores + 1, 20, 3), together)


def test_bootstrap_spread_is_that_of_the_auroc() -> None:
    rng = np.random.default_rng(2)
    labels = np.repeat([0, 1], [200, 200])
    scores = rng.normal(size=400)
    values = bootstrap_auroc(labels, scores, 2000, 4)
    under_no_difference = np.sqrt(401 / (12 * 200 * 200))
    assert values.mean() == pytest.approx(auroc(labels, scores), abs=0.003)
    assert values.std() == pytest.approx(under_no_difference, rel=0.1)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 5), st.integers(0, 1000))
def test_cosine_equals_the_mean_over_pairs(n: int, m: int, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    normal, anomalous = rng.normal(size=(n, size)) + 0.1, rng.normal(size=(m, size)) * 100
    pairs = [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a in normal for b in anomalous]
    assert cosine_between(normal, anomalous) == pytest.approx(np.mean(pairs), abs=1e-12)


@pytest.mark.parametrize("bad", [np.zeros((1, 2)), np.zeros((0, 2)), np.full((1, 2), np.nan)])
def test_cosine_without_a_direction_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="finite and not zero"):
        cosine_between(np.ones((2, 2)), bad)

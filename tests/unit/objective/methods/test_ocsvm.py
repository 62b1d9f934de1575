import numpy as np

from oneclass.objective.methods.ocsvm import score_vectors


def test_scores_rise_with_distance() -> None:
    train = np.random.default_rng(0).normal(size=(25, 5)).astype(np.float32)
    along = np.linspace(0, 6, 7, dtype=np.float32)[:, None] * np.ones((1, 5), np.float32)
    scores = score_vectors(train, along)
    assert (np.diff(scores[:4]) > 0).all() and scores[0] < scores[-1]

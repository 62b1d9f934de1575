import numpy as np
from scipy.optimize import minimize

from oneclass.objective.methods.ocsvm import score_vectors


def test_scores_rise_with_distance() -> None:
    train = np.random.default_rng(0).normal(size=(25, 5)).astype(np.float32)
    along = np.linspace(0, 6, 7, dtype=np.float32)[:, None] * np.ones((1, 5), np.float32)
    scores = score_vectors(train, along)
    assert (np.diff(scores[:4]) > 0).all() and scores[0] < scores[-1]


def test_scores_are_the_squared_distances_of_svdd_but_for_scale_and_offset() -> None:
    random, nu = np.random.default_rng(0), 0.1
    train, test = random.normal(size=(30, 4)).astype(np.float32), random.normal(size=(12, 4)).astype(np.float32)
    width = 1 / (train.shape[1] * train.var())

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.exp(-width * np.square(a[:, None] - b[None]).sum(-1))

    inner = kernel(train, train)
    shares = minimize(  # the dual of SVDD: Σ a_i k(x_i, x_i) - Σ a_i a_j k(x_i, x_j) is maximised
        lambda a: a @ inner @ a - a @ np.diag(inner),
        np.full(30, 1 / 30),
        jac=lambda a: 2 * inner @ a - np.diag(inner),
        bounds=[(0, 1 / (nu * 30))] * 30,
        constraints={"type": "eq", "fun": lambda a: a.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 1000},
    ).x
    squares = 1 - 2 * kernel(test, train) @ shares + shares @ inner @ shares
    scores = score_vectors(train, test)
    np.testing.assert_allclose(1 + shares @ inner @ shares + 2 * scores / (nu * 30), squares, atol=2e-3)

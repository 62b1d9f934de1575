"""Every method on real solar cells, small."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch

from oneclass.metrics import auroc
from oneclass.objective import closed_form, comparators, minibatch, moments, reference
from oneclass.objective.classes import Data
from oneclass.objective.results import Result
from oneclass.objective.training import Adam, Seeds, TensorData, keeper, to_device
from oneclass.objective.variants import Variant

ADAM = Adam(learning_rate=1e-4, weight_decay=5e-4, radius=1e-5, loss_scale=1)
SEEDS = Seeds(1024, "elpv")
VARIANTS = [Variant("normal", 1, 0)]
LENGTH = {"epochs": 5, "batch_size": 16}


def _minibatch(classes: list[TensorData]) -> Result:
    return minibatch.run(classes, VARIANTS, ADAM, SEEDS, **LENGTH, memory_mb=1000, keep=keeper(1))


def _moments(classes: list[TensorData]) -> Result:
    return moments.run(classes, VARIANTS, ADAM, SEEDS, **LENGTH, keep=keeper(1))


def _literal(classes: list[TensorData]) -> Result:
    return reference.run(classes, ["conv1x1", "linear"], VARIANTS[0], ADAM, SEEDS, **LENGTH)


def _closed_form(classes: list[TensorData]) -> Result:
    return closed_form.run(classes, [1.0])


def _comparators(classes: list[TensorData]) -> Result:
    arrays = [replace(data, train=data.train.numpy(), test=data.test.numpy()) for data in classes]
    return comparators.run(arrays, ["ocsvm", "knn", "mahalanobis"])


Method = Callable[[list[TensorData]], Result]


@pytest.fixture(scope="module")
def cells(elpv: Data[np.ndarray]) -> list[TensorData]:
    return to_device([elpv], "cpu")


@pytest.fixture(scope="module")
def solve(cells: list[TensorData]) -> Callable[[Method], Result]:
    """What a method gives on the cells, computed once."""
    return cache(lambda method: method(cells))


@pytest.mark.parametrize("method", [_minibatch, _moments, _literal, _closed_form, _comparators])
def test_defective_cells_score_higher(method: Method, solve: Callable[[Method], Result]) -> None:
    frames = solve(method).scores
    assert len(frames) == {_literal: 2, _comparators: 3}.get(method, 1)
    for frame in frames:
        value = 100 * auroc(frame["label"], frame["score"])
        assert value > 60, frame["method"].iloc[0]
        assert frame["score"].nunique() == len(frame) == 20


@pytest.mark.parametrize("method", [_minibatch, _moments])
def test_the_history_ends_with_the_scores(method: Method, solve: Callable[[Method], Result]) -> None:
    result = solve(method)
    history = pd.DataFrame(result.log).query("metric == 'image_auroc'").set_index("step")["value"]
    assert history.index.tolist() == list(range(1, LENGTH["epochs"] + 1))
    frame = result.scores[0]
    assert history[LENGTH["epochs"]] == pytest.approx(100 * auroc(frame["label"], frame["score"]))


@pytest.mark.parametrize("method", [_minibatch, _moments])
def test_the_kept_model_gives_the_scores(
    method: Method, solve: Callable[[Method], Result], cells: list[TensorData]
) -> None:
    result = solve(method)
    weight, bias, center = (torch.from_numpy(result.models[f"mono.normal.{p}"]) for p in ("weight", "bias", "center"))
    scores = (cells[0].test @ weight.T + bias - center).norm(dim=1)
    np.testing.assert_allclose(result.scores[0]["score"], scores, rtol=1e-4)


def test_the_trained_conv_and_linear_projector_agree_with_the_batched_one(solve: Callable[[Method], Result]) -> None:
    batched, literal = solve(_minibatch), solve(_literal)
    assert [frame["projector"].iloc[0] for frame in literal.scores] == ["conv1x1", "linear"]
    for frame in literal.scores:
        np.testing.assert_allclose(frame["score"], batched.scores[0]["score"], rtol=2e-3)

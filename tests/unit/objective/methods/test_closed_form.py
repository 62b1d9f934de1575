"""The closed form on every class and norm, of vectors and of maps."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch

from oneclass.metrics import auroc
from oneclass.objective.closed_form import choose_time, decompose, residual
from oneclass.objective.job import Job, Training
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.maps import align
from oneclass.objective.localisation.moments import Centering
from oneclass.objective.methods import closed_form
from oneclass.objective.methods.closed_form import TIMES
from oneclass.objective.projector import augment
from oneclass.objective.result import Result, keeper
from oneclass.objective.variants import grid
from oneclass.objective.vectors import VectorClass
from oneclass.training.trials import Seeds


def job(norms: list[float], centering: Centering = "none", protocol: str = "A") -> Job:
    """Two repetitions and kinds of centre, which must not matter."""
    unused = Training(learning_rate=0, weight_decay=0, radius=0, loss_scale=0, epochs=0, batch_size=1)
    variants = grid(norms, norms[0], ["gaussian", "ones"], 2)
    result = Result(protocol, keeper(norms[0]))
    return Job(Seeds(1024, "toy"), unused, {centering: variants}, norms[0], 100, result, sigma=2.0)


def test_on_vectors(toy: Callable[..., VectorClass]) -> None:
    classes, norms = [toy("cat"), toy("horse", count=6)], [1.0, 32.0]
    asked = job(norms)
    closed_form.on_vectors(classes, asked)
    result = asked.result
    history, scores = pd.DataFrame(result.history), pd.concat(result.scores)
    assert (scores["method"] == "closed_form").all() and (history["method"] == "closed_form").all()
    assert scores["center"].isna().all() and scores["projector"].isna().all() and (scores["repetition"] == 0).all()
    assert len(result.scores) == 4
    for data in classes:
        chosen = choose_time(decompose(data.train))
        rows = history[history["class"] == data.class_name]
        assert result.models[f"{data.class_name}.time"] == chosen
        vectors, values = (result.models[f"{data.class_name}.{part}"] for part in ("vectors", "values"))
        augmented = augment(data.train.double())
        moment = augmented.T @ augmented / len(augmented)
        np.testing.assert_allclose(vectors * values @ vectors.T, moment, rtol=1e-4, atol=1e-5)
        for norm in norms:
            at_norm = rows[rows["center_norm"] == norm]
            over_time = at_norm[at_norm["metric"] == "image_auroc"]
            assert over_time["step"].tolist() == TIMES.tolist()
            at_chosen = at_norm[at_norm["metric"] == "image_auroc_chosen"].iloc[0]
            of_norm = scores[(scores["class"] == data.class_name) & (scores["center_norm"] == norm)]
            assert of_norm["id"].tolist() == data.ids.tolist()
            assert at_chosen["step"] == chosen
            assert at_chosen["value"] == pytest.approx(100 * auroc(data.labels, of_norm["score"]))
            expected = residual(decompose(data.train), data.test, TIMES).scores(norm)
            assert over_time["value"].tolist() == pytest.approx(
                [100 * auroc(data.labels, row.numpy()) for row in expected]
            )


def positions(category: Category, centering: Centering, rows: np.ndarray) -> torch.Tensor:
    maps = next(iter(category.centered(centering).batches(rows, len(rows))))
    return align(maps).movedim(1, -1).flatten(0, 2)


@pytest.mark.parametrize("centering", ["none", "channel", "position"])
def test_on_maps_distances_are_those_of_the_positions_as_vectors(tile: Category, centering: Centering) -> None:
    spectrum = decompose(positions(tile, centering, tile.train))
    time = choose_time(spectrum)
    left = residual(spectrum, positions(tile, centering, tile.test), torch.tensor([time], dtype=torch.float64))
    asked = job([1, 8], centering)
    closed_form.on_maps([tile], asked)
    assert float(asked.result.models[f"tile.{centering}.time"]) == pytest.approx(time, rel=1e-4)
    found = asked.result.maps["tile"]
    assert [described["center_norm"] for described, _ in found] == [1, 8]
    for described, distance in found:
        assert described["centering"] == centering and described["center"] is described["projector"] is None
        expected = left.scores(described["center_norm"])[0].view(10, 8, 8)
        np.testing.assert_allclose(distance, expected, rtol=1e-3, atol=1e-4)


def test_centering_on_positions_leaves_the_norm_without_effect(tile: Category) -> None:
    """Docs: the constant's direction is then one of the eigenvectors, the same for every position."""
    asked = job([1, 8, 32], "position")
    closed_form.on_maps([tile], asked)
    orders = [np.argsort(distance, axis=None) for _, distance in asked.result.maps["tile"]]
    ranks = [np.argsort(order) for order in orders]
    assert np.corrcoef(ranks[0], ranks[1])[0, 1] > 0.999


def test_the_defect_is_found(tile: Category) -> None:
    asked = job([1])
    closed_form.on_maps([tile], asked)
    scores = asked.result.scores[0]
    assert scores.loc[scores["label"] == 1, "score"].min() > scores.loc[scores["label"] == 0, "score"].max()

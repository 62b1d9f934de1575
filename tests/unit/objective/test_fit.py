"""Whole jobs: every method on real solar cells, small; and on maps."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.records import Comparator, Trained
from oneclass.data.index import Index
from oneclass.metrics import auroc
from oneclass.objective import fit
from oneclass.objective.localisation.category import Category
from oneclass.objective.result import Result
from oneclass.objective.vectors import load

GRID = {"center_norms": [1.0], "default_center_norm": 1.0, "centers": ["gaussian"], "repetitions": 1}
SETTINGS = {
    "variants": {"none": GRID},
    "training": {"learning_rate": 1e-4, "weight_decay": 5e-4, "radius": 1e-5, "loss_scale": 1, "epochs": 5}
    | {"batch_size": 16},
    "default_center_norm": 1.0,
    "memory_mb": 1000,
    "comparators": {},
    "options": {},
    "task": "defect",
    "figure_classes": [],
}
OF_VECTORS = SETTINGS | {"features": "vectors", "protocol": "A"}
PROJECTOR, FULL_BATCH, ALGORITHM1, ONLINE = (
    f"objective.methods.{name}" for name in ("projector", "full_batch", "algorithm1", "online")
)
COMPARATORS = "objective.comparators"
Solve = Callable[[str], Result]


def trained(features: str) -> list[str]:
    return [method.module for method in of_kind(Trained, features).values()]


@pytest.fixture(scope="module")
def solve(elpv: tuple[Index, str]) -> Solve:
    """What a method gives on the cells, computed once."""
    compared = {name: method.module for name, method in of_kind(Comparator, "vectors").items()}
    settings = OF_VECTORS | {"comparators": compared}
    return cache(lambda module: fit.run(module, *elpv, ["mono"], settings, 1024, "cpu"))


@pytest.mark.parametrize("module", [*trained("vectors"), ALGORITHM1, COMPARATORS])
def test_defective_cells_score_higher(module: str, solve: Solve) -> None:
    frames = solve(module).scores
    assert len(frames) == {ALGORITHM1: 2, COMPARATORS: 3}.get(module, 1)
    for frame in frames:
        value = 100 * auroc(frame["label"], frame["score"])
        assert value > 60, frame["method"].iloc[0]
        assert frame["score"].nunique() == len(frame) == 20
        assert set(frame["protocol"]) == {"A"}


@pytest.mark.parametrize("module", [PROJECTOR, FULL_BATCH])
def test_the_history_ends_with_the_scores(module: str, solve: Solve) -> None:
    result = solve(module)
    history = pd.DataFrame(result.history).query("metric == 'image_auroc'").set_index("step")["value"]
    assert history.index.tolist() == [5]
    frame = result.scores[0]
    assert history[5] == pytest.approx(100 * auroc(frame["label"], frame["score"]))


@pytest.mark.parametrize("module", [PROJECTOR, FULL_BATCH])
def test_the_kept_model_gives_the_scores(module: str, solve: Solve, elpv: tuple[Index, str]) -> None:
    result = solve(module)
    index, features = elpv
    (cells,) = load(features, index, "defect", ["mono"])
    weight, bias, center = (torch.from_numpy(result.models[f"mono.gaussian.{p}"]) for p in ("weight", "bias", "center"))
    scores = (cells.test @ weight.T + bias - center).norm(dim=1)
    np.testing.assert_allclose(result.scores[0]["score"], scores, rtol=1e-4)


def test_the_trained_conv_and_linear_projector_agree_with_the_batched_one(solve: Solve) -> None:
    batched, literal = solve(PROJECTOR), solve(ALGORITHM1)
    assert [frame["projector"].iloc[0] for frame in literal.scores] == ["conv1x1", "linear"]
    for frame in literal.scores:
        np.testing.assert_allclose(frame["score"], batched.scores[0]["score"], rtol=2e-3)


@pytest.mark.parametrize("module", [*trained("maps"), ALGORITHM1, COMPARATORS, ONLINE])
def test_on_maps_every_method_finds_the_corner(
    module: str, tiles: tuple[Index, str], tile: Category, map_settings: dict[str, Any]
) -> None:
    compared = {name: method.module for name, method in of_kind(Comparator, "maps").items() if not method.trained}
    options = {
        name: {option: entry.default for option, entry in of_kind(Comparator)[name].options.items()}
        for name in compared
    }
    asked = {"comparators": compared, "options": options}
    settings = SETTINGS | map_settings | {"features": "maps", "protocol": "B", "sigma": 2.0} | asked
    result = fit.run(module, *tiles, ["tile"], settings, 1024, "cpu")
    protocol = "C" if module == ONLINE else "B"
    for frame in result.scores:
        assert 100 * auroc(frame["label"], frame["score"]) > 90, frame["method"].iloc[0]
        assert set(frame["protocol"]) == {protocol} and frame["id"].tolist() == tile.ids.tolist()
    assert len(result.maps["tile"]) == len(result.scores) == {COMPARATORS: 3, ALGORITHM1: 2, ONLINE: 2}.get(module, 1)
    assert result.ids["tile"].tolist() == tile.ids.tolist()


def test_a_comparator_that_is_trained_finds_the_corner(tiles: tuple[Index, str], map_settings: dict[str, Any]) -> None:
    compared = {"comparators": {"cfa": of_kind(Comparator)["cfa"].module}, "options": {"cfa": {"epochs": 3}}}
    settings = SETTINGS | map_settings | {"features": "maps", "protocol": "B", "sigma": 2.0} | compared
    [frame] = fit.run(COMPARATORS, *tiles, ["tile"], settings, 1024, "cpu").scores
    assert set(frame["method"]) == {"cfa"}
    assert 100 * auroc(frame["label"], frame["score"]) > 90

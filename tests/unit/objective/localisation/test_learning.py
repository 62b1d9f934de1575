"""Training from moments takes the very steps of the literal loop."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from oneclass.errors import UserError
from oneclass.objective import convergence
from oneclass.objective.job import Job, Training
from oneclass.objective.localisation import learning
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.learning import Learner, Moments
from oneclass.objective.localisation.maps import align
from oneclass.objective.localisation.moments import Centering
from oneclass.objective.methods import algorithm1, full_batch, projector
from oneclass.objective.projector import Projectors, augment
from oneclass.objective.result import Result, keeper
from oneclass.objective.starts import orders, start
from oneclass.objective.variants import Variant, grid
from oneclass.training.trials import Seeds

Make = Callable[..., Category]

TRAINING = Training(learning_rate=1e-2, weight_decay=5e-4, radius=1e-5, loss_scale=1, epochs=3, batch_size=8)
SEEDS = Seeds(1024, "toy")
GRID = grid([1, 8], 1, ["gaussian", "ones", "mean_feature", "mean_feature_unscaled"], 2)
CENTERED = [variant for variant in GRID if variant.center in ("gaussian", "ones")]  # the mean is zero


def job(memory_mb: int = 100, **changed: float) -> Job:
    training = replace(TRAINING, **changed)
    return Job(SEEDS, training, {"none": GRID}, 1, memory_mb, Result("B", keeper(1)), sigma=2.0)


@pytest.mark.parametrize(("centering", "variants"), [("none", GRID), ("position", CENTERED)])
def test_every_variant_is_what_the_literal_loop_trains(
    category: Make, centering: Centering, variants: list[Variant]
) -> None:
    one, asked = category(), replace(job(), variants={centering: variants})
    projector.on_maps([one], asked)
    found = {
        Variant(described["center"], described["center_norm"], described["repetition"]): distance
        for described, distance in asked.result.maps["tile"]
        if described["centering"] == centering
    }
    assert found.keys() == set(variants)
    source = one.centered(centering)
    batches = algorithm1.map_batches(source, one.train, TRAINING)
    for variant in variants:
        begun = start(SEEDS, "tile", one.mean(centering), [variant])
        module = algorithm1.layer("conv1x1", begun.weight[0], begun.bias[0])
        algorithm1.train(module, begun.center[0], batches, orders(SEEDS, "tile", 20, 3, variant.repetition), TRAINING)
        expected = algorithm1.score_maps(module, begun.center[0], source, one.test).distance[0]
        np.testing.assert_allclose(found[variant], expected, rtol=1e-3, atol=1e-3)


def test_norm_and_angle_are_those_of_the_literal_loop_after_each_epoch(category: Make) -> None:
    one, asked = category(), job()
    projector.on_maps([one], asked)
    history = pd.DataFrame(asked.result.history)
    own = history[history["metric"] == "center_norm"]
    assert own["center"].tolist() == ["mean_feature_unscaled"] * 2 and own["center_norm"].isna().all()
    assert own["value"].tolist() == pytest.approx([float(one.mean("none").norm())] * 2)
    assert len(history) == len(GRID) * 3 * (TRAINING.epochs + 1) + 2
    literal = start(SEEDS, "tile", one.mean("none"), [GRID[0]])
    order = orders(SEEDS, "tile", 20, TRAINING.epochs, 0)
    maps = align(next(iter(one.source.batches(one.train, 20))))
    features = augment(maps.movedim(1, -1).flatten(0, 2))  # of every position
    mine = history[(history["center"] == "gaussian") & (history["center_norm"] == 1) & (history["repetition"] == 0)]
    for epochs in range(TRAINING.epochs + 1):
        module = algorithm1.layer("conv1x1", literal.weight[0], literal.bias[0])
        batches = algorithm1.map_batches(one.source, one.train, TRAINING)
        algorithm1.train(module, literal.center[0], batches, order[:epochs], TRAINING)
        weight, bias = (part.detach() for part in module.parameters())
        trained = Projectors(weight.flatten(1)[None], bias[None], literal.center)
        [expected] = convergence.of_moments(trained, features.T @ features / len(features))
        found = mine[mine["step"] == epochs].set_index("metric")["value"].to_dict()
        assert found == pytest.approx(expected, rel=1e-3)


def test_neither_kept_moments_nor_groups_matter(category: Make) -> None:
    """No memory at all: one projector at a time, moments recomputed at every step."""
    together, alone = job(), job(memory_mb=0)
    for asked in (together, alone):
        projector.on_maps([category()], asked)
    by_variant = {str(described): distance for described, distance in alone.result.maps["tile"]}
    assert len(by_variant) == len(together.result.maps["tile"]) == len(GRID)
    for described, distance in together.result.maps["tile"]:
        np.testing.assert_allclose(distance, by_variant[str(described)], rtol=1e-4, atol=1e-4)


def test_batches_of_everything_are_the_full_batch(category: Make) -> None:
    small, full = job(batch_size=20), job(batch_size=20)
    projector.on_maps([category()], small)
    full_batch.on_maps([category()], full)
    for (some, one), (others, other) in zip(small.result.maps["tile"], full.result.maps["tile"], strict=True):
        assert some == others | {"method": "projector"} and others["method"] == "full_batch"
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)


def test_the_full_batch_takes_as_many_steps_as_the_mini_batches(category: Make) -> None:
    one, asked = category(), job()
    counts = [len(list(steps(one, "none", asked)([1, 2]))) for steps in (learning.minibatch, learning.full_batch)]
    assert counts == [9, 9], "three epochs of batches of 8, 8 and 4"


def test_moments_of_a_choice_of_images(category: Make) -> None:
    one = category()
    kept, recomputed = (Moments(one.source, one.train, 15, memory) for memory in (100, 0))
    images = torch.tensor([3, 17, 4, 9, 11])
    torch.testing.assert_close(kept.mean(images), recomputed.mean(images))
    torch.testing.assert_close(kept.mean(torch.arange(20)).double(), one.statistics.moment, rtol=1e-5, atol=1e-6)


def test_a_position_inside_the_hypersphere_is_an_error(category: Make) -> None:
    with pytest.raises(UserError, match="inside the hypersphere of radius 100"):
        full_batch.on_maps([category()], job(epochs=1, radius=100))


def test_the_default_model_is_kept(category: Make) -> None:
    asked = job()
    projector.on_maps([category()], asked)
    assert {name: array.shape for name, array in asked.result.models.items()} == {
        "tile.none.weight": (15, 15),
        "tile.none.bias": (15,),
        "tile.none.center": (15,),
    }


def test_the_loss_scale_multiplies_the_gradient() -> None:
    begun = start(SEEDS, "x", torch.ones(3), [Variant("gaussian", 1, 0)])
    moments = torch.eye(4)[None] + 1
    slopes = []
    for scale in (1.0, 3.0):
        learner = Learner(begun, 1, replace(TRAINING, loss_scale=scale))
        learner.step(moments)
        slopes.append(learner._slope.clone())
    torch.testing.assert_close(3 * slopes[0], slopes[1])

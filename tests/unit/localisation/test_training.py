"""Training from moments takes the very steps of the literal loop."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from oneclass.errors import UserError
from oneclass.localisation import reference, training
from oneclass.localisation.category import Category
from oneclass.localisation.moments import Centring
from oneclass.localisation.results import Result
from oneclass.localisation.training import Learner, Moments
from oneclass.objective.starts import batch_orders
from oneclass.objective.training import Adam, Seeds
from oneclass.objective.variants import Variant, grid

Make = Callable[..., Category]
Empty = Callable[[], Result]

ADAM = Adam(learning_rate=1e-2, weight_decay=5e-4, radius=1e-5, loss_scale=1)
SEEDS = Seeds(1024, "toy")
GRID = grid([1, 8], 1, ["normal", "ones"], seeds=2)


def run(found: Result, one: Category, method: str = "ours", centring: Centring = "none", **settings: int) -> Result:
    schedule = {"epochs": 3, "batch_size": 8, "memory_mb": 100} | settings
    training.run(
        [one],
        method,
        {centring: GRID},
        lambda category, centring: training.STEPS[method](category, centring, **schedule),
        ADAM,
        SEEDS,
        schedule["memory_mb"],
        found,
    )
    return found


@pytest.mark.parametrize("centring", ["none", "position"])
def test_every_variant_is_what_the_literal_loop_trains(category: Make, empty: Empty, centring: Centring) -> None:
    one = category()
    found = {}
    for described, distance in run(empty(), one, centring=centring).maps[one.name]:
        found[str(Variant(described["center"], described["norm"], described["seed"]))] = distance
    data = training.start(one.name, one.statistics.centred(centring)[-1, :-1].float())
    for variant in GRID:
        start = SEEDS.start(data, [variant])
        module = reference.layer("conv1x1", start.weight[0], start.bias[0])
        orders = batch_orders(20, 3, SEEDS.of("order", data, variant.seed))
        source = one.centred(centring)
        reference.train(module, start.center[0], source, one.train, orders, ADAM, batch_size=8)
        expected = reference.score(module, start.center[0], source, one.test).distance[0]
        np.testing.assert_allclose(found[str(variant)], expected, rtol=1e-3, atol=1e-3)


def test_the_two_kinds_of_projector_are_one_function(category: Make, empty: Empty) -> None:
    found = empty()
    variant = Variant("normal", 1, 0)
    reference.run([category()], ["conv1x1", "linear"], variant, ADAM, SEEDS, epochs=2, batch_size=8, result=found)
    (first, convolution), (second, linear) = found.maps["tile"]
    assert [first["projector"], second["projector"]] == ["conv1x1", "linear"]
    np.testing.assert_allclose(convolution, linear, rtol=1e-3, atol=1e-4)


def test_neither_kept_moments_nor_groups_matter(category: Make, empty: Empty) -> None:
    """No memory at all: one projector at a time, moments recomputed at every step."""
    together, alone = run(empty(), category()).maps["tile"], run(empty(), category(), memory_mb=0).maps["tile"]
    ordered = {str(described): distance for described, distance in alone}
    for described, distance in together:
        np.testing.assert_allclose(distance, ordered[str(described)], rtol=1e-4, atol=1e-4)


def test_batches_of_everything_are_the_full_batch(category: Make, empty: Empty) -> None:
    small, full = (
        run(empty(), category(), batch_size=20),
        run(empty(), category(), method="ours_moments", batch_size=20),
    )
    for (_, some), (_, other) in zip(small.maps["tile"], full.maps["tile"], strict=True):
        np.testing.assert_allclose(some, other, rtol=1e-3, atol=1e-3)


def test_moments_of_a_choice_of_images(category: Make, empty: Empty) -> None:
    one = category()
    kept, recomputed = (Moments(one.source, one.train, 15, memory) for memory in (100, 0))
    images = torch.tensor([3, 17, 4, 9, 11])
    torch.testing.assert_close(kept.mean(images), recomputed.mean(images))
    torch.testing.assert_close(kept.mean(torch.arange(20)).double(), one.statistics.moment, rtol=1e-5, atol=1e-6)


def test_a_position_inside_the_hypersphere_is_an_error(category: Make, empty: Empty) -> None:
    one = category()
    wide = Adam(1e-2, 5e-4, radius=100, loss_scale=1)
    with pytest.raises(UserError, match="inside the hypersphere of radius 100"):
        training.run(
            [one],
            "ours_moments",
            {"none": GRID[:1]},
            lambda category, centring: training.full_batch(category, centring, 1, 8, 1),
            wide,
            SEEDS,
            1,
            empty(),
        )


def test_the_reference_model_is_kept(category: Make, empty: Empty) -> None:
    models = run(empty(), category()).models
    assert {name: array.shape for name, array in models.items()} == {
        "tile.none.weight": (15, 15),
        "tile.none.bias": (15,),
        "tile.none.center": (15,),
    }


def test_the_loss_scale_multiplies_the_gradient() -> None:
    start = SEEDS.start(training.start("x", torch.ones(3)), [Variant("normal", 1, 0)])
    moments = torch.eye(4)[None] + 1
    slopes = []
    for scale in (1.0, 3.0):
        learner = Learner(start, 1, Adam(1e-4, 0, 1e-5, scale))
        learner.step(moments)
        slopes.append(learner._slope.clone())
    torch.testing.assert_close(3 * slopes[0], slopes[1])

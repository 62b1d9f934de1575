"""Protocol C: batches of one, one pass, nothing known beforehand."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch

from oneclass.localisation import closed_form, online, reference, training
from oneclass.localisation.category import Category
from oneclass.localisation.results import Result
from oneclass.objective.starts import batch_orders
from oneclass.objective.training import Adam, Seeds
from oneclass.objective.variants import grid

Make = Callable[..., Category]
Empty = Callable[[], Result]

ADAM = Adam(learning_rate=1e-2, weight_decay=5e-4, radius=1e-5, loss_scale=1)
SEEDS = Seeds(1024, "toy")
GRID = grid([1, 8], 1, ["normal"], seeds=2)


def run(found: Result, one: Category, masks: dict[str, np.ndarray]) -> Result:
    online.run([one], GRID, ADAM, SEEDS, masks, 100, found)
    return found


def test_the_projector_is_the_literal_loop_with_batches_of_one(category: Make, empty: Empty) -> None:
    one = category()
    maps = {
        (described["norm"], described["seed"]): distance
        for described, distance in run(empty(), one, {}).maps["tile"]
        if described["method"] == "ours"
    }
    data = training.start(one.name, torch.zeros(15))
    for variant in GRID:
        start = SEEDS.start(data, [variant])
        module = reference.layer("conv1x1", start.weight[0], start.bias[0])
        orders = batch_orders(20, 1, SEEDS.of("order", data, variant.seed))
        reference.train(module, start.center[0], one.source, one.train, orders, ADAM, batch_size=1)
        expected = reference.score(module, start.center[0], one.source, one.test).distance[0]
        np.testing.assert_allclose(maps[variant.norm, variant.seed], expected, rtol=1e-3, atol=1e-3)


def test_after_all_images_the_closed_form_is_that_of_protocol_b(category: Make, empty: Empty) -> None:
    one = category()
    offline = empty()
    closed_form.run([one], {"none": [1, 8]}, offline)
    expected = {described["norm"]: distance for described, distance in offline.maps["tile"]}
    for described, distance in run(empty(), one, {}).maps["tile"]:
        if described["method"] == "ours_closed_form":
            assert described["protocol"] == "C"
            np.testing.assert_allclose(distance, expected[described["norm"]], rtol=1e-3, atol=1e-4)


def test_learning_curves(category: Make, empty: Empty, corner: np.ndarray) -> None:
    log = pd.DataFrame(run(empty(), category(), {"tile": corner}).log)
    assert sorted(log["step"].unique()) == [1, 4, 16, 20]
    counts = log.groupby(["method", "metric", "step"]).size()
    assert set(counts) == {4}, "two norms and two repetitions everywhere"
    assert set(log["metric"]) == {"image_auroc", "pixel_auroc"}
    last = log[(log["step"] == 20) & (log["method"] == "ours_closed_form")]
    assert last["value"].min() > 90


def test_without_masks_there_is_no_pixel_curve(category: Make, empty: Empty) -> None:
    assert {row["metric"] for row in run(empty(), category(), {}).log} == {"image_auroc"}


@pytest.mark.parametrize(("count", "expected"), [(1, [1]), (4, [1, 4]), (20, [1, 4, 16, 20])])
def test_checkpoints(count: int, expected: list[int]) -> None:
    assert online.checkpoints(count) == expected

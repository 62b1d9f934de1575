"""Protocol C: batches of one, one pass, nothing known beforehand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from oneclass.objective.job import Job, Training
from oneclass.objective.localisation.category import Category
from oneclass.objective.methods import algorithm1, closed_form, online
from oneclass.objective.result import Result, keeper
from oneclass.objective.starts import orders, start
from oneclass.objective.variants import grid
from oneclass.training.trials import Seeds

TRAINING = Training(learning_rate=1e-2, weight_decay=5e-4, radius=1e-5, loss_scale=1, epochs=7, batch_size=16)
GRID = grid([1, 8], 1, ["gaussian"], 2)


def run(category: Category) -> Job:
    job = Job(Seeds(1024, "toy"), TRAINING, {"none": GRID}, 1, 100, Result("B", keeper(1)), sigma=2.0)
    online.on_maps([category], job)
    return job


def test_the_projector_is_the_literal_loop_with_batches_of_one(tile: Category) -> None:
    job = run(tile)
    maps = {
        (described["center_norm"], described["repetition"]): distance
        for described, distance in job.result.maps["tile"]
        if described["method"] == "projector"
    }
    assert len(maps) == len(GRID)
    one_by_one = algorithm1.map_batches(tile.source, tile.train, replace(TRAINING, batch_size=1))
    for variant in GRID:
        begun = start(job.seeds, "tile", torch.zeros(15), [variant])
        module = algorithm1.layer("conv1x1", begun.weight[0], begun.bias[0])
        order = orders(job.seeds, "tile", 20, 1, variant.repetition)
        algorithm1.train(module, begun.center[0], one_by_one, order, TRAINING)
        expected = algorithm1.score_maps(module, begun.center[0], tile.source, tile.test).distance[0]
        np.testing.assert_allclose(maps[variant.center_norm, variant.repetition], expected, rtol=1e-3, atol=1e-3)


def test_after_all_images_the_closed_form_is_that_of_protocol_b(tile: Category) -> None:
    job = run(tile)
    offline = replace(job, result=Result("B", keeper(1)))
    closed_form.on_maps([tile], offline)
    expected = {described["center_norm"]: distance for described, distance in offline.result.maps["tile"]}
    found = [one for one in job.result.maps["tile"] if one[0]["method"] == "closed_form"]
    assert len(found) == 4, "two norms and two repetitions"
    for described, distance in found:
        assert described["protocol"] == "C" and described["center"] is described["projector"] is None
        np.testing.assert_allclose(distance, expected[described["center_norm"]], rtol=1e-3, atol=1e-4)


def test_learning_curves(tile: Category) -> None:
    history = pd.DataFrame(run(tile).result.history)
    assert sorted(history["step"].unique()) == [1, 4, 16, 20]
    counts = history.groupby(["method", "metric", "step"]).size()
    assert set(counts) == {4}, "two norms and two repetitions everywhere"
    assert set(history["metric"]) == {"image_auroc", "pixel_auroc"} and set(history["protocol"]) == {"C"}
    last = history[(history["step"] == 20) & (history["method"] == "closed_form")]
    assert last["value"].min() > 90


def test_without_masks_there_is_no_pixel_curve(tile: Category) -> None:
    unmasked = replace(tile.tested, table=tile.tested.table.assign(mask=""))
    job = run(replace(tile, tested=unmasked))
    assert {row["metric"] for row in job.result.history} == {"image_auroc"}
    kept = [(described["center_norm"], described["repetition"]) for described, _ in job.result.maps["tile"]]
    assert kept == [(1, 0), (1, 0)], "of each learner what figures show"


@pytest.mark.parametrize(("count", "expected"), [(1, [1]), (4, [1, 4]), (20, [1, 4, 16, 20])])
def test_checkpoints(count: int, expected: list[int]) -> None:
    assert online.checkpoints(count) == expected

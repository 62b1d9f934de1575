"""The batched mini-batch training against the paper's literal loop, and whatever the grouping."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from oneclass.objective.job import Job, Training
from oneclass.objective.methods import algorithm1, projector
from oneclass.objective.projector import Projectors
from oneclass.objective.result import Result, keeper
from oneclass.objective.starts import batch_orders, orders, start
from oneclass.objective.variants import Variant, grid
from oneclass.objective.vectors import VectorClass
from oneclass.training.trials import Seeds

TRAINING = Training(learning_rate=1e-3, weight_decay=5e-4, radius=1e-5, loss_scale=1, epochs=4, batch_size=16)
SEEDS = Seeds(1024, "toy")
Toy = Callable[..., VectorClass]
Stack = Callable[..., Projectors]


@pytest.mark.parametrize("kind", algorithm1.LAYERS)
@pytest.mark.parametrize(
    ("changed", "dtype"),
    [
        ({}, torch.float64),
        ({}, torch.float32),
        ({"batch_size": 64}, torch.float64),
        ({"loss_scale": 1000}, torch.float64),
        ({"weight_decay": 0, "batch_size": 7}, torch.float64),
        ({"radius": 2.5}, torch.float64),
    ],
    ids=["partial batch", "float32", "one batch", "loss scale", "no decay", "large radius"],
)
def test_equals_the_literal_loop(
    kind: algorithm1.Layer, changed: dict[str, float], dtype: torch.dtype, toy: Toy, stack: Stack
) -> None:
    """Two runs (images and orders of their own) of two projectors each, in one stack."""
    training = replace(TRAINING, **changed)
    runs = [toy("cat", dtype=dtype), toy("horse", dtype=dtype)]
    order = torch.stack([batch_orders(40, 4, seed) for seed in (1, 2)])
    trained = stack(16, [1.0, 4.0, 1.0, 4.0])
    trained = Projectors(trained.weight.to(dtype), trained.bias.to(dtype), trained.center.to(dtype))
    begun = Projectors(trained.weight.clone(), trained.bias.clone(), trained.center.clone())
    epochs: list[int] = []
    images = torch.stack([data.train for data in runs])
    inside = [(p.distances(images[k // 2]) <= training.radius).double().mean() for k, p in enumerate(split(begun))]
    projector.fit(trained, images, order, training, epochs.append)

    assert epochs == [1, 2, 3, 4]
    assert 0 < max(inside) < 1 if training.radius > 1 else max(inside) == 0  # the hinge has both sides, or one
    assert torch.equal(trained.center, begun.center)
    tolerance = {"rtol": 1e-9, "atol": 1e-11} if dtype == torch.float64 else {"rtol": 1e-3, "atol": 2e-5}
    for k, data in enumerate([runs[0], runs[0], runs[1], runs[1]]):
        module = algorithm1.layer(kind, begun.weight[k], begun.bias[k]).to(dtype)
        module.load_state_dict({"weight": begun.weight[k].view_as(next(module.parameters())), "bias": begun.bias[k]})
        batches = algorithm1.in_batches(data.train, training)
        algorithm1.train(module, begun.center[k], batches, order[k // 2], training)
        weight, bias = (parameter.detach() for parameter in module.parameters())
        torch.testing.assert_close(trained.weight[k], weight.view(16, 16), **tolerance)
        torch.testing.assert_close(trained.bias[k], bias, **tolerance)
        assert (trained.weight[k] - begun.weight[k]).abs().max() > TRAINING.learning_rate


def split(projectors: Projectors) -> list[Projectors]:
    return [projectors.part(k, k + 1) for k in range(len(projectors))]


def literal_scores(data: VectorClass, variant: Variant, training: Training) -> pd.DataFrame:
    """One projector by itself, by the literal loop."""
    begun = start(SEEDS, data.class_name, data.train.mean(0), [variant])
    module = algorithm1.layer("conv1x1", begun.weight[0], begun.bias[0])
    order = orders(SEEDS, data.class_name, len(data.train), training.epochs, variant.repetition)
    algorithm1.train(module, begun.center[0], algorithm1.in_batches(data.train, training), order, training)
    scores = algorithm1.score(module, begun.center[0], data.test).numpy()
    tested = {"class": data.class_name, "id": data.ids, "label": data.labels, "score": scores}
    return pd.DataFrame(vars(variant) | tested)


def test_the_grouping_does_not_matter(toy: Toy) -> None:
    size = 240  # a projector takes 1.1 MB: memory for none, for three, and for all
    classes = [toy(name, count, size) for name, count in (("cat", 20), ("horse", 12), ("sheep", 20))]
    variants, training = grid([1, 8], 1, ["gaussian", "ones"], 2), replace(TRAINING, epochs=2, batch_size=8)
    keys = ["class", "center", "center_norm", "repetition", "id"]
    alone = [literal_scores(data, variant, training) for data in classes for variant in variants]
    expected = pd.concat(alone, ignore_index=True).sort_values(keys)
    for memory_mb in (1, 4, 1000):
        result = Result("A", keeper(1, ["horse"]))
        projector.on_vectors(classes, Job(SEEDS, training, {"none": variants}, 1, memory_mb, result))
        scores = pd.concat(result.scores).sort_values(keys)
        assert scores[keys].to_numpy().tolist() == expected[keys].to_numpy().tolist()
        assert (scores["label"].to_numpy() == expected["label"].to_numpy()).all()
        assert set(scores["method"]) == {"projector"} and set(scores["projector"]) == {"conv1x1"}
        np.testing.assert_allclose(scores["score"], expected["score"], rtol=2e-4)
        kept = {f"{name}.gaussian.weight" for name in ("cat", "horse", "sheep")} | {"horse.ones.weight"}
        assert {name for name in result.models if name.endswith("weight")} == kept
        for metric, recorded in (("image_auroc", (2,)), ("training_norm", (0, 1, 2))):
            history = pd.DataFrame(result.history)
            steps = history[history["metric"] == metric].groupby(keys[:-1])["step"].apply(list)
            assert len(steps) == len(classes) * len(variants) and set(map(tuple, steps)) == {recorded}

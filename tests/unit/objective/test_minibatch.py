"""The batched mini-batch training against the paper's literal loop, and whatever the grouping."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from oneclass.objective import minibatch, reference
from oneclass.objective.classes import Data
from oneclass.objective.projector import Projectors
from oneclass.objective.starts import batch_orders
from oneclass.objective.training import Adam, Seeds, keeper
from oneclass.objective.variants import grid

ADAM = Adam(learning_rate=1e-3, weight_decay=5e-4, radius=1e-5, loss_scale=1)
Toy = Callable[..., Data[Tensor]]
Stack = Callable[..., Projectors]


def literal_training(
    module: nn.Linear, center: Tensor, images: Tensor, orders: Tensor, adam: Adam, batch_size: int
) -> None:
    """Algorithm 1, sample by sample (Equation 15)."""
    optimiser = torch.optim.Adam(module.parameters(), lr=adam.learning_rate, weight_decay=adam.weight_decay)
    for order in orders.tolist():
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            losses = [((module(images[row]) - center) ** 2).sum() - adam.radius**2 for row in rows]
            loss = adam.loss_scale * sum(torch.relu(loss) for loss in losses) / len(rows)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()


@pytest.mark.parametrize("kind", ["conv1x1", "linear"])
def test_the_reference_is_the_papers_algorithm(kind: reference.Layer, toy: Toy, stack: Stack) -> None:
    data, start = toy(count=10, size=4, dtype=torch.float64), stack(4, [1.0])
    orders, adam = batch_orders(10, 3, 1), replace(ADAM, radius=1.2, loss_scale=7)
    literal = nn.Linear(4, 4).double()
    literal.load_state_dict({"weight": start.weight[0], "bias": start.bias[0]})
    literal_training(literal, start.center[0], data.train, orders, adam, 4)
    module = reference.layer(kind, start.weight[0].float(), start.bias[0].float()).double()
    module.load_state_dict({"weight": start.weight[0].view_as(next(module.parameters())), "bias": start.bias[0]})
    reference.train(module, start.center[0], data.train, orders, adam, batch_size=4)
    with torch.no_grad():
        expected = (literal(data.test) - start.center[0]).norm(dim=1)
    torch.testing.assert_close(reference.score(module, start.center[0], data.test), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["conv1x1", "linear"])
@pytest.mark.parametrize(
    ("changed", "batch_size", "dtype"),
    [
        ({}, 16, torch.float64),
        ({}, 16, torch.float32),
        ({}, 64, torch.float64),
        ({"loss_scale": 1000}, 16, torch.float64),
        ({"weight_decay": 0}, 7, torch.float64),
        ({"radius": 2.5}, 16, torch.float64),
    ],
    ids=["partial batch", "float32", "one batch", "loss scale", "no decay", "large radius"],
)
def test_equals_the_reference(
    kind: reference.Layer, changed: dict[str, float], batch_size: int, dtype: torch.dtype, toy: Toy, stack: Stack
) -> None:
    """Two runs (images and orders of their own) of two projectors each, in one stack."""
    adam = replace(ADAM, **changed)
    runs = [toy("cat", dtype=dtype), toy("horse", dtype=dtype)]
    orders = torch.stack([batch_orders(40, 4, seed) for seed in (1, 2)])
    trained = stack(16, [1.0, 4.0, 1.0, 4.0])
    trained = Projectors(trained.weight.to(dtype), trained.bias.to(dtype), trained.center.to(dtype))
    start = Projectors(trained.weight.clone(), trained.bias.clone(), trained.center.clone())
    epochs: list[int] = []
    images = torch.stack([data.train for data in runs])
    inside = [(p.distances(images[k // 2]) <= adam.radius).double().mean() for k, p in enumerate(split(start))]
    minibatch.fit(trained, images, orders, adam, batch_size=batch_size, on_epoch=epochs.append)

    assert epochs == [0, 1, 2, 3]
    assert 0 < max(inside) < 1 if adam.radius > 1 else max(inside) == 0  # the hinge has both sides, or one
    assert torch.equal(trained.center, start.center)
    tolerance = {"rtol": 1e-9, "atol": 1e-11} if dtype == torch.float64 else {"rtol": 1e-3, "atol": 2e-5}
    for k, data in enumerate([runs[0], runs[0], runs[1], runs[1]]):
        module = reference.layer(kind, start.weight[k], start.bias[k]).to(dtype)
        module.load_state_dict({"weight": start.weight[k].view_as(next(module.parameters())), "bias": start.bias[k]})
        reference.train(module, start.center[k], data.train, orders[k // 2], adam, batch_size=batch_size)
        weight, bias = (parameter.detach() for parameter in module.parameters())
        torch.testing.assert_close(trained.weight[k], weight.view(16, 16), **tolerance)
        torch.testing.assert_close(trained.bias[k], bias, **tolerance)
        assert (trained.weight[k] - start.weight[k]).abs().max() > ADAM.learning_rate


def split(projectors: Projectors) -> list[Projectors]:
    return [projectors.part(k, k + 1) for k in range(len(projectors))]


def one_by_one(classes: list[Data[Tensor]], variants: list[Any], seeds: Seeds) -> pd.DataFrame:
    results = [
        reference.run([data], ["conv1x1"], variant, ADAM, seeds, epochs=2, batch_size=8)
        for data in classes
        for variant in variants
    ]
    return pd.concat([frame for result in results for frame in result.scores], ignore_index=True)


def test_the_grouping_does_not_matter(toy: Toy) -> None:
    size = 240  # a projector takes 1.1 MB: memory for none, for three, and for all
    classes = [toy(name, count, size) for name, count in (("cat", 20), ("horse", 12), ("sheep", 20))]
    variants, seeds = grid([1, 8], 1, ["normal", "ones"], 2), Seeds(1024, "toy")
    keys = ["class", "center", "norm", "seed", "id"]
    expected = one_by_one(classes, variants, seeds).sort_values(keys)
    for memory_mb in (1, 4, 1000):
        result = minibatch.run(
            classes, variants, ADAM, seeds, epochs=2, batch_size=8, memory_mb=memory_mb, keep=keeper(1, "horse")
        )
        scores = pd.concat(result.scores).sort_values(keys)
        assert scores[keys].to_numpy().tolist() == expected[keys].to_numpy().tolist()
        assert (scores["label"].to_numpy() == expected["label"].to_numpy()).all()
        np.testing.assert_allclose(scores["score"], expected["score"], rtol=2e-4)
        kept = {f"{name}.normal.weight" for name in ("cat", "horse", "sheep")} | {"horse.ones.weight"}
        assert {name for name in result.models if name.endswith("weight")} == kept
        steps = pd.DataFrame(result.log).query("metric == 'image_auroc'").groupby(keys[:-1])["step"].apply(list)
        assert len(steps) == len(classes) * len(variants) and set(map(tuple, steps)) == {(1.0, 2.0)}


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.sampled_from([5, 6, 7]), min_size=1, max_size=6),
    size=st.sampled_from([32, 100, 160, 300]),
    norms=st.integers(1, 6),
    repetitions=st.integers(1, 3),
    memory_mb=st.integers(1, 5),
)
def test_groups_cover_everything_once_within_the_budget(
    counts: list[int], size: int, norms: int, repetitions: int, memory_mb: int
) -> None:
    labels, ids = np.zeros(0, np.int8), np.zeros(0, str)
    classes = [Data(str(k), torch.empty(n, size), torch.empty(0, size), ids, labels) for k, n in enumerate(counts)]
    variants = grid([float(k + 1) for k in range(norms)], 1, ["normal", "ones"], repetitions)
    seen: Counter[tuple[object, ...]] = Counter()
    for runs, pairs in minibatch.groups(classes, variants, memory_mb):
        seen.update((data.class_name, n, *pair) for data, n in runs for pair in pairs)
        assert len({len(data.train) for data, _ in runs}) == 1
        together = len(runs) * len(pairs)
        weights_mb = together * size * (size + 1) * 4 / 2**20
        assert together == 1 or 4 * weights_mb <= memory_mb  # weights, gradient and Adam's two moments
    assert seen == Counter((data.class_name, v.seed, v.center, v.norm) for data in classes for v in variants)

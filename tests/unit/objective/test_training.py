"""Seeds by name, what is recorded, and which models are kept."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from oneclass.metrics import auroc, cosine_between
from oneclass.objective.classes import Data
from oneclass.objective.results import Result
from oneclass.objective.training import Member, Seeds, keeper, record, record_epoch, to_device
from oneclass.objective.variants import Variant, grid

Toy = Callable[..., Data[Tensor]]
VARIANTS = grid([1, 8], 1, ["normal", "uniform", "ones", "features"], 2)


@pytest.fixture
def seeds() -> Seeds:
    return Seeds(1024, "toy")


def test_a_start_depends_neither_on_order_nor_on_company(toy: Toy, seeds: Seeds) -> None:
    data = toy()
    together = seeds.start(data, VARIANTS)
    backwards = seeds.start(data, VARIANTS[::-1])
    for k, variant in enumerate(VARIANTS):
        alone = seeds.start(data, [variant])
        for part in ("weight", "bias", "center"):
            wanted = getattr(together, part)[k]
            assert torch.equal(wanted, getattr(alone, part)[0])
            assert torch.equal(wanted, getattr(backwards, part)[len(VARIANTS) - 1 - k])


def test_the_variants_of_a_repetition_compare_in_pairs(toy: Toy, seeds: Seeds) -> None:
    start = seeds.start(toy(), VARIANTS)
    by_repetition = [[k for k, variant in enumerate(VARIANTS) if variant.seed == n] for n in (0, 1)]
    for members in by_repetition:
        assert all(torch.equal(start.weight[k], start.weight[members[0]]) for k in members)
        assert all(torch.equal(start.bias[k], start.bias[members[0]]) for k in members)
    assert not torch.equal(start.weight[by_repetition[0][0]], start.weight[by_repetition[1][0]])
    small, large = (VARIANTS.index(Variant("normal", norm, 0)) for norm in (1, 8))
    torch.testing.assert_close(start.center[large], 8 * start.center[small])
    again = VARIANTS.index(Variant("normal", 1, 1))
    assert not torch.allclose(start.center[small], start.center[again])


@pytest.mark.parametrize(
    ("other", "name", "repetition"),
    [
        (Seeds(1024, "toy"), "horse", 0),
        (Seeds(1024, "toy"), "cat", 1),
        (Seeds(1024, "other"), "cat", 0),
        (Seeds(1, "toy"), "cat", 0),
    ],
)
def test_everything_else_starts_elsewhere(toy: Toy, seeds: Seeds, other: Seeds, name: str, repetition: int) -> None:
    data, variant = toy("cat"), Variant("normal", 1, 0)
    moved = Data(name, data.train, data.test, data.ids, data.labels)
    first, second = seeds.start(data, [variant]), other.start(moved, [Variant("normal", 1, repetition)])
    assert not torch.allclose(first.weight, second.weight)
    assert not torch.allclose(first.center, second.center)
    assert not torch.equal(seeds.orders(data, 1, 0), other.orders(moved, 1, repetition))


def test_purposes_have_seeds_of_their_own(toy: Toy, seeds: Seeds) -> None:
    assert len({seeds.of(purpose, toy(), 0) for purpose in ("init", "order", "center normal")}) == 3


@pytest.mark.parametrize(
    ("name", "variant", "kept"),
    [
        ("cat", Variant("normal", 8, 0), True),
        ("cat", Variant("normal", 8, 1), False),
        ("cat", Variant("normal", 1, 0), False),
        ("cat", Variant("ones", 8, 0), False),
        ("dog", Variant("ones", 8, 0), True),
        ("dog", Variant("ones", 8, 1), False),
        ("dog", Variant("normal", 8, 0), True),
    ],
)
def test_keeper(toy: Toy, name: str, variant: Variant, kept: bool) -> None:
    assert keeper(8, "dog")(toy(name), variant) is kept


def test_what_is_recorded(toy: Toy, seeds: Seeds) -> None:
    data, variants, result = toy(), [Variant("normal", 1, 0), Variant("ones", 1, 0)], Result()
    projectors = seeds.start(data, variants)
    members = [Member(data, variant, k) for k, variant in enumerate(variants)]
    record_epoch(result, projectors, members, 4)
    record(result, projectors, members, "ours", keeper(1))

    assert result.models.keys() == {f"cat.normal.{part}" for part in ("weight", "bias", "center")}
    log = pd.DataFrame(result.log).set_index(["center", "metric"])
    for k, variant in enumerate(variants):
        weight, bias, center = (getattr(projectors, part)[k].double().numpy() for part in ("weight", "bias", "center"))
        z = data.test.double().numpy() @ weight.T + bias
        scores = result.scores[k]
        norms = np.linalg.norm(z, axis=1)
        np.testing.assert_allclose(scores["score"], np.linalg.norm(z - center, axis=1), rtol=1e-5)
        np.testing.assert_allclose(scores["z_norm"], norms, rtol=1e-5)
        np.testing.assert_allclose(scores["z_cosine"], z @ center / norms / np.linalg.norm(center), atol=1e-5)
        rows = log.loc[variant.center]
        assert rows.loc["image_auroc", "value"] == pytest.approx(100 * auroc(data.labels, scores["score"]))
        assert rows.loc["image_auroc", "step"] == 5 and math.isnan(rows.loc["cosine", "step"])
        normal, anomalous = z[data.labels == 0], z[data.labels == 1]
        assert rows.loc["cosine", "value"] == pytest.approx(cosine_between(normal, anomalous), abs=1e-5)
        assert rows.loc["norm_normal", "value"] == pytest.approx(norms[data.labels == 0].mean(), rel=1e-5)
        assert rows.loc["norm_anomalous", "value"] == pytest.approx(norms[data.labels == 1].mean(), rel=1e-5)


def test_to_device_keeps_the_values() -> None:
    train, test = np.ones((3, 2), np.float32), np.zeros((2, 2), np.float32)
    moved = to_device([Data("cat", train, test, np.array(["a", "b"]), np.array([0, 1], np.int8))], "cpu")[0]
    assert np.array_equal(moved.train.numpy(), train) and np.array_equal(moved.test.numpy(), test)
    assert moved.ids.tolist() == ["a", "b"] and moved.labels.tolist() == [0, 1]

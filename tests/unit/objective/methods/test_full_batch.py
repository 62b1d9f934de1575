"""Training by second moments against full-batch gradients by autograd."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from oneclass.errors import UserError
from oneclass.objective.job import Job, Training
from oneclass.objective.methods import full_batch, projector
from oneclass.objective.projector import Projectors
from oneclass.objective.result import Result, keeper
from oneclass.objective.starts import batch_orders, start
from oneclass.objective.variants import grid
from oneclass.objective.vectors import VectorClass
from oneclass.training.trials import Seeds

TRAINING = Training(learning_rate=1e-3, weight_decay=5e-4, radius=1e-5, loss_scale=1, epochs=3, batch_size=64)
Toy = Callable[..., VectorClass]
Stack = Callable[..., Projectors]


def literal(begun: Projectors, k: int, images: Tensor, training: Training, steps: int) -> tuple[Tensor, Tensor]:
    """Adam on the mean loss over all images."""
    weight, bias = begun.weight[k].clone().requires_grad_(), begun.bias[k].clone().requires_grad_()
    optimiser = torch.optim.Adam([weight, bias], lr=training.learning_rate, weight_decay=training.weight_decay)
    for _ in range(steps):
        optimiser.zero_grad()
        distance = (images @ weight.T + bias - begun.center[k]).square().sum(1)
        (training.loss_scale * (distance - training.radius**2).clamp_min(0).mean()).backward()
        optimiser.step()
    return weight.detach(), bias.detach()


@pytest.mark.parametrize("count", [1, 7, 8, 9, 40])  # fewer than D / 2: through the factor of M
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"learning_rate": 1e-2, "weight_decay": 0, "loss_scale": 1000},
        {"weight_decay": 0.1, "radius": 0, "loss_scale": 0.5},
    ],
    ids=["default", "scaled", "decayed"],
)
def test_equals_full_batch_autograd(count: int, changed: dict[str, float], toy: Toy, stack: Stack) -> None:
    """An epoch takes as many steps as there are mini-batches, the last one in part."""
    batch_size = -(-count // 4)
    steps, training = -(-count // batch_size), replace(TRAINING, batch_size=batch_size, **changed)
    data, trained = toy(count=count, dtype=torch.float64), stack(16, [1.0, 8.0, 32.0])
    begun = stack(16, [1.0, 8.0, 32.0])
    epochs: list[int] = []
    full_batch.fit(trained, data.train, training, epochs.append)
    assert epochs == [1, 2, 3]
    for k in range(3):
        weight, bias = literal(begun, k, data.train, training, 3 * steps)
        torch.testing.assert_close(trained.weight[k], weight, rtol=1e-7, atol=1e-9)
        torch.testing.assert_close(trained.bias[k], bias, rtol=1e-7, atol=1e-9)


def test_equals_mini_batches_of_everything(toy: Toy, stack: Stack) -> None:
    data, by_moments, by_batches = toy(dtype=torch.float64), stack(16, [1.0, 8.0]), stack(16, [1.0, 8.0])
    training = replace(TRAINING, epochs=5, batch_size=40)
    full_batch.fit(by_moments, data.train, training)
    projector.fit(by_batches, data.train[None], batch_orders(40, 5, 0)[None], training)
    torch.testing.assert_close(by_moments.weight, by_batches.weight, rtol=1e-7, atol=1e-9)


def test_a_sample_inside_the_sphere_is_an_error(toy: Toy, stack: Stack) -> None:
    data = toy(dtype=torch.float64)
    nearest = float(stack(16, [1.0]).distances(data.train).min())
    still = replace(TRAINING, learning_rate=1e-12, weight_decay=0, radius=0.99 * nearest, epochs=1)
    full_batch.fit(stack(16, [1.0]), data.train, still)
    with pytest.raises(UserError, match=r"a sample is inside the hypersphere of radius .*; use a smaller") as error:
        full_batch.fit(stack(16, [1.0]), data.train, replace(still, radius=1.01 * nearest))
    assert "\n" not in str(error.value)


def test_on_vectors_trains_every_variant_of_every_class(toy: Toy) -> None:
    classes, variants = [toy("cat"), toy("horse", count=6)], grid([1, 8], 1, ["gaussian", "ones"], 2)
    seeds, result = Seeds(1024, "toy"), Result("A", keeper(1))
    full_batch.on_vectors(classes, Job(seeds, TRAINING, {"none": variants}, 1, 0, result))
    assert len(result.scores) == len(classes) * len(variants)
    found = iter(result.scores)
    for data in classes:
        begun = start(seeds, data.class_name, data.train.mean(0), variants)
        for k, variant in enumerate(variants):
            weight, bias = literal(begun, k, data.train, TRAINING, 3)
            expected = (data.test @ weight.T + bias - begun.center[k]).norm(dim=1)
            frame = next(found)
            assert frame["score"].tolist() == pytest.approx(expected.tolist(), rel=1e-3)
            columns = ["class", "method", "center", "center_norm", "repetition"]
            assert frame[columns].drop_duplicates().to_numpy().tolist() == [
                [data.class_name, "full_batch", variant.center, variant.center_norm, variant.repetition]
            ]

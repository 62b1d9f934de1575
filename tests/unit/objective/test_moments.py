"""Training by second moments against full-batch gradients by autograd."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from oneclass.errors import UserError
from oneclass.objective import minibatch, moments
from oneclass.objective.classes import Data
from oneclass.objective.projector import Projectors
from oneclass.objective.starts import batch_orders
from oneclass.objective.training import Adam

ADAM = Adam(learning_rate=1e-3, weight_decay=5e-4, radius=1e-5, loss_scale=1)
Toy = Callable[..., Data[Tensor]]
Stack = Callable[..., Projectors]


def literal(start: Projectors, k: int, images: Tensor, adam: Adam, steps: int) -> tuple[Tensor, Tensor]:
    """Adam on the mean loss over all images."""
    weight, bias = start.weight[k].clone().requires_grad_(), start.bias[k].clone().requires_grad_()
    optimiser = torch.optim.Adam([weight, bias], lr=adam.learning_rate, weight_decay=adam.weight_decay)
    for _ in range(steps):
        optimiser.zero_grad()
        distance = (images @ weight.T + bias - start.center[k]).square().sum(1)
        (adam.loss_scale * (distance - adam.radius**2).clamp_min(0).mean()).backward()
        optimiser.step()
    return weight.detach(), bias.detach()


@pytest.mark.parametrize("count", [1, 7, 8, 9, 40])  # fewer than D / 2: through the factor of M
@pytest.mark.parametrize(
    "adam", [ADAM, Adam(1e-2, 0, 1e-5, 1000), Adam(1e-3, 0.1, 0, 0.5)], ids=["default", "scaled", "decayed"]
)
def test_equals_full_batch_autograd(count: int, adam: Adam, toy: Toy, stack: Stack) -> None:
    data, trained = toy(count=count, dtype=torch.float64), stack(16, [1.0, 8.0, 32.0])
    start = stack(16, [1.0, 8.0, 32.0])
    epochs: list[int] = []
    moments.fit(trained, data.train, adam, epochs=3, steps_per_epoch=4, on_epoch=epochs.append)
    assert epochs == [0, 1, 2]
    for k in range(3):
        weight, bias = literal(start, k, data.train, adam, 12)
        torch.testing.assert_close(trained.weight[k], weight, rtol=1e-7, atol=1e-9)
        torch.testing.assert_close(trained.bias[k], bias, rtol=1e-7, atol=1e-9)


def test_equals_mini_batches_of_everything(toy: Toy, stack: Stack) -> None:
    data, by_moments, by_batches = toy(dtype=torch.float64), stack(16, [1.0, 8.0]), stack(16, [1.0, 8.0])
    moments.fit(by_moments, data.train, ADAM, epochs=5, steps_per_epoch=1)
    minibatch.fit(by_batches, data.train[None], batch_orders(40, 5, 0)[None], ADAM, batch_size=40)
    torch.testing.assert_close(by_moments.weight, by_batches.weight, rtol=1e-7, atol=1e-9)


def test_a_sample_inside_the_sphere_is_an_error(toy: Toy, stack: Stack) -> None:
    data = toy(dtype=torch.float64)
    nearest = float(stack(16, [1.0]).distances(data.train).min())
    still = Adam(learning_rate=1e-12, weight_decay=0, radius=0.99 * nearest, loss_scale=1)
    moments.fit(stack(16, [1.0]), data.train, still, epochs=1, steps_per_epoch=1)
    inside = Adam(learning_rate=1e-12, weight_decay=0, radius=1.01 * nearest, loss_scale=1)
    with pytest.raises(UserError, match=r"a sample is inside the hypersphere of radius .*; use a smaller") as error:
        moments.fit(stack(16, [1.0]), data.train, inside, epochs=1, steps_per_epoch=1)
    assert "\n" not in str(error.value)

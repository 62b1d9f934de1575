"""The literal form of paper 1's Algorithm 1, one projector at a time: the oracle of every faster path."""

from typing import Literal

import torch
from torch import Tensor, nn

Layer = Literal["conv1x1", "linear"]


def layer(kind: Layer, weight: Tensor, bias: Tensor) -> nn.Module:
    """The projector as the paper writes it, a 1x1 convolution, or a linear layer; filled with [E, D] and [E]."""
    outputs, inputs = weight.shape
    module: nn.Conv2d | nn.Linear = nn.Conv2d(inputs, outputs, 1) if kind == "conv1x1" else nn.Linear(inputs, outputs)
    with torch.no_grad():
        module.weight.copy_(weight.view_as(module.weight))
        module.bias.copy_(bias)  # type: ignore[union-attr]
    return module


def apply(module: nn.Module, features: Tensor) -> Tensor:
    """z [N, E] of features [N, D]; a convolution sees each feature as a 1x1 map."""
    if isinstance(module, nn.Conv2d):
        return module(features[:, :, None, None]).flatten(1)
    return module(features)


def train(
    module: nn.Module,
    center: Tensor,
    images: Tensor,
    orders: Tensor,
    *,
    batch_size: int,
    learning_rate: float,
    weight_decay: float,
    radius: float,
    loss_scale: float,
) -> None:
    """Lines 6 to 8 of Algorithm 1 on features ``images`` [N, D] in the ``orders`` [epochs, N], in place."""
    optimiser = torch.optim.Adam(module.parameters(), lr=learning_rate, weight_decay=weight_decay)
    for order in orders:
        for rows in order.split(batch_size):
            distance = (apply(module, images[rows]) - center).square().sum(1)
            loss = loss_scale * (distance - radius**2).clamp_min(0).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()


def score(module: nn.Module, center: Tensor, features: Tensor) -> Tensor:
    """d = ||z - c|| [N] (Equation 16)."""
    with torch.no_grad():
        return (apply(module, features) - center).norm(dim=1)

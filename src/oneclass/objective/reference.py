"""The literal form of paper 1's Algorithm 1, one projector at a time: the oracle of every faster path, and Table S3."""

import itertools
from typing import Literal

import torch
from torch import Tensor, nn
from tqdm import tqdm

from oneclass.objective.results import Result
from oneclass.objective.training import Adam, Seeds, TensorData
from oneclass.objective.variants import Variant

Layer = Literal["conv1x1", "linear"]


def run(
    classes: list[TensorData],
    layers: list[Layer],
    variant: Variant,
    adam: Adam,
    seeds: Seeds,
    *,
    epochs: int,
    batch_size: int,
) -> Result:
    """Train and score each kind of projector on every class."""
    result = Result()
    for data, kind in tqdm(list(itertools.product(classes, layers)), desc=f"{seeds.dataset}, literal"):
        start = seeds.start(data, [variant])
        module = layer(kind, start.weight[0], start.bias[0])
        orders = seeds.orders(data, epochs, variant.seed)
        train(module, start.center[0], data.train, orders, adam, batch_size=batch_size)
        scores = score(module, start.center[0], data.test)
        result.add_scores(data, "ours", variant, projector=kind, score=scores.cpu().numpy())
    return result


def layer(kind: Layer, weight: Tensor, bias: Tensor) -> nn.Module:
    """The projector as the paper writes it, a 1x1 convolution, or a linear layer; filled with [E, D] and [E]."""
    outputs, inputs = weight.shape
    module: nn.Conv2d | nn.Linear = nn.Conv2d(inputs, outputs, 1) if kind == "conv1x1" else nn.Linear(inputs, outputs)
    module.load_state_dict({"weight": weight.view_as(module.weight), "bias": bias})
    return module.to(weight.device)


def apply(module: nn.Module, features: Tensor) -> Tensor:
    """z [N, E] of features [N, D]; a convolution sees each feature as a 1x1 map."""
    if isinstance(module, nn.Conv2d):
        z: Tensor = module(features[:, :, None, None]).flatten(1)
    else:
        z = module(features)
    return z


def train(module: nn.Module, center: Tensor, images: Tensor, orders: Tensor, adam: Adam, *, batch_size: int) -> None:
    """Lines 6 to 8 of Algorithm 1 on features ``images`` [N, D] in the ``orders`` [epochs, N], in place."""
    optimiser = torch.optim.Adam(module.parameters(), lr=adam.learning_rate, weight_decay=adam.weight_decay)
    for order in orders:
        for rows in order.split(batch_size):
            distance = (apply(module, images[rows]) - center).square().sum(1)
            loss = adam.loss_scale * (distance - adam.radius**2).clamp_min(0).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()


@torch.no_grad()
def score(module: nn.Module, center: Tensor, features: Tensor) -> Tensor:
    """d = ||z - c|| [N] (Equation 16)."""
    return (apply(module, features) - center).norm(dim=1)

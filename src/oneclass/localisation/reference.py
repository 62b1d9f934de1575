"""The literal form of Protocol B's training: aligned, concatenated maps, a convolution, autograd. The oracle of the
faster paths; Table S3 compares its two kinds of projector."""

import torch
from torch import Tensor, nn
from tqdm import tqdm

from oneclass.localisation.category import Category
from oneclass.localisation.maps import align
from oneclass.localisation.results import Result
from oneclass.localisation.scoring import Scored
from oneclass.localisation.source import MapSource, Rows
from oneclass.localisation.training import start
from oneclass.objective.reference import Layer, layer
from oneclass.objective.starts import batch_orders
from oneclass.objective.training import Adam, Seeds
from oneclass.objective.variants import Variant


def run(
    categories: list[Category],
    kinds: list[Layer],
    variant: Variant,
    adam: Adam,
    seeds: Seeds,
    *,
    epochs: int,
    batch_size: int,
    result: Result,
) -> None:
    """Train and score each kind of projector on every category; added to ``result`` as method ``ours``."""
    for category in tqdm(categories, unit="category", desc=f"{seeds.dataset}, literal"):
        data = start(category.name, category.statistics.moment[-1, :-1].float())
        for kind in kinds:
            untrained = seeds.start(data, [variant])
            module = layer(kind, untrained.weight[0], untrained.bias[0])
            order = batch_orders(len(category.train), epochs, seeds.of("order", data, variant.seed))
            train(module, untrained.center[0], category.source, category.train, order, adam, batch_size=batch_size)
            scored = score(module, untrained.center[0], category.source, category.test)
            result.add(category, "ours", [variant], scored, projector=kind)


def apply(module: nn.Module, features: Tensor) -> Tensor:
    """z [B, E, H, W] of aligned features [B, D, H, W]; a linear layer sees each position as a vector."""
    if isinstance(module, nn.Conv2d):
        z: Tensor = module(features)
    else:
        z = module(features.movedim(1, -1)).movedim(-1, 1)
    return z


def train(
    module: nn.Module, center: Tensor, source: MapSource, rows: Rows, orders: Tensor, adam: Adam, *, batch_size: int
) -> None:
    """Mean hinge loss over images and positions (Equation 15), in the ``orders`` [epochs, N] of ``rows``, in place."""
    optimiser = torch.optim.Adam(module.parameters(), lr=adam.learning_rate, weight_decay=adam.weight_decay)
    for order in orders:
        for maps in source.batches(rows[order.numpy()], batch_size):
            distance = (apply(module, align(maps)) - center[:, None, None]).square().sum(1)
            loss = adam.loss_scale * (distance - adam.radius**2).clamp_min(0).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()


@torch.no_grad()
def score(module: nn.Module, center: Tensor, source: MapSource, rows: Rows) -> Scored:
    """d = ||z - c|| (Equation 16) at every position; norm and cosine of the farthest."""
    parts = []
    for maps in source.batches(rows):
        z = apply(module, align(maps))
        distance = (z - center[:, None, None]).norm(dim=1)
        farthest = distance.flatten(1).argmax(1)
        at = torch.stack([features[:, place] for features, place in zip(z.flatten(2), farthest, strict=True)])
        parts.append((distance[None], at.norm(dim=1)[None], torch.cosine_similarity(at, center[None])[None]))
    return Scored(*(torch.cat(values, dim=1).cpu().numpy() for values in zip(*parts, strict=True)))

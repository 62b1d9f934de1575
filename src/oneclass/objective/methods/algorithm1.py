"""The literal form of paper 1's Algorithm 1, one projector at a time, on pooled features and on aligned, concatenated
maps, by autograd: the oracle of every faster path. Table S3 compares its two kinds of projector."""

from collections.abc import Callable, Iterable
from itertools import product
from typing import Literal

import torch
from torch import Tensor, nn
from tqdm import tqdm

from oneclass.objective.job import Job, Training
from oneclass.objective.localisation import scoring
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.maps import align
from oneclass.objective.localisation.scoring import Scored
from oneclass.objective.localisation.sources import MapSource, Rows
from oneclass.objective.projector import Projectors
from oneclass.objective.starts import orders, start
from oneclass.objective.variants import Variant
from oneclass.objective.vectors import VectorClass

METHOD = "projector"  # whose rows these are
Layer = Literal["conv1x1", "linear"]
LAYERS: tuple[Layer, ...] = ("conv1x1", "linear")
Batches = Callable[[Tensor], Iterable[Tensor]]  # from an order of the images to the features of each batch


def on_vectors(classes: list[VectorClass], job: Job) -> None:
    """Train and score each kind of projector on every class."""
    variant = Variant("gaussian", job.default_center_norm, 0)
    todo = list(product(classes, LAYERS))
    for data, kind in tqdm(todo, unit="projector", desc=f"{job.seeds.dataset}, Algorithm 1"):
        untrained = start(job.seeds, data.class_name, data.train.mean(0), [variant])
        module = _train(job, data.class_name, kind, untrained, len(data.train), in_batches(data.train, job.training))
        scores = score(module, untrained.center[0], data.test).cpu().numpy()
        job.result.add(data, job.result.columns(METHOD, variant, projector=kind), scores)


def on_maps(categories: list[Category], job: Job) -> None:
    """Train and score each kind of projector on every category."""
    variant = Variant("gaussian", job.default_center_norm, 0)
    for category in tqdm(categories, unit="category", desc=f"{job.seeds.dataset}, Algorithm 1"):
        mean = category.mean("none")
        for kind in LAYERS:
            untrained = start(job.seeds, category.class_name, mean, [variant])
            batches = map_batches(category.source, category.train, job.training)
            module = _train(job, category.class_name, kind, untrained, len(category.train), batches)
            scored = score_maps(module, untrained.center[0], category.source, category.test)
            scoring.record(job.result, category, METHOD, [variant], scored, job.sigma, projector=kind)


def _train(job: Job, class_name: str, kind: Layer, untrained: Projectors, count: int, batches: Batches) -> nn.Module:
    module = layer(kind, untrained.weight[0], untrained.bias[0])
    order = orders(job.seeds, class_name, count, job.training.epochs, 0)
    train(module, untrained.center[0], batches, order, job.training)
    return module


def layer(kind: Layer, weight: Tensor, bias: Tensor) -> nn.Module:
    """The projector as the paper writes it, a 1x1 convolution, or a linear layer; filled with [E, D] and [E]."""
    outputs, inputs = weight.shape
    module: nn.Conv2d | nn.Linear = nn.Conv2d(inputs, outputs, 1) if kind == "conv1x1" else nn.Linear(inputs, outputs)
    module.load_state_dict({"weight": weight.view_as(module.weight), "bias": bias})
    return module.to(weight.device)


def apply(module: nn.Module, features: Tensor) -> Tensor:
    """z [N, E] of vectors [N, D], which a convolution sees as 1x1 maps; or z [N, E, H, W] of aligned maps [N, D, H, W],
    of which a linear layer sees each position as a vector."""
    if features.dim() == 2 and isinstance(module, nn.Conv2d):
        z: Tensor = module(features[:, :, None, None]).flatten(1)
    elif features.dim() == 4 and not isinstance(module, nn.Conv2d):
        z = module(features.movedim(1, -1)).movedim(-1, 1)
    else:
        z = module(features)
    return z


def in_batches(images: Tensor, training: Training) -> Batches:
    """Batches of the vectors ``images`` [N, D]."""
    return lambda order: (images[rows] for rows in order.split(training.batch_size))


def map_batches(source: MapSource, rows: Rows, training: Training) -> Batches:
    """Batches of the aligned maps of ``rows`` of ``source``."""
    return lambda order: (align(maps) for maps in source.batches(rows[order.numpy()], training.batch_size))


def train(module: nn.Module, center: Tensor, batches: Batches, order: Tensor, training: Training) -> None:
    """Lines 6 to 8 of Algorithm 1 in the ``order`` [epochs, N] of the images, in place: mean hinge loss over images and
    positions (Equation 15)."""
    optimiser = torch.optim.Adam(module.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay)
    for images in order:
        for features in batches(images):
            distance = (apply(module, features) - _across(center, features)).square().sum(1)
            loss = training.loss_scale * (distance - training.radius**2).clamp_min(0).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()


@torch.no_grad()
def score(module: nn.Module, center: Tensor, features: Tensor) -> Tensor:
    """d = ||z - c|| (Equation 16): [N] of vectors, [N, H, W] of aligned maps."""
    return (apply(module, features) - _across(center, features)).norm(dim=1)


@torch.no_grad()
def score_maps(module: nn.Module, center: Tensor, source: MapSource, rows: Rows) -> Scored:
    """d = ||z - c|| at every position; norm and cosine of the position farthest from the centre."""
    parts = []
    for maps in source.batches(rows):
        features = align(maps)
        z = apply(module, features)
        distance = (z - _across(center, features)).norm(dim=1)
        farthest = distance.flatten(1).argmax(1)
        at = torch.stack([each[:, place] for each, place in zip(z.flatten(2), farthest, strict=True)])
        parts.append((distance[None], at.norm(dim=1)[None], torch.cosine_similarity(at, center[None])[None]))
    return Scored(*(torch.cat(values, dim=1).cpu().numpy() for values in zip(*parts, strict=True)))


def _across(center: Tensor, features: Tensor) -> Tensor:
    """``center`` [E], to be broadcast over images and, where there are some, positions."""
    return center.view(-1, *(1,) * (features.dim() - 2))

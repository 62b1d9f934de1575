"""STPM (Wang et al. 2021): a student learns what a pretrained teacher sees in normal images, and fails on others.

The student has the teacher's architecture and starts at random. With t and s their vectors at a position of a level,
each divided by its length, the loss is the mean of ‖t - s‖² over positions, summed over levels, and the anomaly map is
the product over levels of ‖t - s‖², brought to the finest's size.

As in the authors' code, gradient descent with momentum takes a rate of 0.4 on this loss (the paper writes half of it).
Left out: a fifth of the normal images, held out to choose the best of the epochs; here all are trained on, and the last
counts. The teacher's maps of the training images are computed once and kept in half precision.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import timm
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn.functional import interpolate, normalize

from oneclass.features.activations import record
from oneclass.features.backbone import Backbone
from oneclass.seeds import derive
from oneclass.training.descent import descend
from oneclass.training.optimisers import Momentum
from oneclass.training.weights import drawn

LEARNING_RATE, MOMENTUM, WEIGHT_DECAY = 0.4, 0.9, 1e-4
SCORED = 16  # images at once


def localise(
    train: Tensor,
    test: Tensor,
    seed: int,
    device: str,
    *,
    backbone: Backbone,
    layers: Sequence[int],
    epochs: float,
    batch_size: float,
) -> NDArray[np.float32]:
    """Anomaly maps [T, h, w] of ``test`` at the size of the finest of ``layers`` of ``backbone``, the teacher, after
    ``epochs`` on ``train`` in batches of ``batch_size``.

    Raises ``ValueError`` where the loss is not finite.
    """
    levels = list(layers)
    backbone.network.to(device)
    pupil = student(backbone, derive(seed, "student"))
    pupil.network.to(device).train()
    taught = teach(backbone, train, levels, device)
    random = Generator().manual_seed(derive(seed, "order"))

    def loss_of(rows: Tensor) -> Tensor:
        return loss([each[rows].to(device).float() for each in taught], pupil.maps(train[rows].to(device), levels))

    orders = (torch.randperm(len(train), generator=random) for _ in range(round(epochs)))
    steps = ((rows, LEARNING_RATE) for order in orders for rows in order.split(round(batch_size)))
    descend("STPM", Momentum(pupil.network.parameters(), MOMENTUM, WEIGHT_DECAY), steps, loss_of)
    pupil.network.eval()
    with torch.no_grad():
        found = [
            score(backbone.maps(images.to(device), levels), pupil.maps(images.to(device), levels)).cpu().numpy()
            for images in test.split(SCORED)
        ]
    return np.concatenate(found)


def student(teacher: Backbone, seed: int) -> Backbone:
    """The untrained network of the teacher's architecture, its first weights from ``seed``; images and maps are
    treated as the teacher's."""
    frozen: Any = teacher.network  # nn.Module does not declare the attributes that timm gives its models
    architecture = frozen.pretrained_cfg["architecture"]
    network = drawn(lambda: timm.create_model(architecture, pretrained=False, num_classes=0), seed)
    network = network.eval().to(memory_format=torch.channels_last)
    size = timm.data.resolve_model_data_config(frozen)["input_size"]
    return replace(teacher, network=network, recorded=teacher.recorded and record(network, size))


@torch.no_grad()
def teach(teacher: Backbone, images: Tensor, layers: list[int], device: str) -> list[Tensor]:
    """The teacher's maps of ``images``, [N, C, h, w] for each of ``layers``, in half precision on the CPU."""
    batches = [[m.half().cpu() for m in teacher.maps(some.to(device), layers)] for some in images.split(SCORED)]
    return [torch.cat(level) for level in zip(*batches, strict=True)]


def loss(taught: Sequence[Tensor], seen: Sequence[Tensor]) -> Tensor:
    """The mean of ‖t - s‖² over images and positions, summed over levels."""
    return torch.stack([one.mean() for one in _squares(taught, seen)]).sum()


def score(taught: Sequence[Tensor], seen: Sequence[Tensor]) -> Tensor:
    """The product over levels of ‖t - s‖², brought to the size of the first: [B, h, w]."""
    size = taught[0].shape[-2:]
    maps = [interpolate(one[:, None], size, mode="bilinear", align_corners=False) for one in _squares(taught, seen)]
    return torch.cat(maps, dim=1).prod(1)


def _squares(taught: Sequence[Tensor], seen: Sequence[Tensor]) -> list[Tensor]:
    """‖t - s‖² at each position, [B, h, w] for each level."""
    return [(normalize(t, dim=1) - normalize(s, dim=1)).square().sum(1) for t, s in zip(taught, seen, strict=True)]

"""GT+, also MRot (Hendrycks et al. 2019): three heads tell how a normal image was moved and turned.

A normal image is moved to the right and down by -1, 0 or 1 quarters of its side and turned by a multiple of 90°: 36
transformations. One network has a head for each of the three, trained by the mean of their cross-entropies. An image is
as normal as the heads are sure of what is right, by the sum of these probabilities over all transformations and heads;
the score is minus that. With outliers, which are put through the same transformations, the heads are also to be as
unsure as can be of them: 0.5 times the mean cross-entropy of the uniform distribution to their answers is added, 0.5
being the weight of Outlier Exposure (Hendrycks et al. 2019a) for classifiers.

As in the authors' code for one class, a batch has 64 images, each moved in one way and turned in all four, and each
image is moved in all ways in each of 5 epochs; images are mirrored and cropped at random, by an eighth of the side;
the learning rate of Nesterov's gradient descent falls from 0.1 along half a cosine. That code is for photographs of 224
pixels, with a ResNet-18 with CBAM, and without outliers. For CIFAR10 there is none: here it is a Wide ResNet 16-4
without dropout, on larger images averaged down to ``side`` pixels, with as many outliers in a batch as images.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn.functional import cross_entropy

from oneclass.baselines.transformations import MOVED_AND_TURNED, MOVES, TURNS, reduced, tables, transformed
from oneclass.baselines.wide_resnet import WideResNet
from oneclass.seeds import derive
from oneclass.training.augment import random_crop
from oneclass.training.batches import CyclicSampler, epoch
from oneclass.training.descent import along_cosine, descend
from oneclass.training.optimisers import Nesterov
from oneclass.training.weights import drawn

BATCH, MOMENTUM, WEIGHT_DECAY = 64, 0.9, 5e-4
LEARNING_RATE, LAST_RATE = 0.1, 1e-6
EXPOSURE = 0.5  # weight of the outliers' loss
WAYS = len(MOVES) ** 2  # to move
HEADS = (len(MOVES), len(MOVES), TURNS)
TARGETS = torch.tensor([[MOVES.index(one.right), MOVES.index(one.down), one.turns] for one in MOVED_AND_TURNED])
TOGETHER = 256  # images that are scored at once

Batch = tuple[Tensor, Tensor]  # of normal images and of outliers: image · WAYS + way


def score_images(
    train: Tensor,
    test: Tensor,
    seed: int,
    device: str,
    *,
    outliers: Tensor | None = None,
    epochs: float,
    blocks: float,
    width: float,
    side: float,
) -> NDArray[np.float32]:
    """Scores [T] of ``test`` [T, 3, S, S] after training on ``train`` [N, 3, S, S] and, where given, against
    ``outliers`` [M, 3, S, S]; all uint8."""
    shown = [train, train[:0] if outliers is None else outliers]
    shown = [reduced(images, round(side)).to(device) for images in shown]
    test, by = reduced(test, round(side)).to(device), tables(MOVED_AND_TURNED, shown[0].shape[-1]).to(device)
    network = drawn(partial(WideResNet, round(blocks), width, HEADS), derive(seed, "gt+")).to(device)
    random = Generator().manual_seed(derive(seed, "gt+ augmentation"))

    def answers(images: Tensor, rows: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        taken, kinds = seen(images, rows, random)
        return network(transformed(taken, by[kinds.to(device)])), TARGETS[kinds].to(device)

    def loss(batch: Batch) -> Tensor:
        value = told_apart(*answers(shown[0], batch[0]))
        return value + EXPOSURE * unsure(answers(shown[1], batch[1])[0]) if len(batch[1]) else value

    orders = Generator().manual_seed(derive(seed, "gt+ order"))
    steps = along_cosine(batches(len(shown[0]), len(shown[1]), round(epochs), orders), LEARNING_RATE, LAST_RATE)
    descend("GT+", Nesterov(network.parameters(), MOMENTUM, WEIGHT_DECAY), steps, loss)
    network.eval()
    return torch.cat([-sureness(network, part, by).cpu() for part in test.split(TOGETHER)]).numpy()


def batches(normal: int, outliers: int, epochs: int, random: Generator) -> Iterator[Batch]:
    """Batches in which each normal image comes once in each way to move, in each epoch, beside as many outliers."""
    sampler = CyclicSampler(outliers * WAYS, random)
    for _ in range(epochs):
        yield from epoch(normal * WAYS, sampler, BATCH, random)


def seen(images: Tensor, rows: Tensor, random: Generator) -> tuple[Tensor, Tensor]:
    """The images at ``rows`` [B] (image · WAYS + way to move), mirrored and cropped at random, in four copies, and the
    transformation of each, [4 B]: its way to move with each turn."""
    side = images.shape[-1]
    taken = images[rows.div(WAYS, rounding_mode="floor").to(images.device)]
    taken = random_crop(taken, side, side // 8, True, random)
    kinds = (rows % WAYS)[:, None] * TURNS + torch.arange(TURNS)
    return taken.repeat_interleave(TURNS, 0), kinds.flatten()


def told_apart(logits: tuple[Tensor, ...], targets: Tensor) -> Tensor:
    """The mean over the heads of the cross-entropy of their ``logits`` [B, C_h] to ``targets`` [B, H]."""
    return torch.stack([cross_entropy(*pair) for pair in zip(logits, targets.T, strict=True)]).mean()


def unsure(logits: tuple[Tensor, ...]) -> Tensor:
    """The mean over the heads of the cross-entropy of the uniform distribution to their ``logits`` [B, C_h]."""
    return -torch.stack([one.log_softmax(1).mean() for one in logits]).mean()


@torch.no_grad()
def sureness(network: WideResNet, images: Tensor, by: Tensor) -> Tensor:
    """The sum [B] over transformations and heads of the probability of what is right."""
    total = torch.zeros(len(images), device=images.device)
    for table, targets in zip(by, TARGETS.tolist(), strict=True):
        for logits, target in zip(network(transformed(images, table)), targets, strict=True):
            total += logits.softmax(1)[:, target]
    return total

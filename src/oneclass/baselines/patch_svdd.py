"""Patch SVDD (Yi and Yoon 2020): two encoders of patches, and the distance to the nearest normal patch.

The small encoder f turns 32 by 32 pixels into D numbers; the large one turns 64 by 64 pixels into as many, from f of
its quarters. Both learn together from pairs of patches p, q of normal images:

    loss = sum over both encoders of  cross entropy(C(f(p) - f(q)), y) + svdd_weight · mean ||f(p) - f(q)||.

In the first term q lies beside p in direction y of eight, and C is a classifier of its own for each encoder; in the
second q is p moved by one pixel (by up to two if it is large). A patch scores the distance of f to that of the nearest
patch of all training images, a pixel the mean over the patches that cover it, and both encoders' maps are multiplied.

As in the authors' code, the mean training image is taken from all, patches of the first term get noise of colour and
pixels, and the last weights of C stay as they were drawn, with columns of length 1. Where that code searches the
neighbours of small patches approximately, here they are exact. Each image is drawn at random instead of 100 times an
epoch, and ``svdd_weight``, which the paper sets for each category, is one number: that of the authors' example.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d, cross_entropy, leaky_relu, linear, normalize, pad

from oneclass.baselines.patch_pairs import LARGE, SMALL, pairs
from oneclass.errors import UserError
from oneclass.seeds import derive
from oneclass.training.descent import descend
from oneclass.training.optimisers import Adam
from oneclass.training.weights import drawn

CHANNELS = (32, 64, 128, 128, 64, 32, 32, 64)  # of the small encoder's convolutions
HIDDEN = 128
SLOPE = 0.1
STEP = 2  # pixels from one patch that the small encoder sees in an image to the next
LARGE_STRIDE = 16  # pixels from one large patch that is scored to the next
BATCH, REPEATS = 64, 100  # pairs of a kind in a step; pairs of a kind of each image in an epoch
TOGETHER = 8  # images that are encoded at once
POINTS, MEMORIES = 1024, 8192  # patches that are compared with each other at once


def localise(
    train: Tensor,
    test: Tensor,
    seed: int,
    device: str,
    *,
    epochs: float = 300,
    width: float = 1,
    stride: float = 4,
    learning_rate: float = 1e-4,
    svdd_weight: float = 1e-3,
) -> NDArray[np.float32]:
    """Anomaly maps [T, S, S] of ``test`` [T, 3, S, S] after training on ``train`` [N, 3, S, S], uint8.

    ``width`` is a factor on the sizes of layers, ``stride`` the pixels between small patches that are scored and
    compared with. Raises ``UserError`` for images smaller than a large patch, and for a stride that is not even.
    """
    if train.shape[-1] < LARGE:
        raise UserError(
            f"patch_svdd: its patches take {LARGE} pixels, and the images have {train.shape[-1]} a side; set a larger "
            "transform"
        )
    if stride < STEP or stride % STEP:
        raise UserError(f"patch_svdd: stride {stride:g}; patches lie {STEP} pixels apart, so take a multiple of {STEP}")
    mean = train.float().mean(0)
    encoder = trained(
        train, mean, seed, device, round(epochs * REPEATS * len(train) / BATCH), width, learning_rate, svdd_weight
    )
    strides = int(stride), LARGE_STRIDE
    known, seen = (codes(encoder, images, mean, strides, device) for images in (train, test))
    product = torch.ones(())
    for patch, step, bank, found in zip((SMALL, LARGE), strides, known, seen, strict=True):
        distances = nearest(found.flatten(0, 2), bank.flatten(0, 2)).view(found.shape[:3]).cpu()
        product = product * spread(distances, train.shape[-1], patch, step)
    return product.numpy()


class Encoder(nn.Module):
    """The small encoder; ``large`` is the other one, on top of it."""

    def __init__(self, width: float) -> None:
        super().__init__()
        sizes = [max(1, round(width * size)) for size in CHANNELS]
        self.dimension = sizes[-1]
        self.layers = nn.ModuleList(
            nn.Conv2d(before, after, 3, stride=1 if k else STEP)
            for k, (before, after) in enumerate(pairwise([3, *sizes]))
        )
        hidden = max(1, round(width * HIDDEN))
        self.quarters, self.last = nn.Conv2d(self.dimension, hidden, 2), nn.Conv2d(hidden, self.dimension, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Codes [B, D, h, w] of all small patches of ``images`` [B, 3, H, W], ``STEP`` pixels apart."""
        for layer in self.layers[:-1]:
            images = leaky_relu(layer(images), SLOPE)
        return torch.tanh(self.layers[-1](images))

    def large(self, small: Tensor, apart: int) -> Tensor:
        """Codes [B, D, h', w'] of all large patches, from those of their quarters, ``apart`` positions from each other
        among ``small`` [B, D, h, w]."""
        joined = conv2d(small, self.quarters.weight, self.quarters.bias, dilation=apart)
        return torch.tanh(self.last(leaky_relu(joined, SLOPE)))

    def encode(self, patches: Tensor) -> Tensor:
        """The code [B, D] of each of ``patches``: small ones [B, 3, 32, 32], or large ones [B, 3, 64, 64]."""
        if patches.shape[-1] == SMALL:
            return self(patches).flatten(1)
        parts = [half.chunk(2, dim=3) for half in patches.chunk(2, dim=2)]
        codes = self(torch.cat([part for row in parts for part in row])).flatten(1)
        return self.large(codes.view(2, 2, len(patches), -1).permute(2, 3, 0, 1), 1).flatten(1)


class Classifier(nn.Module):
    """C: in which of eight directions a patch lies from another, from the difference of their codes."""

    last: Tensor

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.first, self.second, last = nn.Linear(dimension, HIDDEN), nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, 8)
        self.bias = last.bias
        self.register_buffer("last", normalize(last.weight.detach(), dim=0))

    def forward(self, difference: Tensor) -> Tensor:
        """Logits [B, 8] of differences [B, D]."""
        hidden = leaky_relu(self.second(leaky_relu(self.first(difference), SLOPE)), SLOPE)
        return linear(hidden, self.last, self.bias)


def trained(
    train: Tensor, mean: Tensor, seed: int, device: str, steps: int, width: float, learning_rate: float, weight: float
) -> Encoder:
    """An encoder after ``steps`` batches. Raises ``ValueError`` where the loss is not finite."""
    encoder = drawn(lambda: Encoder(width), derive(seed, "patch_svdd", "encoder")).to(device)
    classifiers = [
        drawn(lambda: Classifier(encoder.dimension), derive(seed, "patch_svdd", "classifier", size)).to(device)
        for size in (SMALL, LARGE)
    ]
    parameters = [*encoder.parameters(), *(p for one in classifiers for p in one.parameters())]
    random = Generator().manual_seed(derive(seed, "patch_svdd", "patches"))

    def loss_of(rows: Tensor) -> Tensor:
        value = torch.zeros((), device=device)
        for size, classifier in zip((SMALL, LARGE), classifiers, strict=True):
            beside, direction, near = (part.to(device) for part in pairs(train, mean, rows, size, random))
            value = value + loss(encoder, classifier, beside, direction, near, weight)
        return value

    batches = ((torch.randint(len(train), (BATCH,), generator=random), learning_rate) for _ in range(steps))
    descend("Patch SVDD", Adam(parameters), batches, loss_of)
    return encoder


def loss(
    encoder: Encoder, classifier: Classifier, beside: Tensor, direction: Tensor, near: Tensor, svdd_weight: float
) -> Tensor:
    """Both terms for one size: patches ``beside`` each other [2, B, 3, K, K] in a ``direction`` [B], and ``near``."""
    first, second, one, other = encoder.encode(torch.cat([*beside, *near])).chunk(4)
    position = cross_entropy(classifier(first - second), direction)
    return position + svdd_weight * torch.linalg.vector_norm(one - other, dim=1).mean()


@torch.no_grad()
def codes(
    encoder: Encoder, images: Tensor, mean: Tensor, strides: tuple[int, int], device: str
) -> tuple[Tensor, Tensor]:
    """Codes [N, h, w, D] of the small and of the large patches of ``images``, ``strides`` pixels apart.

    Neither encoder pads, so an image as a whole gives the codes of its patches; quarters are shared.
    """
    parts: list[tuple[Tensor, Tensor]] = []
    for some in images.split(TOGETHER):
        dense = encoder(((some.float() - mean) / 255).to(device))
        every = [dense[:, :, :: step // STEP, :: step // STEP] for step in strides]
        parts.append((every[0], encoder.large(every[1], SMALL // strides[1])))
    small, large = (torch.cat(part).permute(0, 2, 3, 1) for part in zip(*parts, strict=True))
    return small, large


def nearest(points: Tensor, bank: Tensor) -> Tensor:
    """Distance [n] of each of ``points`` [n, D] to the nearest row of ``bank`` [m, D], by products of blocks."""
    offset = bank.mean(0)  # inner products cost a distance fewer digits around the mean
    points, bank = points - offset, bank - offset

    def least() -> Iterator[Tensor]:
        blocks = [(block.square().sum(1), block.T) for block in bank.split(MEMORIES)]
        for some in points.split(POINTS):
            rows = [torch.addmm(norms, some, block, alpha=-2).amin(1) for norms, block in blocks]
            yield torch.stack(rows).amin(0)

    return (torch.cat(list(least())) + points.square().sum(1)).clamp(min=0).sqrt()


def spread(scores: Tensor, image_size: int, patch: int, stride: int) -> Tensor:
    """Maps [T, S, S]: at each pixel the mean of the ``scores`` [T, h, w] of the patches that cover it.

    What none covers, at the lower and right border, takes the nearest pixel's.
    """
    kernel = torch.ones(1, 1, patch, patch)
    total, count = (conv_transpose2d(x[:, None], kernel, stride=stride) for x in (scores, torch.ones_like(scores[:1])))
    left = image_size - total.shape[-1]
    return pad(total / count, (0, left, 0, left), mode="replicate")[:, 0]

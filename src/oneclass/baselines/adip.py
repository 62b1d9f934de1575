"""ADIP (Deecke et al. 2021): a frozen ImageNet network is corrected by residual adapters, trained against outliers.

The paper has two models; this is the one with adapters, ADRA in its code. Beside each spatial convolution stands an
adapter of kernel size 1, with the same stride, y = W * x + A x + b (Rebuffi et al. 2017), and a linear layer on the
pooled features makes the logit f of an image. W stays; A, b and f's layer minimise the binary cross-entropy
-[t log s(f) + (1 - t) log(1 - s(f))], s the logistic function, t = 1 for outliers, in batches of as many of them as
normal images, by gradient descent with momentum. The score is f.

What differs from the paper and its code: the network is the configured backbone, theirs a ResNet-26 that was pretrained
on small images, so 32-pixel images are enlarged to ``image_size``. Its batch normalisation keeps the statistics of
pretraining and is part of W, as elsewhere here; b is what shifts it. So adapters begin at 0, where the network is the
pretrained one, and not at random, and the learning rate is 0.001: theirs, 0.1, is for adapters before a normalisation,
and by the training loss even 0.01 is too large here. A backbone whose spatial convolutions are of single channels
(EfficientNet) gets adapters that join all channels.

With adapters in the last ``blocks`` stages alone, what the stages before them make of an image is computed once; images
are neither cropped nor mirrored then.
"""

import copy
from dataclasses import replace
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, interpolate

from oneclass.features.backbone import Backbone
from oneclass.seeds import derive
from oneclass.training.augment import random_crop
from oneclass.training.batches import CyclicSampler, Schedule
from oneclass.training.descent import descend
from oneclass.training.optimisers import Momentum
from oneclass.training.weights import drawn
from oneclass.transfer.blocks import cut, stages

BATCH = 64  # normal images, and as many outliers
LEARNING_RATE, MOMENTUM, WEIGHT_DECAY = 1e-3, 0.9, 1e-4
MILESTONES = 0.6, 0.8  # of the epochs; the learning rate falls to a tenth
PADDING = 1 / 8  # of the side of an image that is cropped: 4 of 32 pixels
PURPOSES = "order", "outliers", "augmentation"  # of what is drawn
TOGETHER = 64  # images at a time where nothing is trained


def score_images(
    train: Tensor,
    test: Tensor,
    seed: int,
    device: str,
    *,
    outliers: Tensor,
    backbone: Backbone,
    epochs: float,
    image_size: float,
    blocks: float,
) -> NDArray[np.float32]:
    """The logits [T] of the ``test`` images, after ``epochs`` over the normal images ``train``.

    Raises ``ValueError`` where the loss is not finite.
    """
    front, back = adapted(backbone, round(blocks))
    front.network.to(device)
    back.to(device)
    first, pool, last = (Inputs(images, front, round(image_size), device) for images in (train, outliers, test))
    with torch.no_grad():
        features = back(first.batch(torch.tensor([0]), None)).shape[1]
    head = drawn(lambda: nn.Linear(features, 1), derive(seed, "adip head")).to(device)
    classifier = nn.Sequential(back, head, nn.Flatten(0))
    fit(classifier, first, pool, schedule(round(epochs)), seed)
    with torch.no_grad():
        parts = torch.arange(len(test)).split(TOGETHER)
        return torch.cat([classifier(last.batch(rows, None)) for rows in parts]).cpu().numpy()


class Adapted(nn.Module):
    """A frozen ``convolution`` and the adapter beside it."""

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = convolution
        size = convolution.in_channels, convolution.out_channels
        self.adapter = nn.utils.skip_init(nn.Conv2d, *size, kernel_size=1)
        self._every = convolution.stride
        for parameter in self.adapter.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, a, H, W] to [B, b, h, w]."""
        down, across = self._every  # a stride of the adapter's own is not safe on a CPU (baselines.pointwise)
        y: Tensor = self.convolution(x) + self.adapter(x[:, :, ::down, ::across])
        return y


def adapted(backbone: Backbone, blocks: int) -> tuple[Backbone, nn.Module]:
    """What comes before the last ``blocks`` stages of ``backbone``, nothing if it has no more; and, with adapters, what
    makes features [B, D] of that."""
    network = copy.deepcopy(backbone.network).requires_grad_(False)
    names = stages(network)
    front, back = cut(network, names[-blocks - 1]) if blocks < len(names) else (nn.Sequential(), network)
    adapt(back)
    return replace(backbone, network=front), back


def adapt(network: nn.Module) -> None:
    """Put an adapter beside each convolution of ``network`` whose kernel is larger than 1."""
    for name, child in list(network.named_children()):
        if isinstance(child, nn.Conv2d) and max(child.kernel_size) > 1:
            setattr(network, name, Adapted(child))
        else:
            adapt(child)


class Inputs:
    """Images uint8 [N, 3, S, S] as ``front`` gives them, enlarged or reduced to ``size`` pixels a side before; kept on
    the ``device`` where it does anything besides normalising pixels."""

    def __init__(self, images: Tensor, front: Backbone, size: int, device: str) -> None:
        self._images, self._front, self._size, self._device = images, front, size, device
        self._held = None
        if len(cast(nn.Sequential, front.network)):
            self._held = torch.cat([self._seen(part) for part in images.split(TOGETHER)])

    def __len__(self) -> int:
        return len(self._images)

    def batch(self, rows: Tensor, random: Generator | None) -> Tensor:
        """Those at ``rows`` [B], cropped and mirrored at ``random`` if given, unless they are kept."""
        if self._held is not None:
            return self._held[rows.to(self._held.device)]
        images, size = self._images[rows].to(self._device), self._images.shape[-1]
        if random is not None:
            images = random_crop(images, size, round(size * PADDING), flip=True, random=random)
        return self._seen(images)

    @torch.no_grad()
    def _seen(self, images: Tensor) -> Tensor:
        images = images.to(self._device, torch.float32)
        resized = interpolate(images, [self._size] * 2, mode="bilinear", antialias=True)
        return self._front.features(resized, [])[0]


def schedule(epochs: int) -> Schedule:
    """When the learning rate falls, in so many ``epochs``."""
    return Schedule(epochs, tuple(round(share * epochs) for share in MILESTONES), BATCH, LEARNING_RATE)


def fit(classifier: nn.Module, train: Inputs, outliers: Inputs, schedule: Schedule, seed: int) -> None:
    """Train what requires a gradient in ``classifier``, which maps inputs to logits [B], in evaluation mode."""
    parameters = [parameter for parameter in classifier.parameters() if parameter.requires_grad]
    order, drawn, augmenting = (Generator().manual_seed(derive(seed, f"adip {name}")) for name in PURPOSES)

    def loss_of(batch: tuple[Tensor, Tensor]) -> Tensor:
        seen = [part.batch(rows, augmenting) for part, rows in zip((train, outliers), batch, strict=True)]
        return loss(classifier(torch.cat(seen)), len(batch[0]))

    steps = schedule.steps(len(train), CyclicSampler(len(outliers), drawn), order)
    descend("ADIP", Momentum(parameters, MOMENTUM, WEIGHT_DECAY), steps, loss_of)


def loss(logits: Tensor, normal: int) -> Tensor:
    """Mean binary cross-entropy of ``logits`` [B], the first ``normal`` of which belong to normal images."""
    outlier = torch.arange(len(logits), device=logits.device) >= normal
    return binary_cross_entropy_with_logits(logits, outlier.to(logits.dtype))

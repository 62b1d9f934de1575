"""Focal* (Hendrycks et al. 2019): the classifier with the focal loss that they compare their self-supervision with.

A network tells normal images from outliers by the focal loss -(1 - p)^2 log p, p the probability of the right side
(Lin et al. 2017). The score is the logit of being an outlier.

The authors' code of this classifier is not public, as Liznerski et al. remark, who call it Focal*. Here it is trained
as their public code trains what is nearest to it:

- images of up to 64 pixels: a Wide ResNet of depth 16 and width 4 (their public code for the ten classes of CIFAR10 has
  depth 40 and width 2); larger images: ResNet-18 with CBAM, as in their one-class code for ImageNet;
- batches of 128 normal images and 256 outliers, 100 epochs, as in their code of Outlier Exposure (2019a): this is the
  imbalance that the focal loss is made for;
- Nesterov's gradient descent, momentum 0.9, weight decay 0.0005, learning rate 0.1, which falls to 1e-6 along half a
  cosine, in every step; pixels in [-1, 1]; half of the images mirrored, and crops at random, of small images after
  padding by an eighth of their side, of larger ones by an eighth smaller.

Not public are the network on CIFAR10, the number of epochs, the share of outliers in a batch, gamma (here Lin et al.'s
2) and whether alpha weighs the sides (here it does not). Left out is the dropout that their classifiers of many classes
have.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from oneclass.baselines.wide_resnet import WideResNet
from oneclass.catalogue.records import Network
from oneclass.exposure import networks
from oneclass.exposure.losses.focal import Loss
from oneclass.seeds import derive
from oneclass.training.augment import center_crop, random_crop
from oneclass.training.batches import CyclicSampler
from oneclass.training.descent import along_cosine, descend
from oneclass.training.optimisers import Nesterov
from oneclass.training.weights import drawn

BATCH, EXPOSED = 128, 2  # normal images; outliers for each of them
LEARNING_RATE, LAST_RATE, MOMENTUM, WEIGHT_DECAY = 0.1, 1e-6, 0.9, 5e-4
GAMMA = 2.0
SMALL = 64  # pixels a side: larger images have the network of ImageNet
BLOCKS, WIDTH = 2, 4  # a stage of the Wide ResNet, and its channels
TOGETHER = 256  # images at a time where nothing is trained


def score_images(
    train: Tensor, test: Tensor, seed: int, device: str, *, outliers: Tensor, epochs: float, width: float
) -> NDArray[np.float32]:
    """The logits [T] of the ``test`` images, after ``epochs`` over the normal images ``train``; ``width`` is a factor
    on the channels of the network.

    Raises ``ValueError`` where the loss is not finite.
    """
    size, padding = cropped_size(train.shape[-1])
    network = build(train.shape[-1], width, derive(seed, "focal network")).to(device)
    focal, augmenting = Loss(GAMMA), Generator().manual_seed(derive(seed, "focal augmentation"))

    def loss(batch: tuple[Tensor, Tensor]) -> Tensor:
        images = torch.cat([train[batch[0]], outliers[batch[1]]]).to(device)
        outlier = torch.arange(len(images), device=device) >= len(batch[0])
        seen = random_crop(images, size, padding, flip=True, random=augmenting)
        return focal.losses(network(seen)[0], outlier).mean()

    steps = along_cosine(batches(len(train), len(outliers), round(epochs), seed), LEARNING_RATE, LAST_RATE)
    descend("Focal*", Nesterov(network.parameters(), MOMENTUM, WEIGHT_DECAY), steps, loss)
    network.eval()
    with torch.no_grad():
        parts = [network(center_crop(part.to(device), size))[0] for part in test.split(TOGETHER)]
    return torch.cat([focal.score(z) for z in parts]).cpu().numpy()


class Scaled(nn.Module):
    """A ``network`` of images in [-1, 1] as the Wide ResNet is: of images uint8, and with a tuple of logits."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The logits [B, 1] for images uint8 [B, 3, S, S]."""
        x = (x / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        return (self.network(x),)


def build(side: int, width: float, seed: int) -> nn.Module:
    """The untrained network for images of ``side`` pixels."""
    if side <= SMALL:
        return drawn(lambda: WideResNet(BLOCKS, WIDTH * width, [1]), seed)
    network = Network("cbam_resnet18", "", "exposure.networks.cbam_resnet18")
    return Scaled(networks.build(network, width, "float32", Loss(GAMMA), 0, seed))


def cropped_size(side: int) -> tuple[int, int]:
    """The side of a crop of images of ``side`` pixels, and by how much they are padded before it."""
    return (side, side // 8) if side <= SMALL else (side * 7 // 8, 0)


def batches(normal: int, outliers: int, epochs: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Positions of the normal images [B] and of the outliers [2 B] of each step; each normal image once in an epoch."""
    order, drawn = (Generator().manual_seed(derive(seed, f"focal {name}")) for name in ("order", "outliers"))
    sampler = CyclicSampler(outliers, drawn)
    for _ in range(epochs):
        for rows in torch.randperm(normal, generator=order).split(BATCH):
            yield rows, sampler.take(EXPOSED * len(rows))

"""Deep SVDD (Ruff et al. 2018), one-class: a network without biases brings normal images to a centre.

The loss is the mean of ||phi(x) - c||² and a weight decay of lambda / 2 Σ ||W||². phi is the encoder of an autoencoder
that is trained first, on the squared error of the image; c is its mean output on the training images, no coordinate
nearer to 0 than 0.1. As in the paper: three 5×5 convolutions (32, 64, 128 kernels), 128 outputs, normalisation without
scale and offset (an offset would be a bias), leaky ReLU of 0.1, batches of 200, Adam, a learning rate that falls to a
tenth for the last two fifths of the epochs (two sevenths of those of the autoencoder), and pixels by global contrast
normalisation in the L1 norm, then to [0, 1] by the least and the greatest of the training images. Its soft boundary is
left out, and so are its networks for other sizes: larger images are averaged down to 32 pixels a side.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn
from torch.nn.functional import interpolate, leaky_relu, max_pool2d, pad

from oneclass.baselines.small import SIDE, small
from oneclass.exposure.losses.dsvdd import Loss
from oneclass.exposure.networks.fourier import Convolution
from oneclass.exposure.networks.layers import EPS, units
from oneclass.seeds import derive
from oneclass.training.batches import CyclicSampler, Schedule
from oneclass.training.descent import descend
from oneclass.training.optimisers import Adam
from oneclass.training.weights import drawn

SLOPE = 0.1  # of the leaky ReLU
BATCH, LEARNING_RATE, WEIGHT_DECAY = 200, 1e-4, 1e-6
SEARCHED = {"autoencoder": 250 / 350, "network": 150 / 250}  # the share of epochs with the first learning rate
TOGETHER = 512  # images at a time where nothing is trained


class Encoder(nn.Module):
    """phi: [B, 3, 32, 32] to [B, R]."""

    def __init__(self, width: float) -> None:
        super().__init__()
        kernels = [3, *(units(count, width) for count in (32, 64, 128))]
        self.outputs = 16 * units(8, width)  # 128, which the decoder takes for a map of 4 × 4
        self.convolutions = nn.ModuleList(Convolution(a, b, 5, bias=False) for a, b in pairwise(kernels))
        self.norms = nn.ModuleList(_norm(count) for count in kernels[1:])
        self.last = nn.Linear(16 * kernels[-1], self.outputs, bias=False)
        _start(self.convolutions)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, 3, 32, 32] to [B, R]."""
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = max_pool2d(leaky_relu(norm(convolution(x)), SLOPE), 2)
        return self.last(x.flatten(1))


class Autoencoder(nn.Module):
    """An ``encoder`` and what makes the image again, in [0, 1]: [B, 3, 32, 32] to the same."""

    def __init__(self, encoder: Encoder, width: float) -> None:
        super().__init__()
        self.encoder, kernels = encoder, [encoder.outputs // 16, *(units(count, width) for count in (128, 64, 32)), 3]
        self.code = nn.BatchNorm1d(encoder.outputs, eps=EPS, affine=False)
        self.convolutions = nn.ModuleList(Convolution(a, b, 5, bias=False) for a, b in pairwise(kernels))
        self.norms = nn.ModuleList(_norm(count) for count in kernels[1:-1])
        _start(self.convolutions)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, 3, 32, 32] to [B, 3, 32, 32]."""
        x = leaky_relu(self.code(self.encoder(x)).unflatten(1, (-1, 4, 4)), SLOPE)
        *layers, last = self.convolutions
        for convolution, norm in zip(layers, self.norms, strict=True):
            x = interpolate(leaky_relu(norm(convolution(x)), SLOPE), scale_factor=2)
        return last(x).sigmoid()


def score_images(
    train: Tensor, test: Tensor, seed: int, device: str, *, epochs: float, pretraining: float, width: float
) -> NDArray[np.float32]:
    """Scores [T] of ``test`` [T, 3, S, S], squared distances to the centre, after training on ``train`` [N, 3, S, S],
    uint8, for ``epochs``; before them the autoencoder has ``pretraining`` epochs. ``width`` is a factor on the layers'
    sizes. Raises ``ValueError`` where the loss is not finite.
    """
    first, second = preprocess(small(train), small(test))
    autoencoder = drawn(lambda: Autoencoder(Encoder(width), width), derive(seed, "weights")).to(device)
    encoder = autoencoder.encoder

    def order(phase: str) -> Generator:
        return Generator().manual_seed(derive(seed, f"order of the {phase}"))

    def fit(network: nn.Module, phase: str, count: float, loss: Callable[[Tensor], Tensor]) -> None:
        schedule = Schedule(round(count), (round(count * SEARCHED[phase]),), BATCH, LEARNING_RATE)
        _fit(network, first, loss, schedule, order(phase), device)

    fit(autoencoder, "autoencoder", pretraining, lambda x: (autoencoder(x) - x).square().sum((1, 2, 3)).mean())
    sphere = Loss().start([_outputs(encoder, first, device)])
    fit(encoder, "network", epochs, lambda x: sphere.score(encoder(x)).mean())
    scores: NDArray[np.float32] = sphere.score(_outputs(encoder, second, device)).cpu().numpy()
    return scores


def preprocess(train: Tensor, *others: Tensor) -> list[Tensor]:
    """``train`` and ``others`` [N, 3, s, s] in [0, 1]: each image less its mean, by its mean absolute deviation, then
    all by the least and the greatest value of ``train``; to 32 pixels a side by zeros where they are smaller."""
    normalised = []
    for images in (train, *others):
        centered = images - images.mean((1, 2, 3), keepdim=True)
        normalised.append(centered / centered.abs().mean((1, 2, 3), keepdim=True).clamp(min=1e-6))
    least, greatest = normalised[0].min(), normalised[0].max()
    missing = SIDE - train.shape[-1]
    border = (missing // 2, missing - missing // 2) * 2
    return [pad((images - least) / (greatest - least).clamp(min=1e-6), border) for images in normalised]


def _fit(
    network: nn.Module,
    images: Tensor,
    loss: Callable[[Tensor], Tensor],
    schedule: Schedule,
    random: Generator,
    device: str,
) -> None:
    """Minimise ``loss`` of batches of ``images`` over the weights of ``network``."""
    steps = schedule.steps(len(images), CyclicSampler(0, random), random)
    network.train()
    batches = ((images[rows].to(device), rate) for (rows, _), rate in steps)
    descend("Deep SVDD", Adam(network.parameters(), WEIGHT_DECAY), batches, loss)
    network.eval()


@torch.no_grad()
def _outputs(encoder: nn.Module, images: Tensor, device: str) -> Tensor:
    encoder.eval()
    return torch.cat([encoder(part.to(device)) for part in images.split(TOGETHER)])


def _norm(count: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(count, eps=EPS, affine=False)


def _start(convolutions: nn.ModuleList) -> None:
    """Weights after Glorot, as the authors' code has them."""
    for convolution in convolutions.parameters():
        nn.init.xavier_uniform_(convolution, nn.init.calculate_gain("leaky_relu"))

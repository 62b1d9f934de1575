"""FastFlow (Yu et al. 2021): a normalising flow for each level, made of convolutions, maps its features to noise.

Eight affine couplings (Dinh et al. 2017) take a level's map x to z, whose numbers are to be independent and standard
normal where images are normal: the loss of an image is -log p(x) = ½ ‖z‖² - log |det dz/dx| but for a constant, summed
over levels. A position is anomalous by 1 - exp(-½ mean z²), the mean over its channels, averaged over levels.

There is no code of the authors. As in public code of others (couplings as FrEIA's AllInOneBlock), a level's map is
normalised over channels and positions first, with a scale and an offset for each of them that are trained too, and
couplings with kernels of 3 and of 1 take turns. Maps are averaged over neighbours before, as those of all comparators.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from math import expm1, log
from typing import Self

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import conv2d, layer_norm, softplus

from oneclass.objective.localisation.maps import Maps, align
from oneclass.objective.localisation.scoring import Floats, concatenated
from oneclass.objective.localisation.sources import TrainingImages
from oneclass.seeds import derive
from oneclass.training.descent import descend
from oneclass.training.optimisers import Adam

COUPLINGS = 8
KERNELS = 3, 1  # in turn
CLAMP = 2.0  # the largest logarithm of a factor
DAMPING = 0.1  # of what the convolutions give, which begins small
SHARPNESS = 0.5  # of the softplus behind a channel's factor
LEARNING_RATE, WEIGHT_DECAY = 1e-3, 1e-5


@dataclass(frozen=True)
class Coupling:
    """x = (u, v) to (u, v exp(s(u)) + t(u)); then each channel by a factor and an offset, and in another order.

    s and t come of two convolutions of u, with a ReLU between them.
    """

    first: tuple[Tensor, Tensor]
    last: tuple[Tensor, Tensor]
    factor: Tensor
    offset: Tensor
    order: Tensor

    @classmethod
    def untrained(cls, channels: int, kernel: int, random: torch.Generator, device: torch.device) -> Self:
        """As many hidden channels as u has; PyTorch's default first weights, factors 1, offsets 0, a random order."""
        changed = channels // 2
        kept = channels - changed
        first, last = (_convolution(kept, outputs, kernel, random, device) for outputs in (kept, 2 * changed))
        one = log(expm1(SHARPNESS / DAMPING)) / SHARPNESS
        factor, offset = (
            torch.full((channels, 1, 1), value, device=device, requires_grad=True) for value in (one, 0.0)
        )
        return cls(first, last, factor, offset, torch.randperm(channels, generator=random).to(device))

    @property
    def parameters(self) -> list[Tensor]:
        """What is trained."""
        return [*self.first, *self.last, self.factor, self.offset]

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The next [B, C, h, w], and log |det| [B] of the step there."""
        changed = x.shape[1] // 2
        u, v = x.split([x.shape[1] - changed, changed], dim=1)
        hidden = conv2d(u, *self.first, padding="same").relu()
        s, t = (DAMPING * conv2d(hidden, *self.last, padding="same")).chunk(2, dim=1)
        s = CLAMP * s.tanh()
        factor = DAMPING * softplus(self.factor, SHARPNESS)
        y = torch.cat([u, v * s.exp() + t], dim=1) * factor + self.offset
        return y[:, self.order], s.sum((1, 2, 3)) + x[0, 0].numel() * factor.log().sum()


@dataclass(frozen=True)
class Flow:
    """Of one level: its map normalised, with a scale and an offset [C, h, w], then the couplings."""

    scale: Tensor
    offset: Tensor
    couplings: list[Coupling]

    @classmethod
    def untrained(cls, like: Tensor, random: torch.Generator) -> Self:
        """For maps such as ``like`` [B, C, h, w]."""
        scale, offset = (
            torch.full(like.shape[1:], value, device=like.device, requires_grad=True) for value in (1.0, 0.0)
        )
        kernels = (KERNELS[k % len(KERNELS)] for k in range(COUPLINGS))
        return cls(scale, offset, [Coupling.untrained(like.shape[1], k, random, like.device) for k in kernels])

    @property
    def parameters(self) -> list[Tensor]:
        """What is trained."""
        return [self.scale, self.offset, *(each for coupling in self.couplings for each in coupling.parameters)]

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """z [B, C, h, w] of maps x, and log |det| [B] of the couplings."""
        z, total = layer_norm(x, self.scale.shape, self.scale, self.offset), x.new_zeros(len(x))
        for coupling in self.couplings:
            z, change = coupling(z)
            total = total + change
        return z, total


def score_maps(train: TrainingImages, test: Iterable[Maps], seed: int, epochs: float, batch_size: float) -> Floats:
    """Anomaly maps [T, H, W] in [0, 1] of the test images, after ``epochs`` in batches of ``batch_size``.

    Raises ``ValueError`` where the loss is not finite.
    """
    weights = torch.Generator().manual_seed(derive(seed, "fastflow"))
    flows = [Flow.untrained(m, weights) for m in next(iter(train))]
    parameters = [each for flow in flows for each in flow.parameters]
    random = np.random.default_rng(derive(seed, "fastflow order"))

    def loss_of(maps: Maps) -> Tensor:
        return sum((loss(*flow(m)) for flow, m in zip(flows, maps, strict=True)), torch.zeros(()))

    batches = (maps for _ in range(round(epochs)) for maps in train.shuffled(random, round(batch_size)))
    descend("FastFlow", Adam(parameters, WEIGHT_DECAY), ((maps, LEARNING_RATE) for maps in batches), loss_of)
    with torch.no_grad():
        return concatenated(map(partial(score, flows), test))


def loss(z: Tensor, log_determinant: Tensor) -> Tensor:
    """The mean over images of -log p, but for a constant."""
    return (z.square().sum((1, 2, 3)) / 2 - log_determinant).mean()


def score(flows: list[Flow], maps: Maps) -> Tensor:
    """1 - exp(-½ mean z²) of each level, brought to the finest's size and averaged: [B, H, W]."""
    latent = (flow(m)[0] for flow, m in zip(flows, maps, strict=True))
    return 1 - align(Maps(((z.square().mean(1, keepdim=True) / -2).exp() for z in latent), maps.alignment)).mean(1)


def _convolution(
    inputs: int, outputs: int, kernel: int, random: torch.Generator, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Weight and bias as PyTorch draws them at first."""
    bound = (inputs * kernel**2) ** -0.5
    shapes = (outputs, inputs, kernel, kernel), (outputs,)
    weight, bias = ((2 * torch.rand(shape, generator=random) - 1).mul_(bound).to(device) for shape in shapes)
    return weight.requires_grad_(True), bias.requires_grad_(True)

"""CFA (Lee et al. 2022): a descriptor is trained to bring the patches of normal images to a memory of such patches.

The descriptor phi is a 1x1 convolution of the aligned features and of each position's two coordinates in [-1, 1]. The
memory is its untrained output at each position, averaged over the training images, and stays as it is. As in the
authors' code, the memory is not compressed, the descriptor keeps the number of channels (gamma_c = gamma_d = 1), and
the radius of the hyperspheres is learnt.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import embedding_bag

from oneclass.objective.localisation.maps import Maps, channels, project
from oneclass.objective.localisation.scoring import Floats, concatenated
from oneclass.objective.localisation.sources import TrainingImages
from oneclass.seeds import derive
from oneclass.training.descent import descend
from oneclass.training.optimisers import AmsGrad

NEAREST, NEXT = 3, 3  # of the memory: what a patch is drawn to, and what it is kept from
MARGIN = 0.1  # alpha
SLACK = 1e-3  # nu
RADIUS = 1e-5  # before training
BATCH, LEARNING_RATE, WEIGHT_DECAY = 4, 1e-3, 5e-4
TOGETHER = 4096  # patches that are compared with the memory at once in scoring


@dataclass(frozen=True)
class Descriptor:
    """phi(f) = W f + V x + b of the features f at the coordinates x: W [D, D], V [D, 2], b [D]."""

    weight: Tensor
    places: Tensor
    bias: Tensor

    @classmethod
    def untrained(cls, dimension: int, seed: int, device: torch.device) -> Self:
        """PyTorch's default first weights of a convolution with D + 2 input channels."""
        random, bound = torch.Generator().manual_seed(seed), (dimension + 2) ** -0.5
        weight, bias = (
            (2 * torch.rand(dimension, *shape, generator=random) - 1).mul_(bound).to(device)
            for shape in ((dimension + 2,), ())
        )
        parts = weight[:, :dimension].contiguous(), weight[:, dimension:].contiguous(), bias
        return cls(*(part.requires_grad_(True) for part in parts))

    @property
    def parameters(self) -> list[Tensor]:
        """What is trained."""
        return [self.weight, self.places, self.bias]

    def patches(self, maps: Maps) -> Tensor:
        """The described patches of a batch, [B, P, D]."""
        height, width = maps[0].shape[-2:]
        axes = (torch.linspace(-1, 1, count, device=self.bias.device) for count in (height, width))
        places = torch.stack(torch.meshgrid(*axes, indexing="ij")).flatten(1)  # [2, P]
        z = project(maps, self.weight, self.bias).flatten(2) + self.places @ places
        return z.transpose(1, 2)


def score_maps(train: TrainingImages, test: Iterable[Maps], seed: int, epochs: float) -> Floats:
    """Distance maps [T, H, W] of the test images, after ``epochs`` of training.

    Raises ``ValueError`` where the loss is not finite.
    """
    first = next(iter(train))
    descriptor = Descriptor.untrained(sum(channels(first)), derive(seed, "cfa"), first[0].device)
    memory = remember(descriptor, train)
    radius = torch.full((), RADIUS, device=memory.device, requires_grad=True)
    optimiser = AmsGrad([*descriptor.parameters, radius], WEIGHT_DECAY)
    random = np.random.default_rng(derive(seed, "cfa order"))
    steps = ((maps, LEARNING_RATE) for _ in range(round(epochs)) for maps in train.shuffled(random, BATCH))
    descend("CFA", optimiser, steps, lambda maps: loss(descriptor.patches(maps), memory, radius))
    with torch.no_grad():
        return concatenated(score(descriptor.patches(maps), memory).unflatten(1, maps[0].shape[-2:]) for maps in test)


@torch.no_grad()
def remember(descriptor: Descriptor, train: Iterable[Maps]) -> Tensor:
    """The memory [P, D]."""
    total, count = torch.zeros(()), 0
    for maps in train:
        patches = descriptor.patches(maps)
        total, count = total.to(patches) + patches.sum(0), count + len(patches)
    return total / count


def loss(patches: Tensor, memory: Tensor, radius: Tensor) -> Tensor:
    """The coupled hyperspheres' loss of ``patches`` [B, P, D]: their nearest memories are to lie within the ``radius``,
    the next ones beyond it by a margin."""
    squares: Tensor = _Nearest.apply(patches.flatten(0, 1), memory, NEAREST + NEXT)
    attraction = (squares[:, :NEAREST] - radius.square()).relu().mean()
    repulsion = (radius.square() - squares[:, NEXT:] - MARGIN).relu().mean()
    return (attraction + repulsion) / SLACK


def score(patches: Tensor, memory: Tensor) -> Tensor:
    """The distance of each of ``patches`` [B, P, D] to the nearest memory, times its share in the softmin of the three
    nearest; [B, P]."""
    parts = [_Nearest.apply(some, memory, NEAREST) for some in patches.flatten(0, 1).split(TOGETHER)]
    distances = torch.cat(parts).clamp(min=0).sqrt()
    return (distances[:, 0] * (-distances).softmax(-1)[:, 0]).view(patches.shape[:2])


class _Nearest(torch.autograd.Function):
    """``forward(patches, memory, count)``: the squared distances [N, count] of patches [N, D] to the nearest rows of
    the memory [M, D], which has no gradient."""

    @staticmethod
    def forward(ctx: Any, patches: Tensor, memory: Tensor, count: int) -> Tensor:
        compared = torch.addmm(memory.square().sum(1), patches, memory.T, alpha=-2)  # less what a patch adds to all
        squares, near = compared.topk(count, largest=False)
        ctx.save_for_backward(patches, memory, near)
        return squares + patches.square().sum(1, keepdim=True)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        """With g the gradient of each distance to its m, 2 Σ g (p - m), without the differences."""
        patches, memory, near = ctx.saved_tensors
        drawn = embedding_bag(near, memory, per_sample_weights=gradient, mode="sum")
        return 2 * (gradient.sum(1, keepdim=True) * patches - drawn), None, None

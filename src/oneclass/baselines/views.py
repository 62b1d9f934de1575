"""The random views of images that contrastive learning compares, of a whole batch on its device."""

import math

import torch
from torch import Generator, Tensor
from torch.nn.functional import affine_grid, grid_sample

from oneclass.training.augment import GREY, jitter

JITTERED, STRENGTHS = 0.8, (0.4, 0.4, 0.4, 0.07)  # share of images; of brightness, contrast, saturation and hue
GREYED = 0.2
RATIO = (3 / 4, 4 / 3)  # width by height
TRIALS = 10


def view(images: Tensor, share: tuple[float, float], random: Generator) -> Tensor:
    """A view of each of ``images`` [B, 3, S, S] in [0, 1]: other colours, or none, and a part of it, of between these
    ``share``s of its area."""
    coloured = _some(images, jitter(images, random, STRENGTHS), JITTERED, random)
    weights = torch.tensor(GREY, device=images.device)
    grey = torch.einsum("c,bchw->bhw", weights, coloured)[:, None].expand_as(coloured)
    return cropped(_some(coloured, grey, GREYED, random), *crops(len(images), share, random))


def mirrored(images: Tensor, random: Generator) -> Tensor:
    """``images`` [B, C, H, W], of which half are mirrored."""
    return _some(images, images.flip(3), 0.5, random)


def crops(count: int, share: tuple[float, float], random: Generator) -> tuple[Tensor, Tensor]:
    """Random parts of images: width and height, and how far the middle is from the image's to the right and down, as
    parts of the side; [count, 2] each. The first of ten random sizes that fits, or else the whole image."""
    low, high = (math.log(ratio) for ratio in RATIO)
    area = share[0] + (share[1] - share[0]) * torch.rand(count, TRIALS, generator=random)
    ratio = (low + (high - low) * torch.rand(count, TRIALS, generator=random)).exp()
    sizes = torch.stack([(area * ratio).sqrt(), (area / ratio).sqrt()], 2)  # [count, TRIALS, 2]
    fits = (sizes <= 1).all(2)
    size = torch.where(fits.any(1)[:, None], sizes[torch.arange(count), fits.int().argmax(1)], torch.ones(()))
    return size, (1 - size) * (torch.rand(count, 2, generator=random) - 0.5)


def cropped(images: Tensor, size: Tensor, middle: Tensor) -> Tensor:
    """These parts of ``images`` [B, C, S, S], as large as the images; bilinear. See ``crops``."""
    theta = torch.cat([torch.diag_embed(size), 2 * middle[:, :, None]], 2).to(images)  # to coordinates in [-1, 1]
    grid = affine_grid(theta, list(images.shape), align_corners=False)
    return grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def _some(images: Tensor, changed: Tensor, share: float, random: Generator) -> Tensor:
    """Of a ``share`` of the images, drawn at random, ``changed``."""
    chosen = torch.rand(len(images), 1, 1, 1, generator=random) < share
    return torch.where(chosen.to(images.device), changed, images)

"""Pieces of textures in normal images, as DRAEM is trained on (Zavrtanik et al. 2021, Section 3.3)."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as transforms

from oneclass.data.defects import perlin

FINEST = 5  # a lattice of noise has 1 to 2^5 cells a side, drawn for rows and columns apart
THRESHOLD = 0.5 / 2**0.5  # of Perlin noise within ±1 / √2; the paper's is scaled to ±1
TRANSPARENCY = 0.8  # at most
PASTED = 0.5  # share of images
TURNED = 0.3  # share of images that are turned first, by up to 90 degrees
CHANGES = 3  # of TEXTURE_CHANGES


def example(image: Tensor, texture: Tensor, random: Generator) -> tuple[Tensor, Tensor, Tensor]:
    """A normal image and the same with pieces of a ``texture``, [3, H, W] in [0, 1], and the mask of these [H, W].

    ``image`` and ``texture`` are uint8 [3, H, W]. The image itself may be turned; of half of them the mask is empty.
    """
    if random.random() < TURNED:
        image = turned(image, random.uniform(-90, 90))
    normal = image / 255
    if random.random() >= PASTED:
        return normal, normal, torch.zeros(image.shape[1:])
    for change in random.permutation(len(TEXTURE_CHANGES))[:CHANGES]:
        texture = TEXTURE_CHANGES[change](texture, random)
    mask, transparency = shapes((image.shape[1], image.shape[2]), random), random.uniform(0, TRANSPARENCY)
    mixed = torch.lerp(texture / 255, normal, transparency)
    return normal, torch.where(mask, mixed, normal), mask.float()


def shapes(size: tuple[int, int], random: Generator) -> Tensor:
    """Where Perlin noise is high, [H, W]: cells of random height and width, turned by up to 90 degrees."""
    height, width = (side / 2 ** int(random.integers(FINEST + 1)) for side in size)
    noise = torch.from_numpy(perlin(size, (height, width), random)).float()
    return turned(noise[None], random.uniform(-90, 90))[0] > THRESHOLD


def turned(image: Tensor, degrees: float) -> Tensor:
    """``image`` [C, H, W] turned about its middle; what comes from outside is 0."""
    return transforms.rotate(image, degrees, InterpolationMode.BILINEAR)


def _gamma(texture: Tensor, random: Generator) -> Tensor:
    exponents = torch.from_numpy(np.exp2(random.uniform(-1, 1, 3)))[:, None, None]  # each channel's, 1/2 to 2
    return (255 * (texture / 255) ** exponents).round().byte()


def _brightness(texture: Tensor, random: Generator) -> Tensor:
    return (texture * random.uniform(0.8, 1.2) + random.uniform(-30, 30)).clamp(0, 255).byte()


def _colour(texture: Tensor, random: Generator) -> Tensor:
    hue = transforms.adjust_hue(texture, random.uniform(-50, 50) / 255)
    return transforms.adjust_saturation(hue, random.uniform(0.8, 1.2))


def _solarize(texture: Tensor, random: Generator) -> Tensor:
    return transforms.solarize(texture, random.uniform(32, 128)) if random.random() < 0.5 else texture


TEXTURE_CHANGES: tuple[Callable[[Tensor, Generator], Tensor], ...] = (
    _gamma,
    _brightness,
    _colour,
    _solarize,
    lambda texture, random: transforms.adjust_sharpness(texture, random.uniform(0, 2)),
    lambda texture, random: transforms.posterize(texture, int(random.integers(1, 9))),
    lambda texture, random: transforms.invert(texture),
    lambda texture, random: transforms.autocontrast(texture),
    lambda texture, random: transforms.equalize(texture),
    lambda texture, random: turned(texture, random.uniform(-45, 45)),
)

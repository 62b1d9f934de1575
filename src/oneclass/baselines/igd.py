"""IGD, the interpolated Gaussian descriptor (Chen et al. 2022): normal images near a centre, and smoothly so.

z = W f + b of the features f of a frozen backbone is decoded to x̂ = g(z). Its loss is L_rec + L_gauss + 0.1 L_inter:

- L_rec(x) = 0.85 (1 - MS-SSIM(x, x̂)) + 0.15 mean |x - x̂| / the span of pixel values;
- L_gauss(x) = 1 - exp(-||z - c||² / s), where every ten epochs the centre c is set to the mean of the training
  images' z (no coordinate nearer to 0 than 0.1) and the scale s to the mean of ||z - c||², or 1 if that is less;
- L_inter = d(g(a z + (1 - a) z'))² with z' of another image and a ~ U(0, 0.5): a critic d, which is trained on
  (d(g(a z + (1 - a) z')) - a)² + d(x̂ + 0.2 (x - x̂))², shall not tell interpolated images from decoded ones.

One descriptor learns whole images, one their patches of 32 pixels, every 16 pixels. An image's score is the mean of
0.1 L_rec + 0.9 L_gauss of the image and the greatest 0.9 L_rec + 0.1 L_gauss of its patches. Its map is the same with
L_rec at each pixel, averaged where patches overlap. An image of at most 32 pixels is its only patch, which scores
(L_rec + L_gauss) / 2.

Numbers are those of the authors' code (github.com/tianyu0207/IGD). Unlike there: the backbone is the run's own, for
patches too, not one distilled on patches; a map has L_gauss in it, for its maximum is the image's score in Protocol B;
batch normalisation learns its statistics; SSIM of a coarse scale stands where its window was; the critic takes the
decoder's images as they are before its step, and each with its own a.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn.functional import fold, interpolate

from oneclass.baselines.igd_descriptor import Descriptor
from oneclass.errors import UserError
from oneclass.features.backbone import Backbone
from oneclass.seeds import derive

SIDE, STRIDE = 32, 16  # of patches
IMAGE_BATCH, PATCH_BATCH = 16, 2  # images
IMAGE_WINDOW, PATCH_WINDOW = 11, 3  # of MS-SSIM, in pixels
IMAGE_SHARE, PATCH_SHARE, ONLY_SHARE = 0.1, 0.9, 0.5  # of L_rec in a score

Floats = NDArray[np.float32]


def score_images(
    train: Tensor,
    test: Tensor,
    seed: int,
    device: str,
    *,
    backbone: Backbone,
    epochs: float,
    width: float,
    size: float,
    patches: float,
) -> Floats:
    """Scores [T] of ``test`` [T, 3, S, S], after ``epochs`` of training on ``train`` [N, 3, S, S], uint8.

    Images are taken at ``size`` pixels a side (a power of two), those of at most 32 at 32; ``width`` is a factor on the
    networks' layers, and so many ``patches`` of an image, drawn anew each time, are trained on at once, or all.
    Raises ``UserError`` for another ``size``, ``ValueError`` where a loss is not finite.
    """
    if train.shape[-1] <= SIDE:
        one = _learnt(_resized(train, SIDE), None, backbone, epochs, width, seed, device)
        return _joined(one.scores(part, ONLY_SHARE) for part in _resized(test, SIDE).split(IMAGE_BATCH))
    train, test = (_sized(images, size) for images in (train, test))
    image = _learnt(train, None, backbone, epochs, width, seed, device)
    local = _learnt(train, round(patches), backbone, epochs, width, seed, device)

    def score(part: Tensor) -> Tensor:
        greatest = local.scores(cut(part), PATCH_SHARE).unflatten(0, (len(part), -1)).amax(1)
        return (image.scores(part, IMAGE_SHARE) + greatest) / 2

    return _joined(score(part) for part in test.split(PATCH_BATCH))


def localise(
    train: Tensor,
    test: Tensor,
    seed: int,
    device: str,
    *,
    backbone: Backbone,
    epochs: float,
    width: float,
    size: float,
    patches: float,
    layers: Sequence[int] = (),
) -> Floats:
    """Maps [T, ``size``, ``size``] of ``test``; all else is as for ``score_images``. It takes no maps of ``layers``."""
    train, test = (_sized(images, size) for images in (train, test))
    image = _learnt(train, None, backbone, epochs, width, seed, device)
    local = _learnt(train, round(patches), backbone, epochs, width, seed, device)

    def score(part: Tensor) -> Tensor:
        joined = together(local.maps(cut(part), PATCH_SHARE), len(part), part.shape[-1])
        return (image.maps(part, IMAGE_SHARE) + joined) / 2

    return _joined(score(part) for part in test.split(PATCH_BATCH))


def cut(images: Tensor, count: int | None = None, random: Generator | None = None) -> Tensor:
    """The patches of ``images`` [B, 3, S, S], row by row, [B · P, 3, 32, 32]; with ``random``, ``count`` of each."""
    grid = images.unfold(2, SIDE, STRIDE).unfold(3, SIDE, STRIDE).permute(0, 2, 3, 1, 4, 5).flatten(1, 2)
    if random is not None:
        chosen = torch.rand(grid.shape[:2], generator=random).argsort(1)[:, :count]
        grid = grid[torch.arange(len(grid))[:, None], chosen]
    return grid.flatten(0, 1)


def together(residuals: Tensor, count: int, side: int) -> Tensor:
    """Maps [``count``, side, side] of the ``residuals`` [count · P, 32, 32] of their patches, averaged where these
    overlap."""
    columns = residuals.flatten(1).unflatten(0, (count, -1)).mT  # [count, 32 · 32, P]
    total, times = (fold(each, side, SIDE, stride=STRIDE)[:, 0] for each in (columns, torch.ones_like(columns)))
    return total / times


def _sized(images: Tensor, size: float) -> Tensor:
    """``images`` at ``size`` pixels a side; raises ``UserError`` if the networks cannot make them."""
    side = round(size)
    if side < 2 * SIDE or side & (side - 1):
        raise UserError(f"igd: size {size:g} is not a power of two from {2 * SIDE}; set it to 64, 128, 256 or 512")
    return _resized(images, side)


def _learnt(
    images: Tensor, patches: int | None, backbone: Backbone, epochs: float, width: float, seed: int, device: str
) -> Descriptor:
    """The descriptor of whole ``images``, or of so many of their patches at a time."""
    kind = "image" if patches is None else "patches"
    side = images.shape[-1] if patches is None else SIDE
    window = IMAGE_WINDOW if side > SIDE else PATCH_WINDOW
    descriptor = Descriptor(backbone, side, window, width, derive(seed, kind, "weights"), device)
    random = Generator().manual_seed(derive(seed, kind, "training"))
    if patches is None:
        descriptor.fit(images, IMAGE_BATCH, lambda part, _: part, round(epochs), random)
    else:
        descriptor.fit(images, PATCH_BATCH, lambda part, drawing: cut(part, patches, drawing), round(epochs), random)
    return descriptor


def _resized(images: Tensor, side: int) -> Tensor:
    """``images`` uint8 [N, 3, S, S] at ``side`` pixels a side."""
    if images.shape[-1] == side:
        return images
    parts = (interpolate(part.float(), side, mode="bilinear", antialias=True) for part in images.split(64))
    return torch.cat([part.round().clamp(0, 255).byte() for part in parts])


def _joined(parts: Iterator[Tensor]) -> Floats:
    joined: Floats = torch.cat([part.cpu() for part in parts]).numpy()
    return joined

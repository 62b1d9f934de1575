"""Augmentation of whole batches on the device (Appendix G.1); every image draws its own.

The order differs from the authors' loader in one harmless way: crop and flip move bytes, so they come before the rest.
"""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor
from torch.nn.functional import pad

JITTER = 0.01  # of brightness, contrast, saturation and hue
NOISE = 0.001  # standard deviation of the Gaussian added to each value, for images in [0, 1]
GREY = (0.2989, 0.587, 0.114)  # torchvision's weights of red, green and blue


def random_crop(images: Tensor, size: int, padding: int, flip: bool, random: Generator) -> Tensor:
    """A random ``size`` square of each of ``images`` [B, C, H, W], padded with zeros; with ``flip``, half mirrored."""
    images = pad(images, (padding,) * 4)
    count, device = len(images), images.device
    corners = [torch.randint(extent - size + 1, (count, 1), generator=random) for extent in images.shape[2:]]
    steps = torch.arange(size)
    rows, columns = (corner + steps for corner in corners)
    if flip:
        mirrored = torch.rand(count, 1, generator=random) < 0.5
        columns = torch.where(mirrored, columns.flip(1), columns)
    image = torch.arange(count, device=device)[:, None, None]
    taken = images.permute(0, 2, 3, 1)[image, rows.to(device)[:, :, None], columns.to(device)[:, None, :]]
    return taken.permute(0, 3, 1, 2)


def center_crop(images: Tensor, size: int) -> Tensor:
    """The ``size`` square in the middle of ``images`` [B, C, H, W], as at test."""
    top, left = ((extent - size) // 2 for extent in images.shape[2:])
    return images[:, :, top : top + size, left : left + size]


def jitter(images: Tensor, random: Generator, strengths: Sequence[float] | None = None) -> Tensor:
    """Brightness, contrast, saturation and hue of ``images`` [B, 3, H, W] in [0, 1], each by up to its one of
    ``strengths`` (None: ``JITTER`` each; hue at most 1/6).

    The first three are linear in the pixel, so one 3×3 matrix and one offset an image do them. As torchvision's, but
    for values that a step would leave out of [0, 1]: they are clamped once.
    """
    count = len(images)
    *factors, most = strengths or (JITTER,) * 4
    brightness, contrast, saturation = (1 + strength * _signed(count, random) for strength in factors)
    turn = most * _signed(count, random)
    grey = torch.tensor(GREY)
    level = torch.einsum("c,bc->b", grey, images.mean((2, 3)).cpu())  # contrast moves pixels about the mean grey
    saturate = torch.lerp(grey.expand(3, 3), torch.eye(3), saturation[:, None, None])
    matrix = saturate * (contrast * brightness)[:, None, None]
    offset = (1 - contrast) * brightness * level  # grey, which saturation leaves alone
    moved = torch.einsum("bij,bjhw->bihw", matrix.to(images.device), images)
    moved = moved.add_(offset.to(images.device)[:, None, None, None]).clamp_(0, 1)
    return shift_hue(moved, turn.to(images.device))


def shift_hue(images: Tensor, turn: Tensor) -> Tensor:
    """``images`` [B, 3, H, W] with the hue of HSV moved by ``turn`` [B] of the colour circle, at most 1/6 either way.

    Greatest, least and their difference stay. The middle value goes up or down by 6 · turn · difference; what it
    would go beyond the greatest or least, that channel goes instead: 2 x - middle is x for the middle value itself,
    and as far outside the range as it takes for the other two to come to their turn.
    """
    red, green, blue = images.unbind(1)
    high, low = torch.maximum(torch.maximum(red, green), blue), torch.minimum(torch.minimum(red, green), blue)
    middle = (red + green + blue).sub_(high).sub_(low)
    step = 6 * turn[:, None, None] * (high - low)
    return torch.stack(
        [
            (before - after).sign_().mul_(step).add_(x, alpha=2).sub_(middle).clamp_(low, high)
            for before, x, after in ((blue, red, green), (red, green, blue), (green, blue, red))
        ],
        dim=1,
    )


def noise(images: Tensor, random: Generator) -> Tensor:
    """``images`` plus Gaussian noise of ``NOISE``."""
    return images + NOISE * torch.randn(images.shape, generator=random).to(images.device)


def _signed(count: int, random: Generator) -> Tensor:
    return 2 * torch.rand(count, generator=random) - 1

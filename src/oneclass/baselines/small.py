"""Images as systems for 32 pixels a side take them."""

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

SIDE = 32


def small(images: Tensor) -> Tensor:
    """``images`` uint8 [N, 3, S, S] in [0, 1], averaged down to ``SIDE`` where they are larger."""
    side = min(SIDE, images.shape[-1])
    return torch.cat([adaptive_avg_pool2d(part.float() / 255, side) for part in images.split(256)])

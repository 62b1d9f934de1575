"""Image geometry before the backbone (paper 1, Section 4.1)."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def prepare(image: Image.Image, resize: int, crop: int | None) -> Tensor:
    """Resize to a ``resize`` square (bilinear, antialiased) and cut out its centre; uint8 ``[3, S, S]``."""
    image = image.resize((resize, resize), Image.Resampling.BILINEAR)
    if crop is not None:
        start = (resize - crop) // 2
        image = image.crop((start, start, start + crop, start + crop))
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)

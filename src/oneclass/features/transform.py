"""From an image to the tensor that a backbone takes."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from oneclass.data.geometry import squeeze


def prepare(image: Image.Image, resize: int, crop: int | None) -> Tensor:
    """``image`` in the geometry of the backbone's input (``data.geometry``); uint8 ``[3, S, S]``."""
    return torch.from_numpy(np.array(squeeze(image, resize, crop))).permute(2, 0, 1)

"""Images of an index as a network on pixels sees them."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.data import images
from oneclass.data.geometry import Geometry
from oneclass.data.index import Place


def load(place: Place, geometry: Geometry) -> Tensor:
    """The image [3, H, W] at ``place``, in [0, 1] and in ``geometry``."""
    image = geometry.apply(images.load(*place))
    return torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255


def pixels(image: Tensor) -> NDArray[np.uint8]:
    """``image`` [3, H, W] as 8-bit pixels [H, W, 3]."""
    return (255 * image).round().byte().permute(1, 2, 0).numpy()

"""Images of an index as a network on pixels sees them."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.data import images
from oneclass.data.geometry import squeeze


def load(root: str, row: pd.Series, sides: tuple[int, int | None]) -> Tensor:
    """The image [3, H, W] of the ``row`` of an index, in [0, 1], resized and cropped to ``sides`` as in ``squeeze``."""
    image = images.load(Path(root), row["path"], row["item"], row["reader"])
    return torch.from_numpy(np.array(squeeze(image, *sides))).permute(2, 0, 1) / 255


def pixels(image: Tensor) -> NDArray[np.uint8]:
    """``image`` [3, H, W] as 8-bit pixels [H, W, 3]."""
    return (255 * image).round().byte().permute(1, 2, 0).numpy()

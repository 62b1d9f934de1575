from collections.abc import Callable

import pytest
import torch
from open_clip import CLIP
from torch import nn

TEXT = {"context_length": 16, "width": 16, "heads": 2, "layers": 1}
VISION = {
    "resnet": {"image_size": 32, "layers": [1, 1, 1, 1], "width": 4, "head_width": 32},
    "transformer": {"image_size": 32, "patch_size": 16, "layers": 3, "width": 16, "head_width": 8},
}


@pytest.fixture
def tiny() -> Callable[[str], nn.Module]:
    """A CLIP with random weights, in evaluation mode, whose image tower is a ResNet or a transformer."""

    def make(kind: str) -> nn.Module:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            return CLIP(8, VISION[kind], TEXT, quick_gelu=True).eval().requires_grad_(False)

    return make

"""A 1×1 convolution of any stride that is safe on a CPU."""

from torch import Tensor, nn


class Pointwise(nn.Conv2d):
    """A 1×1 convolution, without bias, of every ``stride``-th pixel.

    PyTorch's own (2.15, on CPUs without AVX-512) writes past its memory in the backward pass of a stride of 2, fewer
    than 8 channels, and these last.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__(inputs, outputs, 1, bias=False)
        self._every = stride

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, inputs, H, W] to [B, outputs, H / stride, W / stride]."""
        return super().forward(x[:, :, :: self._every, :: self._every])

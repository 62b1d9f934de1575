"""The small head on frozen features, which is also the end of a LeNet."""

from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from oneclass.exposure.networks.layers import EPS, MOMENTUM, SLOPE, Encoder, Linear, applied, counted, units


class Head(Encoder):
    """Two linear layers, the first with batch normalisation: 512 and 256 units at width 1. [B, D] to [B, R]."""

    def __init__(self, inputs: int, width: float, precision: str = "float32", members: int = 1) -> None:
        super().__init__()
        self._precision = precision
        hidden, self.outputs = units(512, width), units(256, width)
        self.first = Linear(inputs, hidden, members)
        self.norm = nn.BatchNorm1d(members * hidden, eps=EPS, momentum=MOMENTUM)
        self.last = Linear(hidden, self.outputs, members)

    def forward(self, x: Tensor, counts: Tensor | None = None) -> Tensor:
        """Map [B, D] to [B, R]."""
        y = applied(self.first, x, self._precision).to(x.dtype)
        return self.last(leaky_relu(counted(self.norm, y, counts), SLOPE))


def build(width: float, precision: str, inputs: int, members: int = 1) -> Head:
    """Heads on ``inputs`` features, beside each other, with PyTorch's default first weights."""
    return Head(inputs, width, precision, members)

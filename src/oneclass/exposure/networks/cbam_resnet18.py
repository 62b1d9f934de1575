"""The network of paper 2 for 224-pixel images (Appendix G.1)."""

from typing import Any

from timm.models.resnet import BasicBlock, ResNet
from torch import Tensor, nn

from oneclass.exposure.networks.layers import Encoder, applied, units


class CbamResNet18(Encoder):
    """ResNet-18 with CBAM (Woo et al. 2018) in every block, 256 outputs. [B, 3, 224, 224] to [B, R]; no counts."""

    def __init__(self, width: float, precision: str = "float32") -> None:
        super().__init__()
        self._precision = precision
        channels = tuple(units(count, width) for count in (64, 128, 256, 512))
        self.outputs = units(256, width)
        block: Any = BasicBlock  # timm takes the class and declares an instance
        self.network = ResNet(
            block,
            (2, 2, 2, 2),
            num_classes=self.outputs,
            channels=channels,
            stem_width=channels[0],
            block_args={"attn_layer": "cbam"},
            zero_init_last=False,
        )
        for module in self.network.modules():  # the authors' code goes back to PyTorch's own initialisation
            if isinstance(module, nn.Conv2d | nn.Linear | nn.BatchNorm2d):
                module.reset_parameters()

    def forward(self, x: Tensor, counts: Tensor | None = None) -> Tensor:
        """Map [B, 3, 224, 224] to [B, R]; raises ``ValueError`` if given ``counts``."""
        if counts is not None:
            raise ValueError("its batches are cropped at random: no two samples are the same")
        return applied(self.network, x, self._precision).to(x.dtype)


def build(width: float, precision: str, inputs: int) -> CbamResNet18:
    """A ResNet-18 with PyTorch's default first weights; it takes pixels, whatever ``inputs``."""
    return CbamResNet18(width, precision)

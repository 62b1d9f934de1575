"""What is known of pretrained networks without loading them: their arithmetic, and the sizes of their features."""

from collections.abc import Sequence
from dataclasses import dataclass

from oneclass.config import Config

SIDE = 224  # pixels a side of the images that ``gmac`` is for
MOBILE = "mobile GMAC"  # depthwise convolutions, which do less a second


@dataclass(frozen=True)
class Architecture:
    """Billions of multiplications for an image of ``SIDE`` pixels a side, millions of parameters, the number of pooled
    features, the channels of each level (1 has a quarter of the image's side, each further one half of that), and how
    the stages share the arithmetic."""

    gmac: float
    parameters: float
    features: int
    channels: tuple[int, ...]
    stages: tuple[float, ...]
    unit: str = "forward GMAC"

    def maps(self, layers: Sequence[int], side: int) -> tuple[tuple[int, int], ...]:
        """Channels and positions of the maps of ``layers``, of an image of ``side`` pixels a side."""
        return tuple((self.channels[layer - 1], (side // 2 ** (layer + 1)) ** 2) for layer in layers)

    @property
    def kept_mb(self) -> float:
        """About what autograd keeps of an image of ``SIDE`` pixels where weights are frozen; counted on networks with
        ADIP's adapters."""
        return 240 * self.gmac if self.unit == MOBILE else 20 + 16 * self.gmac

    def trained(self, blocks: int) -> float:
        """The share of the last ``blocks`` stages in the arithmetic."""
        return sum(self.stages[-blocks:]) / sum(self.stages)


BOTTLENECKS = 2048, (256, 512, 1024, 2048)
LITE = (3, 4, 3, 7, 3)  # about
LARGEST = Architecture(11.6, 60.2, *BOTTLENECKS, (3, 8, 36, 3))
ARCHITECTURES = {
    "resnet18": Architecture(1.8, 11.7, 512, (64, 128, 256, 512), (1, 1, 1, 1)),
    "resnet34": Architecture(3.7, 21.8, 512, (64, 128, 256, 512), (1, 1, 1, 1)),
    "resnet50": Architecture(4.1, 25.6, *BOTTLENECKS, (3, 4, 6, 3)),
    "resnet101": Architecture(7.8, 44.5, *BOTTLENECKS, (3, 4, 23, 3)),
    "resnet152": LARGEST,
    "wide_resnet50_2": Architecture(11.4, 68.9, *BOTTLENECKS, (3, 4, 6, 3)),
    "tf_efficientnet_lite0": Architecture(0.39, 4.7, 1280, (24, 40, 112, 320), LITE, MOBILE),
    "tf_efficientnet_lite1": Architecture(0.5, 5.4, 1280, (24, 40, 112, 320), LITE, MOBILE),
    "tf_efficientnet_lite2": Architecture(0.58, 6.1, 1280, (24, 48, 120, 352), LITE, MOBILE),
}


def architecture(config: Config, backbone: str) -> Architecture:
    """That of a backbone; one that is not known here is taken to be a ResNet-152."""
    return ARCHITECTURES.get(config.backbones[backbone].architecture.split(".")[0], LARGEST)


def unknown(config: Config) -> list[str]:
    """The backbones that are taken to be a ResNet-152."""
    return [name for name, one in config.backbones.items() if one.architecture.split(".")[0] not in ARCHITECTURES]

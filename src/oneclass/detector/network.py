"""The whole path from picture to anomaly map and score, as one module that PyTorch runs and an ONNX file holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import timm
import torch
from torch import Tensor, nn

from oneclass.features.activations import Activations, before
from oneclass.features.backbone import Backbone, frozen
from oneclass.localisation import closed_form
from oneclass.localisation.maps import Joining, Maps, subtract
from oneclass.localisation.moments import Centring, Statistics
from oneclass.localisation.smoothing import smoother
from oneclass.objective.closed_form import choose_time


class Trunk(nn.Module):
    """From pictures, uint8 [B, 3, S, S], to pooled feature maps. It takes the backbone's network over and cuts off what
    lies beyond ``layers``."""

    network: Any  # nn.Module does not declare the methods that timm gives its models
    mean: Tensor
    std: Tensor

    def __init__(self, backbone: Backbone, layers: list[int], joining: Mapping[str, Any]) -> None:
        super().__init__()
        self.network = backbone.network
        self.network.prune_intermediate_layers(layers, prune_norm=True, prune_head=True)
        self.layers, self.joining, self.kept = layers, Joining(**joining), backbone.kept
        self.register_buffer("mean", 255 * torch.tensor(backbone.mean).view(3, 1, 1))
        self.register_buffer("std", 255 * torch.tensor(backbone.std).view(3, 1, 1))

    def forward(self, images: Tensor) -> Maps:
        scaled = (images.float() - self.mean) / self.std
        maps = self.network.forward_intermediates(scaled, indices=self.layers, intermediates_only=True, stop_early=True)
        return self.joining.join(maps if self.kept is None else before(self.kept, self.layers))


def empty_trunk(architecture: str, activations: Activations, layers: list[int], joining: Mapping[str, Any]) -> Trunk:
    """A trunk of the same structure whose weights mean nothing yet: ``load_state_dict`` brings them."""
    return Trunk(frozen(timm.create_model(architecture, pretrained=False), activations, ""), layers, joining)


@dataclass(frozen=True)
class Projection:
    """What training in closed form leaves of features, less their ``offset`` (``localisation.closed_form.remains``)."""

    offset: list[Tensor]
    weight: Tensor
    bias: Tensor
    last: Tensor

    def distances(self, maps: Maps, norms: Tensor) -> Tensor:
        """Distance to a centre of each of ``norms`` [V] at every position, [V, B, h, w]."""
        return closed_form.distances(subtract(maps, self.offset), self.weight, self.bias, self.last, norms)


def project(statistics: Statistics, centring: Centring) -> Projection:
    """The closed form for normal pictures with these ``statistics``, at the training time that its rule chooses."""
    spectrum = closed_form.spectrum_of(statistics.centred(centring))
    offset = statistics.offset(centring)
    return Projection(offset, *(part.to(offset[0]) for part in closed_form.remains(spectrum, choose_time(spectrum))))


class Detector(nn.Module):
    """Pictures, uint8 [B, 3, S, S], to anomaly maps [B, S, S] and scores [B], the maximum of each map.

    ``smoothing`` [S, h] brings a map of h positions a side to S pixels (``localisation.smoothing.smoother``).
    """

    weight: Tensor
    bias: Tensor
    last: Tensor
    norm: Tensor
    smoothing: Tensor

    def __init__(self, trunk: Trunk, projection: Projection, norm: float, smoothing: Tensor) -> None:
        super().__init__()
        self.trunk = trunk
        for level, offset in enumerate(projection.offset):
            self.register_buffer(f"offset{level}", offset)
        for name in ("weight", "bias", "last"):
            self.register_buffer(name, getattr(projection, name))
        self.register_buffer("norm", torch.tensor([norm], dtype=torch.float32))
        self.register_buffer("smoothing", smoothing)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        offset = [self.get_buffer(f"offset{level}") for level in range(len(self.trunk.layers))]
        projection = Projection(offset, self.weight, self.bias, self.last)
        [distance] = projection.distances(self.trunk(images), self.norm)
        anomaly = self.smoothing @ distance @ self.smoothing.T
        return anomaly, anomaly.amax((1, 2))


@torch.no_grad()
def assemble(trunk: Trunk, projection: Projection, norm: float, side: int, sigma: float) -> Detector:
    """The detector, on the CPU, for pictures of ``side`` pixels and maps smoothed by a Gaussian of ``sigma`` pixels."""
    finest = trunk.cpu()(torch.zeros(1, 3, side, side, dtype=torch.uint8))[0]
    smoothing = torch.from_numpy(smoother(finest.shape[-1], side, sigma))
    detector = Detector(trunk, projection, norm, smoothing)
    return detector.cpu().eval().requires_grad_(False)

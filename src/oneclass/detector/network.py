"""The whole path from picture to anomaly map and score, as one module that PyTorch runs and an ONNX file holds."""

from collections.abc import Mapping
from typing import Any

import timm
import torch
from torch import Tensor, nn

from oneclass.features.activations import Activations, before
from oneclass.features.backbone import Backbone, frozen
from oneclass.objective.localisation.maps import Aggregation, Maps
from oneclass.objective.localisation.smoothing import smoother


class FeatureExtractor(nn.Module):
    """From pictures, uint8 [B, 3, S, S], to pooled feature maps. It takes the backbone's network over and cuts off what
    is beyond ``layers``."""

    network: Any  # nn.Module does not declare the methods that timm gives its models
    mean: Tensor
    std: Tensor

    def __init__(self, backbone: Backbone, layers: list[int], aggregation: Mapping[str, Any]) -> None:
        super().__init__()
        self.network = backbone.network
        self.network.prune_intermediate_layers(layers, prune_norm=True, prune_head=True)
        self.layers, self.aggregation, self.recorded = layers, Aggregation(**aggregation), backbone.recorded
        self.register_buffer("mean", 255 * torch.tensor(backbone.mean).view(3, 1, 1))
        self.register_buffer("std", 255 * torch.tensor(backbone.std).view(3, 1, 1))

    def forward(self, images: Tensor) -> Maps:
        scaled = (images.float() - self.mean) / self.std
        maps = self.network.forward_intermediates(scaled, indices=self.layers, intermediates_only=True, stop_early=True)
        return self.aggregation.apply(maps if self.recorded is None else before(self.recorded, self.layers))


def empty_extractor(
    architecture: str, activations: Activations, layers: list[int], aggregation: Mapping[str, Any]
) -> FeatureExtractor:
    """An extractor of the same structure whose weights mean nothing yet: ``load_state_dict`` brings them."""
    return FeatureExtractor(
        frozen(timm.create_model(architecture, pretrained=False), activations, ""), layers, aggregation
    )


class DetectorModule(nn.Module):
    """Pictures, uint8 [B, 3, S, S], to anomaly maps [B, S, S] and scores [B], the maximum of each map.

    ``distance`` is a finished module of ``distances``; ``smoothing`` [S, h] brings its maps of h positions a side to S
    pixels (``objective.localisation.smoothing.smoother``).
    """

    smoothing: Tensor

    def __init__(self, extractor: FeatureExtractor, distance: nn.Module, smoothing: Tensor) -> None:
        super().__init__()
        self.extractor, self.distance = extractor, distance
        self.register_buffer("smoothing", smoothing)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        [distance] = self.distance(self.extractor(images))
        anomaly = self.smoothing @ distance @ self.smoothing.T
        return anomaly, anomaly.amax((1, 2))


@torch.no_grad()
def assemble(extractor: FeatureExtractor, distance: nn.Module, image_size: int, sigma: float) -> DetectorModule:
    """The detector, on the CPU, for pictures of ``image_size`` pixels, maps smoothed by a Gaussian of ``sigma``."""
    blank = torch.zeros(1, 3, image_size, image_size, dtype=torch.uint8)
    size = distance.cpu()(extractor.cpu()(blank)).shape[-1]
    smoothing = torch.from_numpy(smoother(size, image_size, sigma))
    return DetectorModule(extractor, distance, smoothing).eval().requires_grad_(False)

"""The detector computes what the pipeline's stages compute one after another."""

import copy
from typing import Any

import numpy as np
import pytest
import timm
import torch
from scipy.ndimage import gaussian_filter
from torch import nn
from torch.nn.functional import interpolate

from oneclass.detector.distances import ClosedForm
from oneclass.detector.learning import project
from oneclass.detector.network import DetectorModule, FeatureExtractor, assemble, empty_extractor
from oneclass.features.backbone import frozen
from oneclass.objective.closed_form import Spectrum, choose_time
from oneclass.objective.localisation.maps import Aggregation, align
from oneclass.objective.localisation.moments import Centering, collect


def noise(count: int, side: int = 64) -> torch.Tensor:
    generator = torch.Generator().manual_seed(count)
    return torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=generator)


def closed_form(
    extractor: FeatureExtractor, train: torch.Tensor, centering: Centering, center_norm: float, sigma: float
) -> DetectorModule:
    """A detector for pictures of 64 pixels a side."""
    projection = project(collect([extractor(train)]), centering)
    return assemble(extractor, ClosedForm.from_projection(projection, torch.tensor([center_norm])), 64, sigma)


def test_an_extractor_gives_the_backbone_s_maps(lite0: Any) -> None:
    whole = lite0.features(noise(2), [1, 2, 3])[1]
    extractor = FeatureExtractor(copy.deepcopy(lite0), [1, 2, 3], {})
    for found, expected in zip(extractor(noise(2)), Aggregation().apply(whole), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


class Plain(nn.Module):
    """An extractor whose outputs a graph can have."""

    def __init__(self, extractor: FeatureExtractor) -> None:
        super().__init__()
        self.extractor = extractor

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(self.extractor(images))


def test_an_extractor_takes_maps_from_before_their_last_nonlinearity_in_a_graph_too() -> None:
    network = timm.create_model("resnet18", pretrained=False, zero_init_last=False)
    backbone = frozen(network, "before", "")
    expected = Aggregation(1, "nearest").apply(backbone.features(noise(2), [1, 2])[1])
    extractor = FeatureExtractor(backbone, [1, 2], {"patch_size": 1, "alignment": "nearest"})
    found = extractor(noise(2))
    assert found.alignment == "nearest" and (found[0] < 0).any()
    graph = torch.export.export(Plain(extractor), (noise(2),)).module()
    for a, b, c in zip(found, expected, graph(noise(2)), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(a, c, rtol=1e-4, atol=1e-4)


def test_an_extractor_keeps_nothing_beyond_its_layers(lite0: Any) -> None:
    sizes = [
        sum(p.numel() for p in network.parameters())
        for network in (lite0.network, FeatureExtractor(copy.deepcopy(lite0), [1, 2], {}))
    ]
    assert sizes[1] < sizes[0] / 10


@pytest.mark.parametrize("centering", ["none", "channel", "position"])
@pytest.mark.parametrize("center_norm", [1.0, 32.0])
def test_a_detector_is_the_literal_path(
    tiny_extractor: FeatureExtractor, centering: Centering, center_norm: float
) -> None:
    """Concatenated features, P_t as a matrix exponential, every pixel interpolated and then filtered."""
    train, new = noise(12), noise(3)
    detector = closed_form(tiny_extractor, train, centering, center_norm, 2.0)
    found, scores = detector(new)

    features, other = (align(tiny_extractor(images)).double() for images in (train, new))
    if centering != "none":
        means = features.mean((0, 2, 3) if centering == "channel" else 0, keepdim=True)
        features, other = features - means, other - means
    columns, new_columns = (torch.cat([f, torch.ones_like(f[:, :1])], dim=1) for f in (features, other))
    moment = torch.einsum("nchw,ndhw->cd", columns, columns) / (columns.shape[0] * columns[0, 0].numel())
    values, vectors = torch.linalg.eigh(moment)
    time = choose_time(Spectrum(vectors, values.clamp_min(0)))
    smallest = values.min() * torch.eye(len(values), dtype=torch.float64)
    left = torch.einsum("cd,ndhw->nchw", torch.linalg.matrix_exp(-2 * time * (moment - smallest)), new_columns)
    distance = (left.square().sum(1) / 3 + center_norm**2 * left[:, -1].square()).sqrt()
    pixels = interpolate(distance[:, None], 64, mode="bilinear", align_corners=False)[:, 0].numpy()
    expected = np.stack([gaussian_filter(one, 2.0, mode="reflect", truncate=4) for one in pixels])
    np.testing.assert_allclose(found.numpy(), expected, rtol=2e-3, atol=1e-4)
    np.testing.assert_array_equal(scores.numpy(), found.amax((1, 2)).numpy())


def test_a_batch_is_its_pictures_one_by_one(tiny_extractor: FeatureExtractor) -> None:
    detector = closed_form(tiny_extractor, noise(8), "none", 1.0, 2.0)
    together = detector(noise(3))
    for number, picture in enumerate(noise(3)):
        for all_of_them, alone in zip(together, detector(picture[None]), strict=True):
            torch.testing.assert_close(all_of_them[number], alone[0], rtol=1e-5, atol=1e-6)


def test_an_empty_extractor_takes_the_weights_of_a_folded_one(lite0_extractor: FeatureExtractor) -> None:
    empty = empty_extractor("tf_efficientnet_lite0", "after", [1, 2, 3], {})
    empty.load_state_dict(lite0_extractor.state_dict())
    for found, expected in zip(empty(noise(1)), lite0_extractor(noise(1)), strict=True):
        torch.testing.assert_close(found, expected)


def test_a_detector_has_nothing_to_train(tiny_extractor: FeatureExtractor) -> None:
    detector = closed_form(tiny_extractor, noise(8), "none", 1.0, 0.0)
    assert not any(parameter.requires_grad for parameter in detector.parameters())
    assert not detector(noise(1))[1].requires_grad

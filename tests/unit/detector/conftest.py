import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from PIL import Image

from oneclass.config.data import Dataset
from oneclass.data import containers, defects
from oneclass.data.build import build
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.sources import SOURCES
from oneclass.detector.fit import Findings, fit
from oneclass.detector.folder import write
from oneclass.detector.network import DetectorModule, FeatureExtractor
from oneclass.features.backbone import Backbone

SIDE = 64
FILES = {
    "safetensors": "detector.safetensors",
    "onnx": "detector.onnx",
    "json": "card.json",
    "html": "card.html",
}


def tiny() -> Backbone:
    """A network of a few thousand weights, always the same."""
    torch.manual_seed(0)
    network: Any = timm.create_model("test_efficientnet", pretrained=False)
    settings = timm.data.resolve_model_data_config(network)
    network.reset_classifier(0)
    return Backbone(network.eval().requires_grad_(False), settings["mean"], settings["std"], "0" * 64)


@pytest.fixture(scope="session")
def tiny_extractors() -> Callable[[], FeatureExtractor]:
    """A new one at each call, always the same network."""
    return lambda: FeatureExtractor(tiny(), [1, 2, 3], {})


@pytest.fixture
def tiny_extractor(tiny_extractors: Callable[[], FeatureExtractor]) -> FeatureExtractor:
    return tiny_extractors()


@pytest.fixture
def lite0_extractor(lite0: Any) -> FeatureExtractor:
    return FeatureExtractor(copy.deepcopy(lite0), [1, 2, 3], {})


@pytest.fixture(scope="session")
def bricks() -> np.ndarray:
    """Photographs [N, 128, 128] of a brick wall; the halves of N show different walls."""
    return containers.crops(SOURCES["textures"].root({}, Path()) / "brick.png")


@dataclass(frozen=True)
class Made:
    """A finished detector, its folder and the index it was made from; 10 new pictures, and which are anomalous."""

    detector: DetectorModule
    findings: Findings
    folder: Path
    index: Index
    new: Path
    labels: dict[str, int]


def _index_of(folder: Path, **settings: Any) -> Index:
    """The index of a folder of one's own pictures."""
    options = Dataset(source="own_images", task="defect", path=str(folder), **settings).model_dump()
    return build("mine", options, Path("data"), 1024)


def _fitted(index: Index, extractor: FeatureExtractor, side: int, **settings: Any) -> tuple[DetectorModule, Findings]:
    chosen: dict[str, Any] = {
        "method": "nearest",
        "center_norms": [1.0, 8.0, 32.0],
        "centering": None,
        "sigma": 2.0,
        "threshold_quantile": 0.99,
        "defect_contrast": 0.5,
        "seed": 1024,
        "workers": 1,
        "device": "cpu",
    }
    name = index.table["class_name"].iloc[0]
    return fit(index, name, extractor, Geometry(side), **(chosen | settings))


def _written(detector: DetectorModule, findings: Findings, index: Index, folder: Path, architecture: str) -> Path:
    side = findings.shown[0].picture.shape[0]
    write(
        detector,
        findings,
        {kind: str(folder / name) for kind, name in FILES.items()},
        index,
        index.table["class_name"].iloc[0],
        {"architecture": architecture, "activations": "after", "weights_sha256": "0" * 64},
        Geometry(side),
        aggregation={"patch_size": 3, "alignment": "bilinear"},
        sigma=2.0,
        threshold_quantile=0.99,
    )
    return folder


@pytest.fixture(scope="session")
def index_of() -> Callable[..., Index]:
    return _index_of


@pytest.fixture(scope="session")
def fitted() -> Callable[..., tuple[DetectorModule, Findings]]:
    return _fitted


@pytest.fixture(scope="session")
def written() -> Callable[..., Path]:
    return _written


@pytest.fixture(scope="session")
def photographs(bricks: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain folder of 30 normal pictures."""
    folder = tmp_path_factory.mktemp("pictures") / "bricks"
    folder.mkdir()
    for number, pixels in enumerate(bricks[: len(bricks) // 2 : 2][:30]):
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
    assert len(list(folder.iterdir())) == 30
    return folder


@pytest.fixture(scope="session")
def made(lite0: Any, bricks: np.ndarray, photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A detector of 30 normal pictures; of 10 pictures of another part of the wall, 5 have a defect."""
    index = _index_of(photographs)
    extractor = FeatureExtractor(copy.deepcopy(lite0), [1, 2, 3], {})
    detector, findings = _fitted(index, extractor, 128)
    folder = _written(detector, findings, index, tmp_path_factory.mktemp("detector"), "tf_efficientnet_lite0")
    new = tmp_path_factory.mktemp("new")
    labels = {}
    kinds = list(defects.KINDS)
    for number, pixels in enumerate(bricks[len(bricks) // 2 :: 6][:10]):
        picture = np.stack([pixels] * 3, axis=2)
        if number % 2:
            picture, _ = defects.draw(picture, kinds[number // 2], 0.7, np.random.default_rng(number))
        Image.fromarray(picture).save(new / f"{number}.png")
        labels[f"{number}.png"] = number % 2
    assert len(labels) == 10
    return Made(detector, findings, folder, index, new, labels)


@pytest.fixture(scope="session")
def save_pictures() -> Callable[..., Path]:
    """Make a folder of pictures: coloured noise, as normal; with a bright square where anomalous."""

    def make(folder: Path, normal: int, anomalous: int = 0, masks: bool = False) -> Path:
        rng = np.random.default_rng(0)
        for number in range(normal + anomalous):
            pixels = rng.integers(60, 120, (SIDE, SIDE, 3), dtype=np.uint8)
            place = folder / ("train/good" if anomalous else ".")
            if number >= normal:
                place = folder / "test/square"
                pixels[20:40, 20:40] = 255
                if masks:
                    mask = np.zeros((SIDE, SIDE), np.uint8)
                    mask[20:40, 20:40] = 255
                    (folder / "ground_truth/square").mkdir(parents=True, exist_ok=True)
                    Image.fromarray(mask).save(folder / f"ground_truth/square/{number:02d}.png")
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(place / f"{number:02d}.png")
        return folder

    return make


@pytest.fixture
def own_pictures(tmp_path: Path, save_pictures: Callable[..., Path]) -> Callable[..., Path]:
    """Such a folder of a test's own."""
    return partial(save_pictures, tmp_path / "noise")

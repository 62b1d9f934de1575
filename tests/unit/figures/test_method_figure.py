"""Figure 1, from an index, models and distance maps on disk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from oneclass import tensors
from oneclass.data.index import Index
from oneclass.figures.method import draw
from oneclass.objective.localisation.distances import write_maps

GEOMETRY = {"resize": 48, "crop": 32}
VARIANT = {"center": "gaussian", "center_norm": 4.0, "centering": "none", "repetition": 0}


@pytest.fixture
def index(real_index: Callable[..., Index]) -> Index:
    return real_index("elpv", "defect", train_per_class=1, test_per_class=3)


def model(path: Path, name: str, outputs: int, inputs: int) -> Path:
    center = np.eye(outputs, dtype=np.float32)[0] * 4
    parts = {"weight": np.ones((outputs, inputs), np.float32), "bias": np.ones(outputs, np.float32), "center": center}
    tensors.write({f"{name}.{part}": value for part, value in parts.items()}, {}, path)
    return path


def lane(protocol: str, **more: Any) -> dict[str, Any]:
    described = {"protocol": protocol, "task": "defect", "class_name": "mono", "backbone": "lite0"}
    return described | {"geometry": GEOMETRY} | more


@pytest.fixture
def distance(index: Index, tmp_path: Path) -> np.ndarray:
    """Of the first anomalous test image, under the default variant; others are in the file, too."""
    tested = index.table[(index.table["split"] == "test") & (index.table["class_name"] == "mono")]
    maps = np.random.default_rng(0).random((2, len(tested), 7, 5)).astype(np.float32)
    kept = [(VARIANT | {"center_norm": 1.0}, maps[0]), (VARIANT, maps[1])]
    ids = tested["id"].to_numpy(str)
    write_maps(str(tmp_path / "maps.h5"), {"mono": kept}, {"mono": ids}, {"dataset": "elpv"})
    first: int = np.flatnonzero(tested["label"])[0]
    return maps[1, first]


def test_a_lane_for_each_protocol_with_the_shapes_of_its_files(
    index: Index, distance: np.ndarray, tmp_path: Path, shown: Callable[[Figure], str]
) -> None:
    models = [model(tmp_path / "a", "mono.gaussian", 6, 6), model(tmp_path / "b", "mono.none", 9, 9)]
    lanes = [lane("A"), lane("B", layers=[1, 3])]
    figure, data = draw([index, index], models, lanes, [tmp_path / "maps.h5"])
    text = shown(figure)
    assert "Protocol A, pooled: ELPV, normal: mono" in text and "Protocol B, multi-scale: ELPV, normal: mono" in text
    below = data.set_index(["protocol", "stage"])["below"].to_dict()
    assert below["A", "image"] == below["B", "image"] == "image 32 × 32 × 3"
    assert below["A", "features"] == "features 6" and below["B", "features"] == "features 9 × 7 × 5"
    assert below["A", "projector"] == "1×1 convolution 6 → 6 42 parameters"
    assert below["B", "projection"] == "projection, 9 × 7 × 5 centre c: N(0, 1), norm 4"
    assert below["B", "backbone"] == "levels 1, 3, joined"
    pictures = [image.get_array() for axis in figure.axes for image in axis.images]
    assert [picture.shape for picture in pictures] == [(32, 32, 3), (32, 32, 3), (7, 5)]
    np.testing.assert_array_equal(pictures[2], distance)


def test_pooled_features_alone(index: Index, tmp_path: Path, shown: Callable[[Figure], str]) -> None:
    figure, data = draw([index], [model(tmp_path / "a", "mono.gaussian", 6, 6)], [lane("A")])
    assert set(data["protocol"]) == {"A"} and len(figure.axes) == 1
    shown(figure)

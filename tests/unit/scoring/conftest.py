import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

SIDE = 32


@pytest.fixture(scope="session")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A detector that needs no network: a pixel is as anomalous as it is bright, from 0 to 1; the threshold is 0.5."""
    nodes = [
        helper.make_node("Cast", ["images"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float", "channels"], ["grey"], keepdims=0),
        helper.make_node("Div", ["grey", "white"], ["map"]),
        helper.make_node("ReduceMax", ["map", "sides"], ["score"], keepdims=0),
    ]
    constants = [
        helper.make_tensor("channels", TensorProto.INT64, [1], [1]),
        helper.make_tensor("sides", TensorProto.INT64, [2], [1, 2]),
        helper.make_tensor("white", TensorProto.FLOAT, [], [255.0]),
    ]
    graph = helper.make_graph(
        nodes,
        "detector",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ["B", 3, SIDE, SIDE])],
        [
            helper.make_tensor_value_info("map", TensorProto.FLOAT, ["B", SIDE, SIDE]),
            helper.make_tensor_value_info("score", TensorProto.FLOAT, ["B"]),
        ],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    settings: dict[str, Any] = {"threshold": 0.5, "normal_level": 0.1, "resize": SIDE, "crop": None, "size": SIDE}
    onnx.helper.set_model_props(model, {key: json.dumps(value) for key, value in settings.items()})
    folder = tmp_path_factory.mktemp("detector")
    onnx.save(model, folder / "detector.onnx")
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of dark pictures, or adds to it; those of the numbers ``bright`` have a bright square."""

    def make(count: int, bright: tuple[int, ...] = (), folder: str = "new") -> Path:
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            Image.fromarray(grey(0.1 * (number % 3), number in bright)).save(place / f"{number:02d}.png")
        return place

    return make


def grey(level: float, bright: bool = False, side: int = SIDE) -> np.ndarray:
    """Pixels [side, side, 3] of one brightness, from 0 to 1, with a bright square where asked for."""
    pixels = np.full((side, side, 3), round(255 * level), np.uint8)
    if bright:
        pixels[side // 4 : side // 2, side // 4 : side // 2] = 230
    return pixels

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from oneclass.detector.scorer import Scorer

SIDE = 64
CARD = {"name": "plates <b>", "summary": "Made from no picture: what is bright is anomalous."}


@pytest.fixture(scope="session")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a detector of bright spots: its map is the mean over the channels and 5 x 5 pixels."""
    folder = tmp_path_factory.mktemp("detector")
    pool: dict[str, Any] = {"kernel_shape": [5, 5], "pads": [2, 2, 2, 2], "count_include_pad": 1}
    nodes = [
        helper.make_node("Cast", ["images"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["pixels", "channels"], ["grey"]),
        helper.make_node("AveragePool", ["grey"], ["smooth"], **pool),
        helper.make_node("Squeeze", ["smooth", "channels"], ["map"]),
        helper.make_node("ReduceMax", ["map", "sides"], ["score"], keepdims=0),
    ]
    ends = [
        helper.make_tensor_value_info("images", TensorProto.UINT8, ["batch", 3, SIDE, SIDE]),
        helper.make_tensor_value_info("map", TensorProto.FLOAT, ["batch", SIDE, SIDE]),
        helper.make_tensor_value_info("score", TensorProto.FLOAT, ["batch"]),
    ]
    axes = [numpy_helper.from_array(np.array(at), name) for name, at in {"channels": [1], "sides": [1, 2]}.items()]
    model = helper.make_model(
        helper.make_graph(nodes, "bright", ends[:1], ends[1:], axes),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=8,
    )
    settings = {"threshold": 200.0, "normal_level": 100.0, "resize": SIDE, "crop": None, "size": SIDE}
    onnx.helper.set_model_props(model, {key: json.dumps(value) for key, value in settings.items()})
    onnx.save(model, folder / "detector.onnx")
    (folder / "card.json").write_text(json.dumps(CARD))
    return folder


@pytest.fixture(scope="session")
def scorer(detector: Path) -> Scorer:
    return Scorer.load(detector)


@pytest.fixture(scope="session")
def picture() -> Callable[..., bytes]:
    """A PNG of dark noise; with a bright square where anomalous."""

    def make(seed: int = 0, anomalous: bool = False, size: tuple[int, int] = (80, 50), kind: str = "PNG") -> bytes:
        pixels = np.random.default_rng(seed).integers(60, 140, (*size[::-1], 3), dtype=np.uint8)
        if anomalous:
            pixels[10:40, 10:40] += 115
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, kind)
        return buffer.getvalue()

    return make


Service = Callable[..., tuple[str, "subprocess.Popen[str]", list[str]]]


@pytest.fixture
def service(detector: Path) -> Iterator[Service]:
    """`oneclass serve` at a free port: its address, the process, and what it said before it served."""
    running: list[subprocess.Popen[str]] = []

    def start(*options: str) -> tuple[str, subprocess.Popen[str], list[str]]:
        command = [sys.executable, "-m", "oneclass", "serve", "--detector", str(detector), "--port", "0", *options]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | {"NO_COLOR": "1"}
        )
        running.append(process)
        assert process.stdout is not None
        warnings: list[str] = []
        for line in process.stdout:
            if address := re.search(r"^Serving .* at (http://\S+?:\d+),", line):
                return address[1], process, warnings
            warnings.append(line)
        raise AssertionError(f"it did not start: {warnings}")

    yield start
    for process in running:
        process.send_signal(signal.SIGKILL)
        process.communicate()

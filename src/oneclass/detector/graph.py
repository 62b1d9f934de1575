"""A detector's ONNX graph: the file that it is written to, and the same graph for pictures of any size."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from oneclass.checksum import EMPTY, seal
from oneclass.data.geometry import Geometry

IR_VERSION, OPSET = 8, 18
"""The lowest opset that PyTorch's exporter writes as it is, and the lowest format that has it."""


def write(model: onnx.ModelProto, settings: Mapping[str, Any], path: Path) -> None:
    """Write ``model`` with ``settings`` and a checksum as its metadata; equal ones give equal bytes."""
    model.ir_version = IR_VERSION  # PyTorch writes the newest that it knows
    properties = {**settings, "ir_version": IR_VERSION, "opset": OPSET, "sha256": EMPTY}
    helper.set_model_props(model, {key: json.dumps(value) for key, value in properties.items()})
    onnx.checker.check_model(model)
    path.write_bytes(seal(model.SerializeToString(deterministic=True)))


def with_resizing(model: onnx.ModelProto, geometry: Geometry) -> onnx.ModelProto:
    """``model`` for one picture of any size, uint8 [1, 3, H, W], which it resizes and crops as ``geometry`` does.

    As in Pillow, one axis is interpolated after the other, with antialiasing, and each result is rounded.
    """
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    constants = {"half": np.array(0.5, np.float32), "side": np.array([geometry.resize])}
    options: dict[str, Any] = {"mode": "linear", "antialias": 1, "exclude_outside": 1}
    nodes = [helper.make_node("Cast", ["images"], ["resizing_0"], to=TensorProto.FLOAT)]
    for step, axis in enumerate((3, 2)):
        before, between, rounded, after = (f"resizing_{3 * step + number}" for number in range(4))
        nodes += [
            helper.make_node("Resize", [before, "", "", "resizing_side"], [between], axes=[axis], **options),
            helper.make_node("Add", [between, "resizing_half"], [rounded]),
            helper.make_node("Floor", [rounded], [after]),
        ]
    whole = nodes[-1].output[0]
    if geometry.crop is not None:
        begin = np.full(2, geometry.start)
        constants |= {"begin": begin, "end": begin + geometry.crop, "axes": np.array([2, 3])}
        cut = [f"resizing_{name}" for name in ("begin", "end", "axes")]
        nodes.append(helper.make_node("Slice", [whole, *cut], ["resizing_crop"]))
    nodes.append(helper.make_node("Cast", nodes[-1].output, ["resizing_done"], to=TensorProto.UINT8))
    for node in graph.node:
        node.input[:] = ["resizing_done" if name == "images" else name for name in node.input]
    nodes += graph.node
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.extend(numpy_helper.from_array(value, f"resizing_{name}") for name, value in constants.items())
    graph.input[0].CopyFrom(helper.make_tensor_value_info("images", TensorProto.UINT8, [1, 3, "height", "width"]))
    return result

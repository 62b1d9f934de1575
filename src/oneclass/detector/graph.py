"""A detector's ONNX graph: the file that it is written to, and the same graph for pictures of any size."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx

from oneclass.detector.checksum import EMPTY, seal

IR_VERSION, OPSET = 8, 18
"""The lowest opset that PyTorch's exporter writes as it is, and the lowest format that has it."""


def write(model: onnx.ModelProto, settings: Mapping[str, Any], path: Path) -> None:
    """Write ``model`` with ``settings`` and a checksum as its metadata; equal ones give equal bytes."""
    model.ir_version = IR_VERSION  # PyTorch writes the newest that it knows
    properties = {**settings, "ir_version": IR_VERSION, "opset": OPSET, "sha256": EMPTY}
    onnx.helper.set_model_props(model, {key: json.dumps(value) for key, value in properties.items()})
    onnx.checker.check_model(model)
    path.write_bytes(seal(model.SerializeToString(deterministic=True)))

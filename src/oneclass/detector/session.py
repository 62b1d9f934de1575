"""A finished detector in ONNX Runtime, which needs neither PyTorch nor timm."""

import json
from pathlib import Path
from typing import Any

import onnxruntime

from oneclass.errors import UserError


def open_onnx(path: Path) -> tuple[onnxruntime.InferenceSession, dict[str, Any]]:
    """A session on one thread of the CPU, and the settings; raises ``UserError`` if ``path`` is no detector's."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
        found = session.get_modelmeta().custom_metadata_map
        settings = {key: json.loads(value) for key, value in found.items()}
        settings["threshold"], settings["normal_level"]  # which a file of version 0.1 has not
    except Exception as error:  # ONNX Runtime has an exception for everything that can be wrong with a file
        raise UserError(f"{path}: not the ONNX file of a detector ({error})".splitlines()[0]) from error
    return session, settings

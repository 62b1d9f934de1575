"""The detector's files: ``detector.safetensors`` for PyTorch, ``detector.onnx`` for everything else.

Each holds the whole model and, as metadata, the settings that go with it and a checksum of the file (``checksum``), so
that neither needs the other.
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import load as from_bytes
from safetensors.torch import save as to_bytes
from torch import Tensor

from oneclass.checksum import EMPTY, seal, verify
from oneclass.detector import graph
from oneclass.detector.distances import METHODS
from oneclass.detector.network import DetectorModule, empty_extractor
from oneclass.detector.scorer import Scorer
from oneclass.detector.threads import one_thread
from oneclass.errors import UserError, reason
from oneclass.features.activations import keep_inputs

AGREEMENT = 1e-4
"""How far ONNX Runtime's maps and scores may be from PyTorch's, where these are at most 1; elsewhere in proportion."""


def save(detector: DetectorModule, settings: Mapping[str, Any], path: Path) -> None:
    """Write weights, and ``settings`` as their metadata."""
    tensors = {name: tensor.contiguous() for name, tensor in detector.state_dict().items()}
    text = json.dumps({**settings, "sha256": EMPTY}, sort_keys=True)
    path.write_bytes(seal(to_bytes(tensors, {"settings": text})))


def load(folder: Path) -> DetectorModule:
    """The detector in ``folder``, for PyTorch, on the CPU; raises ``UserError`` if there is none."""
    path = Path(folder, "detector.safetensors")
    try:
        with safe_open(path, framework="pt") as file:
            settings = json.loads(file.metadata()["settings"])
        contents = path.read_bytes()
        verify(contents, settings.get("sha256"))
        tensors = from_bytes(contents)
        aggregation = {key: settings[key] for key in ("patch_size", "alignment")}
        network = settings["architecture"], settings["activations"], settings["layers"]
        extractor = empty_extractor(*network, aggregation)
        prefix = "distance."
        parts = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
        detector = DetectorModule(extractor, METHODS[settings["method"]](parts), tensors["smoothing"])
        detector.load_state_dict(tensors)
    except Exception as error:  # many kinds, from a missing file to another version's layers
        raise UserError(f"{path}: not a detector that this version can read ({reason(error)})") from error
    return detector.eval().requires_grad_(False)


def save_onnx(detector: DetectorModule, settings: Mapping[str, Any], path: Path) -> None:
    """Write the graph ``images`` uint8 [B, 3, S, S] to ``map`` [B, S, S] and ``score`` [B], for any B.

    Equal detectors give equal bytes: what the exporter notes about this machine is left out.
    """
    example = torch.zeros(2, 3, settings["size"], settings["size"], dtype=torch.uint8)
    for name in ("torch.onnx", "onnxscript", "onnx_ir"):  # a hundred lines on each constant folded
        logging.getLogger(name).setLevel(logging.WARNING)
    keep_inputs(detector)  # decomposing what works in place takes half the time
    program = torch.onnx.export(
        detector,
        (example,),
        dynamo=True,
        verbose=False,
        input_names=["images"],
        output_names=["map", "score"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        opset_version=graph.OPSET,
    )
    assert program is not None
    model = program.model_proto
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.functions):
        del part.metadata_props[:]
    graph.write(model, settings, path)


def require_agreement(detector: DetectorModule, path: Path, images: Tensor) -> float:
    """The largest difference between ONNX Runtime and PyTorch on ``images``; ``UserError`` above ``AGREEMENT``."""
    found = Scorer.load(path).session.run(["map", "score"], {"images": images.numpy()})
    with torch.no_grad(), one_thread():
        expected = [output.numpy() for output in detector(images)]
    difference = max(disagreement(a, b) for a, b in zip(found, expected, strict=True))
    if not difference <= AGREEMENT * max(1.0, float(np.abs(expected[1]).max())):
        raise UserError(f"ONNX Runtime differs from PyTorch by {difference:.2g} on this backbone; choose another")
    return difference


def disagreement(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """The largest difference between two arrays of distances, or between their squares where that is less.

    A distance is a root: at 0, as of pictures that are copies, an error of 1e-7 in its square is one of 3e-4 in itself.
    """
    plain, squared = np.abs(first - second), np.abs(first**2 - second**2)
    return float(np.minimum(plain, squared).max())

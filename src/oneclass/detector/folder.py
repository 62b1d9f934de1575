"""The folder of a detector: its model twice, for PyTorch and for ONNX Runtime, and its card twice, as JSON and HTML."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import torch

from oneclass.detector import card, export
from oneclass.detector.fit import Findings
from oneclass.detector.network import Detector
from oneclass.files import atomic


def write(
    detector: Detector,
    findings: Findings,
    outputs: Mapping[str, str],
    index: pd.DataFrame,
    class_name: str,
    backbone: Mapping[str, str],
    transform: Mapping[str, int | None],
    *,
    joining: Mapping[str, Any],
    sigma: float,
    quantile: float,
) -> None:
    """Write the files that ``outputs`` names: ``safetensors``, ``onnx``, ``json`` and ``html``; the card last.

    ``backbone`` is its ``architecture``, ``activations`` and ``weights_sha256``. Raises ``UserError`` if ONNX Runtime
    does not agree with PyTorch on the pictures of the card.
    """
    settings: dict[str, Any] = {
        "architecture": backbone["architecture"],
        "activations": backbone["activations"],
        "layers": detector.trunk.layers,
        **joining,
        **transform,
        "size": transform["crop"] or transform["resize"],
        "sigma": sigma,
        "centring": findings.centring,
        "norm": findings.norm,
        "threshold": findings.threshold,
        "level": findings.level,
    }
    with atomic(outputs["safetensors"]) as path:
        export.save(detector, settings, path)
    pictures = torch.stack([torch.from_numpy(shown.picture).permute(2, 0, 1) for shown in findings.shown])
    with atomic(outputs["onnx"]) as path:
        export.save_onnx(detector, settings, path)
        difference = export.require_agreement(detector, path, pictures)
    data = {"dataset": index.attrs["dataset"], "class": class_name, "index_hash": index.attrs["hash"]}
    described = card.describe(findings, settings, data, backbone, quantile=quantile, difference=difference)
    for kind, text in (("html", card.as_html(described, findings)), ("json", card.as_json(described))):
        with atomic(outputs[kind]) as path:
            path.write_text(text, encoding="utf-8", newline="\n")

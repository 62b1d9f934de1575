"""The folder of a detector: its model twice, for PyTorch and for ONNX Runtime, and its card twice, as JSON and HTML."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import torch

from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.detector import card, card_page, export
from oneclass.detector.fit import Findings
from oneclass.detector.network import DetectorModule
from oneclass.files import atomic


def write(
    detector: DetectorModule,
    findings: Findings,
    outputs: Mapping[str, str],
    index: Index,
    class_name: str,
    backbone: Mapping[str, str],
    geometry: Geometry,
    *,
    aggregation: Mapping[str, Any],
    sigma: float,
    threshold_quantile: float,
) -> None:
    """Write the files that ``outputs`` names: ``safetensors``, ``onnx``, ``json`` and ``html``; the card last.

    ``backbone`` is its ``architecture``, ``activations`` and ``weights_sha256``. Raises ``UserError`` if ONNX Runtime
    does not agree with PyTorch on the pictures of the card.
    """
    settings: dict[str, Any] = {
        "architecture": backbone["architecture"],
        "activations": backbone["activations"],
        "layers": detector.extractor.layers,
        **aggregation,
        **asdict(geometry),
        "size": geometry.image_size,
        "white": index.white,
        "sigma": sigma,
        "method": findings.method,
        "centering": findings.centering,
        "center_norm": findings.center_norm,
        "threshold": findings.threshold,
        "normal_level": findings.normal_level,
    }
    pictures = torch.stack([torch.from_numpy(shown.picture).permute(2, 0, 1) for shown in findings.shown])
    data = {"dataset": index.name, "class": class_name, "index_hash": index.hash}
    with ExitStack() as stack:  # all files are ready before the first is put in its place
        paths = {kind: stack.enter_context(atomic(output)) for kind, output in outputs.items()}
        export.save(detector, settings, paths["safetensors"])
        export.save_onnx(detector, settings, paths["onnx"])
        difference = export.require_agreement(detector, paths["onnx"], pictures)
        described = card.describe(
            findings, settings, data, backbone, threshold_quantile=threshold_quantile, difference=difference
        )
        for kind, text in (("html", card_page.as_html(described, findings)), ("json", card.as_json(described))):
            paths[kind].write_text(text, encoding="utf-8", newline="\n")

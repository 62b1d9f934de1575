"""From the pictures of an index to the folder of a detector: what workflow, command and library all call."""

from collections.abc import Mapping
from typing import Any

from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.readable import naming_all
from oneclass.detector.fit import fit
from oneclass.detector.folder import write
from oneclass.detector.network import FeatureExtractor
from oneclass.features import backbone


def make(
    index: Index,
    class_name: str,
    network: Mapping[str, Any],
    geometry: Geometry,
    outputs: Mapping[str, str],
    *,
    layers: list[int],
    aggregation: Mapping[str, Any],
    choices: Mapping[str, Any],
    seed: int,
    workers: int,
    device: str,
) -> None:
    """Fit a detector to the normal pictures of ``class_name``, measure it, and write the files that ``outputs`` names.

    ``network`` has the keywords of ``features.backbone.load``, ``choices`` further ones of ``detector.fit``. Raises
    ``UserError`` as these and ``folder.write`` do, with all pictures that cannot be read at once.
    """
    frozen = backbone.load(**network)
    frozen.require(layers, geometry.image_size)
    with naming_all(index, workers):
        detector, findings = fit(
            index,
            class_name,
            FeatureExtractor(frozen, layers, aggregation),
            geometry,
            **choices,
            seed=seed,
            workers=workers,
            device=device,
        )
    described = {"architecture": network["architecture"], "activations": network.get("activations", "after")}
    write(
        detector,
        findings,
        outputs,
        index,
        class_name,
        described | {"weights_sha256": frozen.sha256},
        geometry,
        aggregation=aggregation,
        sigma=choices["sigma"],
        threshold_quantile=choices["threshold_quantile"],
    )

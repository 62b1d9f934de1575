"""What a method gives: scores, the history of its training, and its models; and the files that hold them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.numpy import save_file

from oneclass.files import atomic
from oneclass.objective.classes import Data
from oneclass.objective.variants import Variant


@dataclass
class Result:
    """``scores``: a row for each test image, class and variant. ``log``: a row for each measurement during and after
    training (class, center, norm, seed, step, metric, value). ``models``: arrays by name."""

    scores: list[pd.DataFrame] = field(default_factory=list)
    log: list[dict[str, object]] = field(default_factory=list)
    models: dict[str, NDArray] = field(default_factory=dict)

    def add_scores(self, data: Data[Any], method: str, variant: Variant | None = None, **columns: object) -> None:
        """Scores of the test images of ``data``, with further ``columns``; what does not apply is empty or NaN."""
        described = {
            "class": data.class_name,
            "method": method,
            "projector": "conv1x1" if variant else "",
            "center": variant.center if variant else "",
            "norm": variant.norm if variant else np.nan,
            "seed": variant.seed if variant else 0,
        }
        self.scores.append(pd.DataFrame(described | {"id": data.ids, "label": data.labels} | columns))

    def add_log(self, data: Data[Any], variant: Variant, step: float, metric: str, value: float) -> None:
        """One measurement at a training ``step`` (an epoch, or a training time)."""
        self.log.append(
            {
                "class": data.class_name,
                "center": variant.center,
                "norm": variant.norm,
                "seed": variant.seed,
                "step": float(step),
                "metric": metric,
                "value": value,
            }
        )


def write(result: Result, outputs: Mapping[str, str], dataset: str, backbone: str, settings: Mapping[str, Any]) -> None:
    """Write the files that ``outputs`` names: ``scores``, and where asked for ``history`` and ``models``.

    ``scores`` are Parquet, a row for each test image, class, variant and seed; ``history`` what was measured during
    training; ``models`` safetensors with one metadata entry, ``provenance``, as JSON (several have no order).
    """
    with atomic(outputs["scores"]) as path:
        pd.concat(result.scores, ignore_index=True).assign(dataset=dataset, backbone=backbone).to_parquet(path)
    if "history" in outputs:
        with atomic(outputs["history"]) as path:
            pd.DataFrame(result.log).assign(dataset=dataset).to_parquet(path)
    if "models" in outputs:
        provenance = {"settings": dict(settings), "dataset": dataset, "backbone": backbone}
        with atomic(outputs["models"]) as path:
            save_file(result.models, path, metadata={"provenance": json.dumps(provenance, sort_keys=True)})

"""What a method gives: image scores, distance maps, models and learning curves; and the files that hold them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.numpy import save_file

from oneclass.data.masks import has_masks
from oneclass.data.tasks import split
from oneclass.files import atomic
from oneclass.localisation.category import Category
from oneclass.localisation.distances import KEYS, write_maps
from oneclass.localisation.scoring import Scored
from oneclass.localisation.smoothing import image_scores
from oneclass.objective.variants import Variant


@dataclass
class Result:
    """Scores and distance maps of the test images. Maps are kept for categories with masks, which need them all, and
    elsewhere for the variants that ``shown`` picks for the figures."""

    image_size: int
    sigma: float
    masked: Mapping[str, bool]
    shown: Callable[[Variant], bool]
    scores: list[pd.DataFrame] = field(default_factory=list)
    maps: dict[str, list[tuple[dict[str, Any], NDArray[np.float32]]]] = field(default_factory=dict)
    ids: dict[str, NDArray[np.str_]] = field(default_factory=dict)
    log: list[dict[str, object]] = field(default_factory=list)
    models: dict[str, NDArray] = field(default_factory=dict)

    def add(
        self,
        category: Category,
        method: str,
        variants: Sequence[Variant | None],
        scored: Scored,
        *,
        centring: str = "none",
        protocol: str = "B",
        projector: str = "conv1x1",
    ) -> None:
        """The test images of ``category`` under each of ``variants`` (None where nothing varies)."""
        scores = image_scores(scored.distance, self.image_size, self.sigma)
        self.ids[category.name] = category.ids
        for k, variant in enumerate(variants):
            described = describe(method, protocol, projector if variant else "", variant, centring)
            self.scores.append(
                pd.DataFrame(
                    {"class": category.name, **described, "id": category.ids, "label": category.labels}
                    | {"score": scores[k], "z_norm": scored.norm[k], "z_cosine": scored.cosine[k]}
                )
            )
            if self.masked[category.name] or variant is None or self.shown(variant):
                self.maps.setdefault(category.name, []).append((described, scored.distance[k]))

    def add_log(self, category: Category, method: str, variant: Variant, step: int, metric: str, value: float) -> None:
        """One measurement after ``step`` images."""
        described = describe(method, "C", "conv1x1", variant, "none")
        self.log.append({"class": category.name, **described, "step": step, "metric": metric, "value": value})


def start(
    index: pd.DataFrame,
    task: str,
    classes: Sequence[str],
    transform: Mapping[str, int | None],
    sigma: float,
    reference_norm: float,
) -> Result:
    """An empty result for the test images of ``classes``; figures show the first repetition at ``reference_norm``."""
    masked = {name: has_masks(index.iloc[split(index, task, name).test]) for name in classes}
    size = transform["crop"] or transform["resize"]
    assert size is not None

    def shown(variant: Variant) -> bool:
        return variant.seed == 0 and variant.norm == reference_norm and variant.center in ("normal", "")

    return Result(size, sigma, masked, shown)


def describe(method: str, protocol: str, projector: str, variant: Variant | None, centring: str) -> dict[str, Any]:
    """The columns that tell a variant from another; empty or NaN where they do not apply."""
    values = (
        *(method, protocol, projector, variant.center if variant else "", variant.norm if variant else float("nan")),
        *(centring, variant.seed if variant else 0),
    )
    return dict(zip(KEYS, values, strict=True))


def write(result: Result, outputs: Mapping[str, str], dataset: str, backbone: str, settings: Mapping[str, Any]) -> None:
    """Write the files that ``outputs`` names: ``scores`` and ``history`` (Parquet), ``maps`` (HDF5), ``models``
    (safetensors with one metadata entry, ``provenance``, as JSON)."""
    with atomic(outputs["scores"]) as path:
        pd.concat(result.scores, ignore_index=True).assign(dataset=dataset, backbone=backbone).to_parquet(path)
    attributes = {"dataset": dataset, "backbone": backbone, "sigma": result.sigma}
    write_maps(outputs["maps"], result.maps, result.ids, attributes | {"image_size": [result.image_size] * 2})
    if "history" in outputs:
        with atomic(outputs["history"]) as path:
            pd.DataFrame(result.log).assign(dataset=dataset).to_parquet(path)
    if "models" in outputs:
        provenance = {"settings": dict(settings), "dataset": dataset, "backbone": backbone}
        with atomic(outputs["models"]) as path:
            save_file(result.models, path, metadata={"provenance": json.dumps(provenance, sort_keys=True)})

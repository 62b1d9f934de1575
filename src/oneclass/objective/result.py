"""What a method of paper 1 gives: scores, measurements, models and, of maps, distances; and their files."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oneclass import tensors, tidy
from oneclass.objective.variants import Variant

Floats = NDArray[np.floating]
Keeps = Callable[[str, Variant | None], bool]  # of a class and a variant


class Case(Protocol):
    """A class taken as normal: its name, and the ids and labels [T] (1 anomalous) of its test images."""

    @property
    def class_name(self) -> str: ...

    @property
    def ids(self) -> NDArray[np.str_]: ...

    @property
    def labels(self) -> NDArray[np.int8]: ...


@dataclass
class Result:
    """``scores`` and ``history`` are rows of ``tidy``, ``models`` arrays by name. ``maps`` holds by class the columns
    of each variant with its distance maps [T, h, w], ``ids`` those of their images. ``keeps`` picks the variants whose
    models, and whose maps where a category has no masks, are kept for figures and readers."""

    protocol: str
    keeps: Keeps
    scores: list[pd.DataFrame] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    models: dict[str, NDArray] = field(default_factory=dict)
    maps: dict[str, list[tuple[dict[str, Any], Floats]]] = field(default_factory=dict)
    ids: dict[str, NDArray[np.str_]] = field(default_factory=dict)

    def add(self, case: Case, columns: Mapping[str, Any], score: Floats, **values: Floats) -> None:
        """The scores [T] of the test images of ``case``, and further ``values`` [T] of them, under ``columns``."""
        tested = {"class": case.class_name, "id": case.ids, "label": case.labels, "score": score}
        self.scores.append(pd.DataFrame(dict(columns) | tested | values))

    def add_map(self, case: Case, columns: Mapping[str, Any], distance: Floats) -> None:
        """The distance maps [T, h, w] of the test images of ``case``."""
        self.ids[case.class_name] = case.ids
        self.maps.setdefault(case.class_name, []).append((dict(columns), distance))

    def log(self, case: Case, columns: Mapping[str, Any], step: float, metric: str, value: float) -> None:
        """One measurement at a training ``step`` (an epoch, a training time, or a number of images)."""
        measured = {"class": case.class_name, "step": float(step), "metric": metric, "value": value}
        self.history.append(dict(columns) | measured)

    def columns(
        self,
        method: str,
        variant: Variant | None = None,
        *,
        projector: str | None = "conv1x1",
        centering: str = "none",
        protocol: str = "",
    ) -> dict[str, Any]:
        """The columns that tell one variant of ``method`` from another; what does not apply is None."""
        return {
            "method": method,
            "protocol": protocol or self.protocol,
            "projector": projector if variant else None,
            "center": variant.center if variant else None,
            "center_norm": variant.center_norm if variant else None,
            "centering": centering,
            "repetition": variant.repetition if variant else 0,
        }


def write(result: Result, outputs: Mapping[str, str], dataset: str, backbone: str, settings: Mapping[str, Any]) -> None:
    """Write the files that ``outputs`` names: ``scores`` and ``history`` (``tidy``), ``models`` (safetensors with one
    metadata entry, ``provenance``, as JSON) and, of maps, ``maps`` (``objective.localisation.distances``)."""
    where = {"dataset": dataset, "backbone": backbone}
    tidy.write(pd.concat(result.scores, ignore_index=True).assign(**where), "scores", outputs["scores"])
    tidy.write(pd.DataFrame(result.history).assign(**where), "history", outputs["history"])
    provenance = json.dumps({"settings": dict(settings), **where}, sort_keys=True)
    tensors.write(result.models, {"provenance": provenance}, outputs["models"])
    if "maps" in outputs:
        from oneclass.objective.localisation.distances import write_maps  # brings HDF5, which vectors do without

        write_maps(outputs["maps"], result.maps, result.ids, where | {"settings": json.dumps(dict(settings))})


def keeper(default_center_norm: float, figure_classes: Sequence[str] = ()) -> Keeps:
    """Keep the first repetition of the paper's default; of ``figure_classes`` every kind of centre (Figure S6)."""

    def keep(class_name: str, variant: Variant | None) -> bool:
        if variant is None:
            return True
        first = variant.repetition == 0 and variant.center_norm == default_center_norm
        return first and (variant.center in ("gaussian", None) or class_name in figure_classes)

    return keep

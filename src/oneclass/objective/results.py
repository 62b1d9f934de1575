"""Between the files of the pipeline and ``protocol_a``: features in; scores, history and models out."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from safetensors.torch import save_file

from oneclass.data import index
from oneclass.features.store import read_pooled
from oneclass.files import atomic
from oneclass.objective.protocol_a import Data, Result, split_classes


def load_classes(features: str, indexed: str, task: str, classes: Sequence[str], device: str) -> list[Data]:
    """The train and test features of each of ``classes``, from a feature store and the index it was computed for."""
    table = index.read(Path(indexed))
    return split_classes(read_pooled(Path(features), table), table, task, classes, device)


def write(
    result: Result, outputs: Mapping[str, str], dataset: str, backbone: str, settings: Mapping[str, Any]
) -> None:
    """Write the files that ``outputs`` names: ``scores``, and where asked for ``history`` and ``models``.

    ``scores`` are Parquet, a row for each test image, class, variant and seed; ``history`` what was measured during
    training; ``models`` safetensors, with ``settings`` as JSON in their metadata.
    """
    frames = {"scores": result.score_table(dataset, backbone), "history": pd.DataFrame(result.log).assign(dataset=dataset)}
    for name in frames.keys() & set(outputs.keys()):
        with atomic(Path(outputs[name])) as path:
            frames[name].to_parquet(path)
    if "models" in outputs.keys():  # noqa: SIM118 - Snakemake's outputs are a list with names
        described = {"settings": json.dumps(dict(settings), sort_keys=True), "dataset": dataset, "backbone": backbone}
        with atomic(Path(outputs["models"])) as path:
            tensors = {name: tensor.cpu().contiguous() for name, tensor in result.models.items()}
            save_file(tensors, path, metadata=described)

"""The steps of the benchmark for programs that use it as a library, one call each (docs/library.md).

No rule's script imports this module: a change here re-runs nothing.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.records import Comparator, Trained, load
from oneclass.config import checked
from oneclass.config.data import Dataset
from oneclass.config.objective import Objective
from oneclass.data.build import build
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.sources import SOURCES
from oneclass.data.tasks import validate
from oneclass.errors import UserError
from oneclass.features import backbone
from oneclass.features.extract import infer
from oneclass.objective import vectors
from oneclass.objective.job import Job, Training
from oneclass.objective.result import Result
from oneclass.objective.variants import Variant
from oneclass.training.trials import Seeds


def index_folder(
    folder: str | Path, *, source: str = "own_images", task: str = "defect", seed: int = 1024, **options: Any
) -> Index:
    """The index of the images in ``folder``, which is laid out as ``source`` says; its name is the folder's.

    ``options`` are further keys of a data set in the configuration, such as ``classes`` or ``test_fraction``. Raises
    ``UserError`` for a wrong one, if there is no such folder, and if a normal class lacks training or test images.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such folder of pictures")
    settings = checked(Dataset, source=source, task=task, path=str(folder), **options).model_dump()
    index = build(folder.resolve().name, settings, folder, seed)
    classes = settings["classes"] or SOURCES[source].classes(settings, folder)
    validate(index, task, classes, anomalies=False)
    return index


def pooled_features(
    index: Index, network: Mapping[str, Any], geometry: Geometry, *, workers: int = 2, device: str = "cpu"
) -> NDArray[np.float32]:
    """The pooled features [N, D] of the images of ``index`` by a frozen backbone; ``network`` has the keywords of
    ``features.backbone.load``. ``workers`` threads decode images."""
    frozen = backbone.load(**network)
    frozen.network.to(device)
    batches = infer(index, frozen, geometry=geometry, layers=[], workers=workers, batch_size=None, device=device)
    return np.concatenate([pooled.cpu().numpy() for pooled, _ in batches])


def score_images(
    method: str,
    features: NDArray[np.float32],
    index: Index,
    class_name: str,
    *,
    task: str = "defect",
    center_norm: float = 1,
    seed: int = 1024,
    **training: Any,
) -> pd.DataFrame:
    """The test images of ``class_name`` with their ``id``, ``label`` (1 anomalous) and ``score`` by a method of paper 1
    on ``features`` [rows of the index, D].

    A method that is trained has the paper's centre, N(0, 1) scaled to ``center_norm``, and the settings of the
    configuration's section ``objective``, apart from those given in ``training``. Raises ``UserError`` for a method
    that does not run on pooled features.
    """
    comparators, trained = of_kind(Comparator, "vectors"), of_kind(Trained, "vectors")
    if method not in comparators | trained:
        raise UserError(f"no method '{method}' on pooled features; there is: {', '.join([*trained, *comparators])}")
    section = Objective(datasets=[index.name], backbone="")
    job = Job(
        seeds=Seeds(seed, index.name),
        training=Training(**section.training(index.name) | training),
        variants={"none": [Variant("gaussian", center_norm, 0)]},
        default_center_norm=center_norm,
        memory_mb=section.memory_mb,
        result=Result("A", keeps=lambda class_name, variant: False),
        comparators={method: comparators[method].module} if method in comparators else {},
    )
    module = "objective.comparators" if method in comparators else trained[method].module
    load(module).on_vectors(vectors.select(features, index, task, [class_name]), job)
    [scores] = job.result.scores
    return scores[["id", "label", "score"]]

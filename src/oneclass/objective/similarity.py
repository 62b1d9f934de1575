"""How alike normal and anomalous images are to the pretrained network, before any training (paper 1, Section 5.3)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oneclass.data.index import Index
from oneclass.metrics import cosine_between
from oneclass.objective.fit import read_maps, read_vectors


def run(
    index: Index, features: str | None, classes: Sequence[str], settings: Mapping[str, Any], device: str
) -> list[dict[str, object]]:
    """``similarity`` of each of ``classes``; of maps, of each image's average over positions. See ``fit.run``."""
    if settings["features"] == "vectors":
        of_vectors = read_vectors(index, features, classes, settings, device)
        tested = [(data.class_name, data.test.cpu().numpy(), data.labels) for data in of_vectors]
    else:
        of_maps = read_maps(index, features, classes, settings, device)
        tested = [(category.class_name, category.averaged(), category.labels) for category in of_maps]
    return [row for one in tested for row in similarity(*one)]


def similarity(class_name: str, test: NDArray[np.float32], labels: NDArray[np.int8]) -> list[dict[str, object]]:
    """The mean cosine between normal and anomalous ``test`` features [T, D], and the mean norm of each, as rows of
    ``tidy``."""
    normal, anomalous = test[labels == 0], test[labels == 1]
    found = {
        "cosine": cosine_between(normal, anomalous),
        "norm_normal": float(np.linalg.norm(normal, axis=1).mean()),
        "norm_anomalous": float(np.linalg.norm(anomalous, axis=1).mean()),
    }
    return [{"class": class_name, "metric": name, "value": value, "repetition": 0} for name, value in found.items()]

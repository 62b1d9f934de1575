"""How alike normal and anomalous images are to the pretrained network, before any training (paper 1, Section 5.3)."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oneclass.metrics import cosine_between
from oneclass.objective.classes import Data


def similarity(classes: list[Data[NDArray[np.float32]]]) -> pd.DataFrame:
    """Mean cosine between normal and anomalous test features, and the mean norm of each, a row for each class."""

    def one(data: Data[NDArray[np.float32]]) -> dict[str, object]:
        normal, anomalous = data.test[data.labels == 0], data.test[data.labels == 1]
        return {
            "class": data.class_name,
            "cosine": cosine_between(normal, anomalous),
            "norm_normal": float(np.linalg.norm(normal, axis=1).mean()),
            "norm_anomalous": float(np.linalg.norm(anomalous, axis=1).mean()),
        }

    return pd.DataFrame([one(data) for data in classes])

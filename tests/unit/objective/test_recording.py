"""What is recorded of projectors, and which models are kept."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from oneclass.metrics import auroc, cosine_between
from oneclass.objective import convergence
from oneclass.objective.recording import Member, record, record_progress
from oneclass.objective.result import Result, keeper
from oneclass.objective.starts import start
from oneclass.objective.variants import Variant
from oneclass.objective.vectors import VectorClass
from oneclass.training.trials import Seeds


def test_what_is_recorded(toy: Callable[..., VectorClass]) -> None:
    data, variants, result = toy(), [Variant("gaussian", 1, 0), Variant("ones", 1, 0)], Result("A", keeper(1))
    projectors = start(Seeds(1024, "toy"), "cat", data.train.mean(0), variants)
    members = [Member(data, variant, k) for k, variant in enumerate(variants)]
    record_progress(result, "projector", projectors, members, 5)
    record(result, "projector", projectors, members, 5)

    assert result.models.keys() == {f"cat.gaussian.{part}" for part in ("weight", "bias", "center")}
    history = pd.DataFrame(result.history)
    assert set(history["method"]) == {"projector"} and set(history["protocol"]) == {"A"}
    history = history.set_index(["center", "metric"])
    for k, variant in enumerate(variants):
        weight, bias, center = (getattr(projectors, part)[k].double().numpy() for part in ("weight", "bias", "center"))
        z = data.test.double().numpy() @ weight.T + bias
        scores = result.scores[k]
        norms = np.linalg.norm(z, axis=1)
        np.testing.assert_allclose(scores["score"], np.linalg.norm(z - center, axis=1), rtol=1e-5)
        np.testing.assert_allclose(scores["z_norm"], norms, rtol=1e-5)
        np.testing.assert_allclose(scores["z_cosine"], z @ center / norms / np.linalg.norm(center), atol=1e-5)
        rows = history.loc[variant.center]
        assert rows.loc["image_auroc", "value"] == pytest.approx(100 * auroc(data.labels, scores["score"]))
        for metric, value in convergence.of_images(projectors, k, data.train).items():
            assert (rows.loc[metric, "step"], rows.loc[metric, "value"]) == (5, value)
        assert rows.loc["image_auroc", "step"] == 5 and math.isnan(rows.loc["cosine", "step"])
        normal, anomalous = z[data.labels == 0], z[data.labels == 1]
        assert rows.loc["cosine", "value"] == pytest.approx(cosine_between(normal, anomalous), abs=1e-5)
        assert rows.loc["norm_normal", "value"] == pytest.approx(norms[data.labels == 0].mean(), rel=1e-5)
        assert rows.loc["norm_anomalous", "value"] == pytest.approx(norms[data.labels == 1].mean(), rel=1e-5)

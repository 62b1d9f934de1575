import numpy as np
import pytest

from oneclass.objective.classes import Data
from oneclass.objective.similarity import similarity


def test_equals_the_mean_over_pairs() -> None:
    random = np.random.default_rng(0)
    labels, ids = np.array([0, 1, 0, 1, 1, 0], np.int8), np.arange(6).astype(str)
    tests = [random.normal(shift, 1, (6, 4)).astype(np.float32) for shift in (0, 3)]
    classes = [Data(name, test[:1], test, ids, labels) for name, test in zip("ab", tests, strict=True)]
    table = similarity(classes).set_index("class")
    assert table.index.tolist() == ["a", "b"]
    for data in classes:
        normal, anomalous = data.test[[0, 2, 5]], data.test[[1, 3, 4]]
        pairs = [x @ y / np.linalg.norm(x) / np.linalg.norm(y) for x in normal for y in anomalous]
        row = table.loc[data.class_name]
        assert row["cosine"] == pytest.approx(np.mean(pairs), abs=1e-6)
        assert row["norm_normal"] == pytest.approx(np.mean([np.linalg.norm(x) for x in normal]), rel=1e-6)
        assert row["norm_anomalous"] == pytest.approx(np.mean([np.linalg.norm(x) for x in anomalous]), rel=1e-6)

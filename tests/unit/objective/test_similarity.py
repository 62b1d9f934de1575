"""The cosine between normal and anomalous features against its literal form, on vectors and on maps."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oneclass.data.index import Index
from oneclass.features.store import read_pooled
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.maps import align
from oneclass.objective.similarity import run, similarity


def literal(test: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    normal, anomalous = test[labels == 0], test[labels == 1]
    pairs = [x @ y / np.linalg.norm(x) / np.linalg.norm(y) for x in normal for y in anomalous]
    return {
        "cosine": float(np.mean(pairs)),
        "norm_normal": float(np.mean([np.linalg.norm(x) for x in normal])),
        "norm_anomalous": float(np.mean([np.linalg.norm(x) for x in anomalous])),
    }


def test_equals_the_mean_over_pairs() -> None:
    random, labels = np.random.default_rng(0), np.array([0, 1, 0, 1, 1, 0], np.int8)
    for name, shift in (("a", 0), ("b", 3)):
        test = random.normal(shift, 1, (6, 4)).astype(np.float32)
        rows = similarity(name, test, labels)
        assert {row["class"] for row in rows} == {name} and {row["repetition"] for row in rows} == {0}
        assert {row["metric"]: row["value"] for row in rows} == pytest.approx(literal(test, labels), rel=1e-6, abs=1e-6)


def test_of_vectors_they_are_the_stored_ones(tiles: tuple[Index, str]) -> None:
    index, features = tiles
    rows = run(index, features, ["tile"], {"features": "vectors", "task": "defect"}, "cpu")
    stored = read_pooled(Path(features), index)[20:]
    labels = index.table["label"].to_numpy()[20:]
    assert {row["metric"]: row["value"] for row in rows} == pytest.approx(literal(stored, labels), rel=1e-5)


def test_of_maps_images_are_averaged_over_positions(
    tiles: tuple[Index, str], tile: Category, map_settings: dict[str, Any]
) -> None:
    rows = run(*tiles, ["tile"], map_settings | {"features": "maps"}, "cpu")
    averaged = np.concatenate([align(maps).mean((2, 3)).numpy() for maps in tile.source.batches(tile.test)])
    assert {row["metric"]: row["value"] for row in rows} == pytest.approx(literal(averaged, tile.labels), rel=1e-5)

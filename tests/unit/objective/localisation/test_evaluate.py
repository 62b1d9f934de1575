"""Image and pixel metrics of scores and distance maps, against the metrics themselves."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from oneclass import tidy
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.record import Record
from oneclass.metrics import auroc
from oneclass.objective.localisation.distances import write_maps
from oneclass.objective.localisation.evaluate import evaluate
from oneclass.objective.localisation.smoothing import smooth
from oneclass.pixel_metrics import average_precision, pixel_metrics

GEOMETRY = Geometry(16)
VARIANTS: list[dict[str, Any]] = [
    {"method": "projector", "center": "gaussian", "center_norm": norm, "repetition": n}
    for norm in (1, 8)
    for n in (0, 1)
]
VARIANTS.append({"method": "padim", "center": None, "center_norm": None, "repetition": 0})


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """Of each of two categories one image to train, four normal and three anomalous to test; only one has masks."""
    records = []
    for name, mask in (("tile", "mask.png"), ("cloth", "")):
        for k in range(8):
            bad = k > 4
            split = "test" if k else "train"
            records.append(Record(f"{name}/{k}", "image.png", name, split, label=bad, mask=mask * bad))
    Image.new("L", (16, 16)).save(tmp_path / "image.png")
    corner = np.zeros((16, 16), np.uint8)
    corner[:5, :7] = 1
    Image.fromarray(corner).save(tmp_path / "mask.png")
    return Index.create(pd.DataFrame(map(vars, records)).astype({"label": "int8"}), "toy", tmp_path)


@pytest.fixture
def distances() -> dict[str, np.ndarray]:
    """[V, T, 4, 4] of each category."""
    random = np.random.default_rng(0)
    return {name: random.random((len(VARIANTS), 7, 4, 4)).astype(np.float32) for name in ("tile", "cloth")}


@pytest.fixture
def scores(index: Index, distances: dict[str, np.ndarray]) -> pd.DataFrame:
    """The maximum of each map; in rows that are null where a variant lacks a column, as files have them."""
    frames = []
    for name, maps in distances.items():
        tested = index.table[(index.table["class_name"] == name) & (index.table["split"] == "test")]
        for columns, distance in zip(VARIANTS, maps, strict=True):
            values = {"id": tested["id"].tolist(), "label": tested["label"], "score": distance.max((1, 2))}
            frames.append(pd.DataFrame(columns | values | {"class": name, "z_norm": np.nan}))
    return pd.concat(frames, ignore_index=True).assign(dataset="toy", backbone="tiny", protocol="B")


def files(distances: dict[str, np.ndarray], index: Index, folder: Path) -> list[Path]:
    """A file for each category."""
    for name, maps in distances.items():
        ids = index.table.loc[(index.table["class_name"] == name) & (index.table["split"] == "test"), "id"]
        kept = [(columns | {"protocol": "B"}, distance) for columns, distance in zip(VARIANTS, maps, strict=True)]
        write_maps(str(folder / f"{name}.h5"), {name: kept}, {name: ids.to_numpy(dtype=str)}, {"dataset": "toy"})
    return [folder / f"{name}.h5" for name in distances]


def pick(frame: pd.DataFrame, name: str, metric: str, columns: dict[str, Any]) -> pd.Series:
    rows = frame[(frame["class"] == name) & (frame["metric"] == metric)]
    for column, value in columns.items():
        rows = rows[rows[column].isna() if value is None else rows[column] == value]
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.mark.parametrize("stored", [False, True], ids=["frames", "files"])
def test_every_metric_is_that_of_its_variant(
    stored: bool, scores: pd.DataFrame, distances: dict[str, np.ndarray], index: Index, tmp_path: Path
) -> None:
    if stored:
        tidy.write(scores, "scores", tmp_path / "scores.parquet")
        scores = tidy.read([tmp_path / "scores.parquet"], "scores")
    paths = files(distances, index, tmp_path)
    settings: dict[str, Any] = {"sigma": 1.0, "resamples": 20, "seed": 7}
    summary, metrics = evaluate(scores, paths, index, "defect", GEOMETRY, **settings)
    label = np.array([0, 0, 0, 0, 1, 1, 1])
    truth = np.zeros((7, 16, 16), bool)
    truth[4:, :5, :7] = True
    for name, maps in distances.items():
        for columns, distance in zip(VARIANTS, maps, strict=True):
            score = distance.max((1, 2))
            expected = {"image_auroc": auroc(label, score), "image_ap": average_precision(label, score)}
            if name == "tile":
                expected |= pixel_metrics(truth, smooth(distance, 16, 1.0))
                assert {"pixel_auroc", "pixel_aupro", "pixel_ap"} <= expected.keys()
            for metric, value in expected.items():
                row = pick(metrics, name, metric, columns)
                assert row["value"] == pytest.approx(100 * value)
                assert (row["dataset"], row["backbone"], row["protocol"]) == ("toy", "tiny", "B")
    assert len(metrics) == 5 * (2 + 2 + 3)
    assert set(metrics.loc[metrics["class"] == "cloth", "metric"]) == {"image_auroc", "image_ap"}

    per_variant = {"method": "projector", "center_norm": 8}
    for name, metric in (("tile", "pixel_aupro"), ("cloth", "image_ap")):
        values = [pick(metrics, name, metric, columns)["value"] for columns in VARIANTS[2:4]]
        row = pick(summary, name, metric, per_variant)
        assert row["mean"] == pytest.approx(np.mean(values)) and row["repetitions"] == 2
    with_intervals = summary["ci_low"].notna()
    assert set(summary.loc[with_intervals, "metric"]) == {"image_auroc"}
    assert (summary["metric"] != "image_auroc")[~with_intervals].all()
    for frame, kind in ((summary, "summary"), (metrics, "metrics")):
        tidy.write(frame, kind, tmp_path / kind)
        assert len(tidy.read([tmp_path / kind], kind)) == len(frame)


def test_without_masks_there_are_image_metrics_alone(
    scores: pd.DataFrame, distances: dict[str, np.ndarray], index: Index, tmp_path: Path
) -> None:
    scores, only = scores[scores["class"] == "cloth"], {"cloth": distances["cloth"]}
    paths = files(only, index, tmp_path)
    summary, metrics = evaluate(scores, paths, index, "defect", GEOMETRY, sigma=1.0, resamples=20, seed=7)
    assert set(summary["metric"]) == set(metrics["metric"]) == {"image_auroc", "image_ap"}

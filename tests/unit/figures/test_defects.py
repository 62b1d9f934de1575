"""Figures S2 and S3, from an index, scores and distance maps on disk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from oneclass.data import images, masks
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.record import COLUMNS
from oneclass.figures import defects, style
from oneclass.objective.localisation.distances import write_maps
from oneclass.objective.localisation.smoothing import smooth

Shown = Callable[[Figure], str]
Conform = Callable[..., pd.DataFrame]
Read = dict[str, Any]  # what a figure is given
Maps = dict[str, dict[str, np.ndarray]]  # by data set and id
GEOMETRY, SIGMA = Geometry(32, 24), 2.0
RIGHT: dict[str, Any] = {"method": "projector", "protocol": "B", "center": "gaussian", "center_norm": 8.0}
RIGHT |= {"centering": "none", "repetition": 0}
WRONG = [{"center_norm": 1.0}, {"repetition": 1}, {"center": "ones"}]
WRONG += [{"centering": "position"}, {"method": "full_batch"}]
SCORES = {"good/0": 0.1, "good/1": 0.9, "bad/0": 0.2, "bad/1": 0.7, "bad/2": 1.5, "corner/0": 0.8}


def made(folder: Path, dataset: str, ids: list[str], with_masks: bool, random: np.random.Generator) -> Index:
    """Pictures of 40 x 30 pixels of one category, and their index."""
    rows = []
    for id in ["train/0", *ids]:
        kind, path = id.split("/")[0], f"{dataset}/{id}.png"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (30, 40, 3), np.uint8)).save(folder / path)
        row = {"id": id, "path": path, "class_name": "one", "split": "train" if kind == "train" else "test"}
        row |= {"item": -1, "reader": "image", "label": int(kind in ("bad", "corner")), "mask": ""}
        row["defect"] = "a rather long name for a defect" if kind == "bad" else "corner" if kind == "corner" else ""
        if with_masks and row["label"]:
            row["mask"] = f"{dataset}/{id}_mask.png"
            truth = np.zeros((30, 40), np.uint8)
            truth[(slice(12, 20), slice(15, 25)) if kind == "bad" else (slice(0, 2), slice(0, 2))] = 255
            Image.fromarray(truth).save(folder / row["mask"])
        rows.append(row)
    return Index.create(pd.DataFrame(rows)[list(COLUMNS)], dataset, folder)


def measured(
    folder: Path, dataset: str, scores: dict[str, float], random: np.random.Generator
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Scores, and maps in a file, of every variant, images in different orders; and the right variant's maps by id."""
    variants = [RIGHT | change for change in [*WRONG, {}]]
    ids = list(scores)[::-1]
    distance = random.random((len(variants), len(ids), 6, 6), np.float32)
    kept = {"one": list(zip(variants, distance, strict=True))}
    write_maps(str(folder / f"{dataset}.h5"), kept, {"one": np.array(ids)}, {"dataset": dataset})
    frames = []
    for variant in variants:
        values = list(scores.values()) if variant == RIGHT else random.random(len(scores))
        labels = [int(not id.startswith("good")) for id in scores]
        frame = {"dataset": dataset, "class": "one", **variant, "id": list(scores), "label": labels, "score": values}
        frames.append(pd.DataFrame(frame))
    return pd.concat(frames, ignore_index=True), dict(zip(ids, distance[-1], strict=True))


def given(folder: Path, scores: dict[str, float], conform: Conform) -> tuple[Read, Maps]:
    """Two data sets, the first with masks."""
    random = np.random.default_rng(0)
    indexes, frames, maps = [], [], {}
    for dataset in ("mnist5k", "elpv"):
        indexes.append(made(folder, dataset, list(scores), dataset == "mnist5k", random))
        frame, maps[dataset] = measured(folder, dataset, scores, random)
        frames.append(frame)
    read = {
        "indexes": indexes[::-1],  # in any order
        "scores": conform(pd.concat(frames, ignore_index=True), "scores"),
        "maps": [folder / f"{dataset}.h5" for dataset in maps],
        "geometries": {dataset: {"resize": GEOMETRY.resize, "crop": GEOMETRY.crop} for dataset in maps},
        "sigma": SIGMA,
        "center_norm": 8.0,
    }
    return read, maps


@pytest.fixture
def read_and_maps(tmp_path: Path, conform: Conform) -> tuple[Read, Maps]:
    return given(tmp_path, SCORES, conform)


@pytest.fixture
def read(read_and_maps: tuple[Read, Maps]) -> Read:
    return read_and_maps[0]


@pytest.fixture
def maps(read_and_maps: tuple[Read, Maps]) -> Maps:
    return read_and_maps[1]


CASES = [(defects.best, ["bad/2", "corner/0"], [1, 3]), (defects.worst, ["bad/0", "good/1"], [5, 2])]


@pytest.mark.parametrize(("draw", "ids", "ranks"), CASES)
def test_what_is_shown(
    draw: Callable[..., tuple[Figure, pd.DataFrame]],
    ids: list[str],
    ranks: list[int],
    read: Read,
    maps: Maps,
    tmp_path: Path,
    shown: Shown,
) -> None:
    figure, data = draw(**read)
    assert data["id"].tolist() == ids * 2 and data["rank"].tolist() == ranks * 2
    assert data["dataset"].tolist() == ["mnist5k"] * 2 + ["elpv"] * 2 and set(data["images"]) == {6}
    assert data["score"].tolist() == [SCORES[id] for id in ids] * 2
    panels = iter(axis for place, axis in enumerate(figure.axes) if place % 7 != 6)  # the seventh is the colour bar
    for _, row in data.iterrows():
        picture, marked, found = (next(panels) for _ in range(3))
        file = tmp_path / row["dataset"] / f"{row['id']}.png"
        resized = images.load(tmp_path, str(file)).resize((32, 32), Image.Resampling.BILINEAR)
        literal = np.asarray(resized.crop((4, 4, 28, 28)))
        np.testing.assert_array_equal(picture.images[0].get_array(), literal)
        smoothed = smooth(maps[row["dataset"]][row["id"]], 24, SIGMA)
        np.testing.assert_allclose(found.images[1].get_array(), smoothed, rtol=1e-5)
        everything = [smooth(one, 24, SIGMA) for one in maps[row["dataset"]].values()]
        low, high = np.min(everything), np.median([SCORES[id] for id in SCORES if not id.startswith("good")])
        assert found.images[1].get_clim() == pytest.approx((low, high)) == (row["low"], row["high"])
        outlined = [len(axis.collections) > 0 for axis in (marked, found)]
        # the crop takes the corner's defect away
        assert outlined == [row["dataset"] == "mnist5k" and row["id"].startswith("bad")] * 2
        assert len(marked.images) == (row["dataset"] == "mnist5k" and row["label"] == 1)
    text = shown(figure)
    assert f"rank {ranks[0]} of 6" in text and f"score {SCORES[ids[1]]:#.3g}" in text
    assert "a rather long name for …" in text
    assert "MNIST (5,000)\none\nAUROC 62.5 %" in text and "no mask" in text and "distance to the centre" in text
    assert ("no defect" in text) == (draw is defects.worst)


def test_the_outline_is_the_masks(read: Read, tmp_path: Path) -> None:
    figure, _ = defects.best(**read | {"maps": read["maps"][:1]})
    [contour] = figure.axes[1].collections
    corners = contour.get_paths()[0].get_extents()
    truth = masks.load(tmp_path, "mnist5k/bad/2_mask.png", (40, 30), GEOMETRY)
    rows, columns = np.nonzero(truth)
    assert corners.bounds == (columns.min() - 0.5, rows.min() - 0.5, np.ptp(columns) + 1, np.ptp(rows) + 1)


def test_a_single_anomalous_image(tmp_path: Path, conform: Conform, shown: Shown) -> None:
    few = {id: score for id, score in SCORES.items() if id.startswith("good") or id == "bad/2"}
    read, _ = given(tmp_path, few, conform)
    read["maps"] = read["maps"][:1]
    figure, data = defects.best(**read)
    assert data["id"].tolist() == ["bad/2"] and shown(figure)
    assert len(figure.axes) == 3 + 1
    _, data = defects.worst(**read)
    assert data["id"].tolist() == ["bad/2", "good/1"]


def test_files_twice(read: Read, tmp_path: Path) -> None:
    figure, data = defects.best(**read)
    for name in "ab":
        style.save(figure, data, tmp_path / name)
    for suffix in (".svg", ".png", ".csv"):
        first, second = ((tmp_path / name).with_suffix(suffix).read_bytes() for name in "ab")
        assert first == second

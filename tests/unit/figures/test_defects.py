"""Figures S2 and S3, from an index, scores and distance maps on disk."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from oneclass.data import images, index, masks
from oneclass.data.record import COLUMNS
from oneclass.features.transform import prepare
from oneclass.figures import defects, style
from oneclass.localisation.smoothing import smooth

Shown = Callable[[Figure], str]
RESIZE, CROP, SIGMA = 32, 24, 2.0
RIGHT = {"method": "ours", "protocol": "B", "center": "normal", "norm": 8.0, "centring": "none", "seed": 0}
WRONG = [{"norm": 1.0}, {"seed": 1}, {"center": "ones"}, {"centring": "position"}, {"method": "ours_moments"}]
SCORES = {"good/0": 0.1, "good/1": 0.9, "bad/0": 0.2, "bad/1": 0.7, "bad/2": 1.5, "corner/0": 0.8}


def made(folder: Path, dataset: str, with_masks: bool, random: np.random.Generator) -> pd.DataFrame:
    """Pictures of 40 x 30 pixels of one category, and their index."""
    rows = []
    for id in ["train/0", *SCORES]:
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
    table = pd.DataFrame(rows)[list(COLUMNS)]
    table.attrs = {"dataset": dataset}
    index.write(table, folder, folder / f"{dataset}.parquet")
    return table


def measured(folder: Path, dataset: str, random: np.random.Generator) -> dict[str, np.ndarray]:
    """Scores and maps of every variant, images in different orders; returns the right variant's maps by id."""
    variants = [RIGHT | change for change in [*WRONG, {}]]
    ids = list(SCORES)[::-1]
    distance = random.random((len(variants), len(ids), 6, 6), np.float32)
    with h5py.File(folder / f"{dataset}.h5", "w") as file:
        group = file.create_group("one")
        group.create_dataset("id", data=ids, dtype=h5py.string_dtype())
        group.create_dataset("distance", data=distance)
        group.attrs["variants"] = json.dumps(variants)
    frames = []
    for variant in variants:
        scores = list(SCORES.values()) if variant == RIGHT else random.random(len(SCORES))
        labels = [int(not id.startswith("good")) for id in SCORES]
        frame = {"dataset": dataset, "class": "one", **variant, "id": list(SCORES), "label": labels, "score": scores}
        frames.append(pd.DataFrame(frame))
    pd.concat(frames, ignore_index=True).to_parquet(folder / f"{dataset}_scores.parquet")
    return dict(zip(ids, distance[-1], strict=True))


@pytest.fixture
def maps(tmp_path: Path) -> dict[str, dict[str, np.ndarray]]:
    """The files of two data sets in ``tmp_path``, the first with masks; the distance maps by data set and id."""
    random = np.random.default_rng(0)
    found = {}
    for dataset in ("mnist5k", "elpv"):
        made(tmp_path, dataset, dataset == "mnist5k", random)
        found[dataset] = measured(tmp_path, dataset, random)
    return found


@pytest.fixture
def categories(tmp_path: Path, maps: dict[str, dict[str, np.ndarray]]) -> list[defects.Category]:
    def files(pattern: str) -> list[str]:
        return [str(tmp_path / pattern.format(dataset)) for dataset in maps]

    transforms: dict[str, dict[str, Any]] = {dataset: {"resize": RESIZE, "crop": CROP} for dataset in maps}
    return defects.load(files("{}.parquet"), files("{}_scores.parquet"), files("{}.h5"), transforms, SIGMA, 8.0)


CASES = [(defects.figure_s2, ["bad/2", "corner/0"], [1, 3]), (defects.figure_s3, ["bad/0", "good/1"], [5, 2])]


@pytest.mark.parametrize(("draw", "ids", "ranks"), CASES)
def test_what_is_shown(
    draw: Callable[[list[defects.Category]], tuple[Figure, pd.DataFrame]],
    ids: list[str],
    ranks: list[int],
    categories: list[defects.Category],
    maps: dict[str, dict[str, np.ndarray]],
    tmp_path: Path,
    shown: Shown,
) -> None:
    figure, data = draw(categories)
    assert data["id"].tolist() == ids * 2 and data["rank"].tolist() == ranks * 2
    assert data["dataset"].tolist() == ["mnist5k"] * 2 + ["elpv"] * 2 and set(data["images"]) == {6}
    assert data["score"].tolist() == [SCORES[id] for id in ids] * 2
    panels = iter(axis for place, axis in enumerate(figure.axes) if place % 7 != 6)  # the seventh is the colour bar
    for _, row in data.iterrows():
        picture, marked, found = (next(panels) for _ in range(3))
        file = tmp_path / row["dataset"] / f"{row['id']}.png"
        literal = prepare(images.load(tmp_path, str(file)), RESIZE, CROP).permute(1, 2, 0).numpy()
        np.testing.assert_array_equal(picture.images[0].get_array(), literal)
        smoothed = smooth(maps[row["dataset"]][row["id"]], CROP, SIGMA)
        np.testing.assert_allclose(found.images[1].get_array(), smoothed, rtol=1e-5)
        everything = [smooth(one, CROP, SIGMA) for one in maps[row["dataset"]].values()]
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
    assert ("no defect" in text) == (draw is defects.figure_s3)


def test_the_outline_is_the_masks(categories: list[defects.Category], tmp_path: Path) -> None:
    figure, _ = defects.figure_s2(categories[:1])
    [contour] = figure.axes[1].collections
    corners = contour.get_paths()[0].get_extents()
    truth = masks.load(tmp_path, "mnist5k/bad/2_mask.png", (40, 30), RESIZE, CROP)
    rows, columns = np.nonzero(truth)
    assert corners.bounds == (columns.min() - 0.5, rows.min() - 0.5, np.ptp(columns) + 1, np.ptp(rows) + 1)


def test_a_single_anomalous_image(categories: list[defects.Category], shown: Shown) -> None:
    table = categories[0].images
    kept = table[(table["label"] == 0) | (table["id"] == "bad/2")]
    distance = categories[0].distance[kept.index]
    one = defects.Category("mnist5k", "one", categories[0].root, kept.reset_index(), distance, categories[0].geometry)
    figure, data = defects.figure_s2([one])
    assert data["id"].tolist() == ["bad/2"] and shown(figure)
    assert len(figure.axes) == 3 + 1
    _, data = defects.figure_s3([one])
    assert data["id"].tolist() == ["bad/2", "good/1"]


def test_files_twice(categories: list[defects.Category], tmp_path: Path) -> None:
    figure, data = defects.figure_s2(categories)
    for name in "ab":
        style.save(figure, data, tmp_path / name)
    for suffix in (".svg", ".png", ".csv"):
        first, second = ((tmp_path / name).with_suffix(suffix).read_bytes() for name in "ab")
        assert first == second

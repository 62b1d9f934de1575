"""A pool that is read from its files gives the same as one that is stored."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Loss
from oneclass.config.data import OutlierPool
from oneclass.data import pixels
from oneclass.data.build import build
from oneclass.data.index import Index
from oneclass.data.outliers import choose
from oneclass.errors import UserError
from oneclass.exposure import sweep
from oneclass.exposure.training import Architecture, Recipe
from oneclass.search import job
from oneclass.search.evolution import Parameters
from oneclass.training.batches import Schedule
from oneclass.training.finished import Finished
from oneclass.training.stores import Images, Outliers, Pictures
from oneclass.training.trials import Seeds, Trial

LOSSES = {name: loss.module for name, loss in of_kind(Loss).items()}
RECIPE = Recipe(Architecture(NETWORKS["lenet"], 0.1), LOSSES, Schedule(2, (1,), 4, 1e-2), Seeds(1, "toy"))
PICTURES = Pictures(NETWORKS["lenet"], ((), ("jitter", "flip", "crop", "noise")))
TRIAL = Trial("cat", 0, "hsc", {"radial": "pseudo_huber"})


@pytest.fixture
def both(tmp_path: Path, class_index: Callable[..., Index], pixel_store: Callable[[Index], str]) -> SimpleNamespace:
    """A data set, and a pool of twelve pictures of several sizes: stored, and on disk."""
    rng = np.random.default_rng(0)
    for number in range(12):
        file = tmp_path / "wild" / "ab"[number % 2] / f"{number:02d}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (20 + number, 50, 3), np.uint8)).save(file)
    pool = build("wild", OutlierPool(source="image_folders", path=str(tmp_path / "wild")).model_dump(), tmp_path, 1)
    pixels.write(pool, 32, tmp_path / "32.h5", 2)
    data, kept = class_index("toy", ["cat", "dog"], 24), pool.table.drop(index=[1, 5])
    return SimpleNamespace(
        pool=pool,
        data=(data, Images(data, [pixel_store(data)], PICTURES, "cpu")),
        kept=kept,
        outliers=Outliers(pool, kept, choose(kept, "wild", "toy", ["cat", "dog"], 1, 10, 1)),
        stored=Images(pool, [str(tmp_path / "32.h5")], PICTURES, "cpu"),
        on_disk=Images(pool, [], PICTURES, "cpu", workers=3),
    )


def test_sweeps_give_the_same_scores(both: SimpleNamespace, nothing_finished: Callable[[], Finished]) -> None:
    trials = [TRIAL, replace(TRIAL, augmented=True), replace(TRIAL, outlier_count=3.0, filter="lpf4")]
    stored, on_disk = (
        sweep.run(
            trials,
            "one_vs_rest",
            both.data,
            (pool, both.outliers),
            RECIPE,
            nothing_finished(),
            device="cpu",
            threads=2,
        )
        for pool in (both.stored, both.on_disk)
    )
    pd.testing.assert_frame_equal(stored, on_disk, check_exact=True)


@pytest.mark.parametrize("direction", ["best", "random"])
def test_searches_have_the_same_history(direction: str, both: SimpleNamespace, tmp_path: Path) -> None:
    spec = job.RunSpec("toy", "wild", "one_vs_rest", "cat", "hsc", TRIAL.options, "none", direction)
    parameters = Parameters(4, 3, 3, 0.1, 0.6, 8, 3, 0, 6)
    stored, on_disk = (
        job.run(
            spec,
            both.data,
            (both.pool, pool),
            both.kept,
            RECIPE,
            PICTURES,
            parameters,
            repetitions=1,
            scratch=tmp_path / f"scratch {number}",
            device="cpu",
            threads=1,
        )
        for number, pool in enumerate((both.stored, both.on_disk))
    )
    pd.testing.assert_frame_equal(stored, on_disk, check_exact=True)


def test_nothing_is_read_but_what_a_batch_asks_for(both: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    load = pixels.images.load
    monkeypatch.setattr(pixels.images, "load", lambda *place: read.append(place[1]) or load(*place))
    rows = torch.tensor([7, 2, 7])
    seen, stored = (images.pixels_for(TRIAL).batch(rows, None) for images in (both.on_disk, both.stored))
    assert torch.equal(seen, stored) and seen.shape == (3, 3, 32, 32)
    assert sorted(read) == sorted(both.pool.table["path"].iloc[rows.tolist()])
    assert len(both.on_disk.pixels_for(TRIAL)) == 12 and both.on_disk.rows_on == "cpu"


def test_a_picture_that_is_gone_is_named(both: SimpleNamespace) -> None:
    (both.pool.root / both.pool.table["path"].iloc[2]).unlink()
    with pytest.raises(UserError, match=r"wild/a/04\.png: the image is missing"):
        both.on_disk.pixels_for(TRIAL).batch(torch.tensor([1, 2]), None)

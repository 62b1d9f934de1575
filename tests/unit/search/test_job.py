"""A whole search on small images: its columns, its directions, and what its memory depends on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import pandas as pd
import pytest
import torch

from oneclass.errors import UserError
from oneclass.exposure.sweep import Images, Settings
from oneclass.exposure.training import Schedule
from oneclass.search import job
from oneclass.search.evolution import Parameters
from oneclass.search.job import Place

PLACE = Place("toy", "wild", "lenet", "one_vs_rest", "cat", "hsc", "lpf14", "best")
DROPPED = (1, 5)  # of the pool: duplicates of test images
PARAMETERS = Parameters(4, 3, 3, 0.1, 0.6, 8, 3, 0, 6)
Run = Callable[..., pd.DataFrame]


@pytest.fixture
def run(tmp_path: Path, class_index: Callable[..., pd.DataFrame]) -> Run:
    """A search of a pool without the images ``dropped``; ``options`` replace those of ``job.run`` and of the place."""
    data, pool = class_index("toy", ["cat", "dog"], 24), class_index("wild", ["a"], 12)

    def images(index: pd.DataFrame, settings: Settings, seed: int) -> Images:
        path = tmp_path / f"{index.attrs['dataset']}{seed}" / "32.h5"
        path.parent.mkdir(exist_ok=True)
        generator = torch.Generator().manual_seed(seed)
        with h5py.File(path, "w") as file:
            file.attrs["index_hash"] = index.attrs["hash"]
            file["pixels"] = torch.randint(256, (len(index), 3, 32, 32), dtype=torch.uint8, generator=generator).numpy()
        return Images(index, [str(path)], settings, "cpu")

    def search(
        scratch: str = "scratch", pixels: int = 1, dropped: Sequence[int] = DROPPED, **options: Any
    ) -> pd.DataFrame:
        place = replace(PLACE, **{key: options.pop(key) for key in vars(PLACE).keys() & options.keys()})
        settings = Settings("lenet", 0.1, [], "code")
        common = {"seed": 1, "repetitions": 2, "device": "cpu", "threads": 2, "scratch": tmp_path / scratch}
        both = (data, images(data, settings, pixels)), (pool, images(pool, settings, 2))
        schedule, parameters = options.pop("schedule", Schedule(1, (), 4, 1e-2)), options.pop("parameters", PARAMETERS)
        return job.run(
            place, *both, pool.drop(index=list(dropped)), settings, schedule, parameters, **(common | options)
        )

    return search


@pytest.mark.parametrize(("direction", "rows"), [("best", 12), ("worst", 12), ("random", 6)])
def test_the_history(direction: str, rows: int, run: Run) -> None:
    history = run(direction=direction)
    assert history.columns.tolist() == [
        *("dataset", "pool", "network", "task", "class", "method", "filter", "magnitude", "direction"),
        *("generation", "individual", "outlier", "fitness", "trained", "seeds"),
    ]
    assert len(history) == rows
    [place] = history.iloc[:, :9].drop_duplicates().to_numpy().tolist()
    assert place == ["toy", "wild", "lenet", "one_vs_rest", "cat", "hsc", "lpf", 14, direction]
    assert (history["seeds"] == 2).all() and history["fitness"].between(0, 100).all()
    kept = {f"wild{k:02d}" for k in range(12) if k not in DROPPED}
    assert set(history["outlier"]) <= kept, "a duplicate of a test image is never shown"


def test_another_search_on_the_same_images_remembers(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    every = replace(PARAMETERS, random_outliers=10)
    run("both", direction="random", parameters=every)
    alone = run("alone", direction="worst")
    monkeypatch.setattr("oneclass.search.fitness.run", None)  # whoever trains fails
    pd.testing.assert_frame_equal(run("both", direction="worst"), alone, check_exact=True)


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 2},
        {"pixels": 3},
        {"class_name": "dog"},
        {"method": "bce"},
        {"filter": "none"},
        {"schedule": Schedule(2, (), 4, 1e-2)},
        {"dropped": (1,)},
    ],
)
def test_what_decides_an_auroc_makes_the_memory_another(
    changed: dict[str, Any], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = replace(PARAMETERS, generations=1, individuals=2)
    run(parameters=brief)
    monkeypatch.setattr("oneclass.search.fitness.run", None)
    run(parameters=brief)
    with pytest.raises(TypeError):
        run(parameters=brief, **changed)


def test_a_class_that_is_not_there(run: Run) -> None:
    with pytest.raises(UserError, match="no class 'cow'"):
        run(class_name="cow")


def test_a_pool_that_is_too_small(run: Run) -> None:
    with pytest.raises(UserError, match="individuals: 11 are asked for, and the pool has 10 images"):
        run(parameters=replace(PARAMETERS, individuals=11))

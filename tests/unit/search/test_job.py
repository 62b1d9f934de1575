"""A whole search on small images: its columns, its directions, and what its cache depends on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import torch

from oneclass import tidy
from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Loss, source
from oneclass.data.index import Index
from oneclass.errors import UserError
from oneclass.exposure.training import Architecture, Recipe
from oneclass.provenance import source_hash
from oneclass.search import job
from oneclass.search.evolution import Parameters
from oneclass.search.job import RunSpec
from oneclass.training.batches import Schedule
from oneclass.training.stores import Images, Pictures
from oneclass.training.trials import Seeds

SPEC = RunSpec("toy", "wild", "one_vs_rest", "cat", "hsc", {"radial": "pseudo_huber"}, "lpf14", "best")
LOSSES = {name: loss.module for name, loss in of_kind(Loss).items()}
RECIPE = Recipe(Architecture(NETWORKS["lenet"], 0.1), LOSSES, Schedule(1, (), 4, 1e-2), Seeds(1, "toy"))
PICTURES = Pictures(NETWORKS["lenet"], ((), ()))
DROPPED = (1, 5)  # of the pool: duplicates of test images
PARAMETERS = Parameters(4, 3, 3, 0.1, 0.6, 8, 3, 0, 6)
Run = Callable[..., pd.DataFrame]


@pytest.fixture
def run(tmp_path: Path, class_index: Callable[..., Index]) -> Run:
    """A search of a pool without the images ``dropped``; ``options`` replace those of ``job.run``, of ``SPEC``, of
    ``RECIPE`` and of ``PICTURES``."""
    data, pool = class_index("toy", ["cat", "dog"], 24), class_index("wild", ["a"], 12)

    def images(index: Index, pictures: Pictures, seed: int) -> Images:
        path = tmp_path / f"{index.name}{seed}" / "32.h5"
        path.parent.mkdir(exist_ok=True)
        generator = torch.Generator().manual_seed(seed)
        with h5py.File(path, "w") as file:
            file.attrs["index_hash"] = index.hash
            file["pixels"] = torch.randint(256, (len(index), 3, 32, 32), dtype=torch.uint8, generator=generator).numpy()
        return Images(index, [str(path)], pictures, "cpu")

    def search(
        scratch: str = "scratch", pixels: int = 1, dropped: Sequence[int] = DROPPED, **options: Any
    ) -> pd.DataFrame:
        def changed(record: Any) -> Any:
            return replace(record, **{key: options.pop(key) for key in vars(record).keys() & options.keys()})

        spec, recipe, pictures = changed(SPEC), changed(RECIPE), changed(PICTURES)
        common = {"repetitions": 2, "device": "cpu", "threads": 2, "scratch": tmp_path / scratch}
        both = (data, images(data, pictures, pixels)), (pool, images(pool, pictures, 2))
        kept, parameters = pool.table.drop(index=list(dropped)), options.pop("parameters", PARAMETERS)
        return job.run(spec, *both, kept, recipe, pictures, parameters, **(common | options))

    return search


def test_heads_are_searched_for_among_the_features_under_a_filter(
    tmp_path: Path, class_index: Callable[..., Index]
) -> None:
    pictures = Pictures(NETWORKS["head"], ((), ()))
    recipe = replace(RECIPE, architecture=Architecture(NETWORKS["head"], 0.1))

    def images(index: Index) -> Images:
        paths = [tmp_path / index.name / f"{name}.h5" for name in ("none", "lpf14")]
        for seed, path in enumerate(paths):
            path.parent.mkdir(exist_ok=True)
            with h5py.File(path, "w") as file:
                file.attrs["index_hash"] = index.hash
                file["pooled"] = np.random.default_rng(seed).normal(size=(len(index), 8)).astype(np.float32)
        return Images(index, [str(path) for path in paths], pictures, "cpu")

    data, pool = class_index("toy", ["cat", "dog"], 24), class_index("wild", ["a"], 12)
    kept = pool.table.drop(index=list(DROPPED))
    common = {"repetitions": 1, "device": "cpu", "threads": 1, "scratch": tmp_path}
    found = {}
    for name in ("none", "lpf14"):
        both = (data, images(data)), (pool, images(pool))
        spec = replace(SPEC, filter=name)
        found[name] = job.run(spec, *both, kept, recipe, pictures, PARAMETERS, **common)
        assert set(found[name]["network"]) == {"head"} and len(found[name]) == 12
        assert set(found[name]["outlier"]) <= set(kept["id"])
    first = [rows[rows["generation"] == 0] for rows in found.values()]
    assert first[0]["outlier"].tolist() == first[1]["outlier"].tolist(), "all searches of a class begin alike"
    assert first[0]["fitness"].tolist() != first[1]["fitness"].tolist(), "each on features of its own"


@pytest.mark.parametrize(("direction", "rows"), [("best", 12), ("worst", 12), ("random", 6)])
def test_the_history(direction: str, rows: int, run: Run) -> None:
    history = run(direction=direction)
    assert history.columns.tolist() == [
        *("dataset", "pool", "network", "task", "class", "method", "filter", "magnitude", "direction"),
        *("generation", "individual", "outlier", "fitness", "trained", "repetitions"),
    ]
    assert set(history) <= tidy.SCHEMAS["searches"].keys()
    assert len(history) == rows
    [place] = history.iloc[:, :9].drop_duplicates().to_numpy().tolist()
    assert place == ["toy", "wild", "lenet", "one_vs_rest", "cat", "hsc", "lpf", 14, direction]
    assert (history["repetitions"] == 2).all() and history["fitness"].between(0, 100).all()
    kept = {f"wild{k:02d}" for k in range(12) if k not in DROPPED}
    assert set(history["outlier"]) <= kept, "a duplicate of a test image is never shown"


def test_another_search_on_the_same_images_remembers(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    every = replace(PARAMETERS, random_outliers=10)
    run("both", direction="random", parameters=every)
    alone = run("alone", direction="worst")
    monkeypatch.setattr("oneclass.exposure.population.train", None)  # whoever trains fails
    pd.testing.assert_frame_equal(run("both", direction="worst"), alone, check_exact=True)


@pytest.mark.parametrize(
    "changed",
    [
        {"seeds": Seeds(2, "toy")},
        {"pixels": 3},
        {"class_name": "dog"},
        {"method": "bce", "options": {}},
        {"options": {"radial": "norm1"}},
        {"filter": "none"},
        {"filter": "hpf3", "high_pass_width": "m"},
        {"schedule": Schedule(2, (), 4, 1e-2)},
        {"architecture": Architecture(NETWORKS["lenet"], 0.2)},
        {"architecture": Architecture(NETWORKS["lenet"], 0.1, "bfloat16")},
        {"dropped": (1,)},
    ],
    ids=str,
)
def test_what_decides_an_auroc_makes_the_cache_another(
    changed: dict[str, Any], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = replace(PARAMETERS, generations=1, individuals=2)
    run(parameters=brief)
    if "high_pass_width" in changed:
        run(parameters=brief, filter=changed["filter"])
    monkeypatch.setattr("oneclass.exposure.population.train", None)
    run(parameters=brief)
    with pytest.raises(TypeError):
        run(parameters=brief, **changed)


@pytest.mark.parametrize("module", ["exposure.networks.lenet", "exposure.losses.hsc"])
def test_the_code_of_network_and_method_decides_too(module: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    brief = replace(PARAMETERS, generations=1, individuals=2)
    run(parameters=brief)
    monkeypatch.setattr("oneclass.exposure.population.train", None)
    file = source(module)
    monkeypatch.setattr(job, "source_hash", lambda path: "changed" if path == file else source_hash(path))
    with pytest.raises(TypeError):
        run(parameters=brief)


def test_a_class_that_is_not_there(run: Run) -> None:
    with pytest.raises(UserError, match="no class 'cow'"):
        run(class_name="cow")


def test_a_pool_that_is_too_small(run: Run) -> None:
    with pytest.raises(UserError, match="individuals: 11 are asked for, and the pool has 10 images"):
        run(parameters=replace(PARAMETERS, individuals=11))

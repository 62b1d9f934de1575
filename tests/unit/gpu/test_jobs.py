"""Every job that may use a GPU gives the CPU's numbers on the pretend one: the library function behind it, on small
data. A rule that asks for a GPU and has no entry here fails the first test."""

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import open_clip
import pandas as pd
import pytest
import timm
import torch
import yaml

from oneclass.baselines import run as baselines
from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Baseline, Comparator, Loss, Option, load
from oneclass.clip import embeddings, fine_tuning, miniature, stored
from oneclass.clip.prompts import Prompts
from oneclass.config.methods import options_of
from oneclass.data import pixels
from oneclass.data.geometry import Geometry
from oneclass.detector import fit as detector
from oneclass.detector.network import FeatureExtractor
from oneclass.exposure import sweep
from oneclass.exposure.training import Architecture, Recipe
from oneclass.features.extract import extract
from oneclass.features.store import read_pooled
from oneclass.objective import fit, similarity
from oneclass.objective.localisation.maps import Aggregation
from oneclass.objective.localisation.sources import Streamed
from oneclass.search import job as searching
from oneclass.search.evolution import Parameters
from oneclass.training.batches import Schedule
from oneclass.training.finished import Finished
from oneclass.training.stores import Images, Pictures
from oneclass.training.trials import Seeds, Trial, grid
from oneclass.transfer import blocks, mean_shifted, panda
from oneclass.transfer import images as transferred
from oneclass.transfer import run as transfer
from oneclass.transfer.tuning import Descent

GRID = {"center_norms": [1.0, 4.0], "default_center_norm": 1.0, "repetitions": 1}
SETTINGS = {
    "training": {"learning_rate": 1e-3, "weight_decay": 5e-4, "radius": 1e-5, "loss_scale": 1, "epochs": 3}
    | {"batch_size": 8},
    "default_center_norm": 1.0,
    "memory_mb": 100,
    "task": "defect",
    "figure_classes": ["bolt"],
}
MAPS = {
    "geometry": {"resize": 32, "crop": None},
    "network": {},
    "sigma": 2.0,
    "maps": {"layers": [1, 2, 3], "aggregation": {"patch_size": 3, "alignment": "bilinear"}, "workers": 1},
}
ALL_LOSSES = {name: loss.module for name, loss in of_kind(Loss).items()}
SCHEDULE = Schedule(2, (1,), 6, 1e-3)
PROMPTS = Prompts(["a photo of a {label}"], "a photo of something", {})
MINIATURE = miniature.Plan(["a photo of a {label}"], ["a photo of something"], {}, 2, 4, 1e-3)
Found = dict[str, Any]  # numbers by name


def frames(*parts: pd.DataFrame) -> Found:
    """The columns of data frames."""
    columns = {f"{k} {name}": part[name] for k, part in enumerate(parts) for name in part}
    return {
        name: column.to_numpy() if column.dtype.kind in "bif" else column.astype(object).map(str).to_numpy()
        for name, column in columns.items()
    }


def small(name: str, option: Option) -> float | str:
    """The last value it may have, which does the most; of a number little, since it costs time."""
    return [*option.values][-1] if option.values else 1 if name == "epochs" else 2


def objective(features: str, name: str, data: Any, device: str, **changed: Any) -> Found:
    trained = [key for key, one in of_kind(Comparator, features).items() if one.trained]
    module = "objective.comparators" if name in ("comparators", *trained) else f"objective.methods.{name}"
    centered = ["none", "channel", "position"] if features == "maps" else ["none"]
    centers = {"none": ["gaussian"] if name == "online" else ["gaussian", "mean_feature"]}
    settings = SETTINGS | {
        "features": features,
        "protocol": {"vectors": "A", "maps": "B"}[features],
        "variants": {each: GRID | {"centers": centers.get(each, ["gaussian"])} for each in centered},
        "comparators": {
            key: one.module
            for key, one in of_kind(Comparator, features).items()
            if (key == name if name in trained else not one.trained)
        },
        "options": {
            key: {option: small(option, given) for option, given in one.options.items()}
            for key, one in of_kind(Comparator, features).items()
        },
    }
    if features == "maps":
        settings |= MAPS
    stored_features = data.features(data.index)
    result = fit.run(module, data.index, stored_features, ["bolt", "nut"], settings | changed, 1024, device)
    maps = {f"map {name} {k}": one for name, some in result.maps.items() for k, (_, one) in enumerate(some)}
    return frames(*result.scores, pd.DataFrame(result.history)) | result.models | maps


def localised(name: str, options: dict[str, float], data: Any, device: str) -> Found:
    """A system that is trained on images of 64 pixels, and what else it takes."""
    draws = np.random.default_rng(1)
    train, test, textures = (torch.from_numpy(draws.integers(0, 256, (4, 3, 64, 64), np.uint8)) for _ in range(3))
    method = of_kind(Baseline, "maps")[name]
    given: dict[str, Any] = {"textures": textures} if "textures" in method.needs else {}
    if "backbone" in method.needs:
        given = {"backbone": copy.deepcopy(data.network), "layers": [1, 2]}
    return {"maps": load(method.module).localise(train, test, 1, device, **given, **options)}


def maps_similarity(data: Any, device: str) -> Found:
    settings = {"features": "maps", "task": "defect"} | MAPS
    rows = similarity.run(data.index, data.features(data.index), ["bolt", "nut"], settings, device)
    return frames(pd.DataFrame(rows))


def features(data: Any, device: str) -> Found:
    path = data.folder / f"extracted_{device}.h5"
    how = {"geometry": Geometry(32), "layers": [1, 3], "workers": 1, "batch_size": None, "provenance": {}}
    extract(data.index, copy.deepcopy(data.network), path, device=device, **how)
    return {"pooled": read_pooled(path, data.index)}


def images(data: Any, network: str, device: str, read: bool = False) -> tuple[Images, Images]:
    """A data set and its pool; with ``read``, of the pool's own files."""
    store = data.features if network == "head" else data.pixels
    pictures = Pictures(NETWORKS[network], ((), ("jitter", "flip", "crop", "noise")))
    stores = [store(data.index)], [] if read else [store(data.pool)]
    return Images(data.index, stores[0], pictures, device), Images(data.pool, stores[1], pictures, device)


def train_exposure(data: Any, device: str) -> Found:
    found = {}
    slow = replace(SCHEDULE, learning_rate=1e-5)  # rounding with so few images is a matter of test_population
    for network, read, stacked in (("head", False, None), ("lenet", False, None), ("lenet", True, False)):
        methods = {name: options_of(name, {}) for name in ("hsc", "dsvdd")}
        wanted = {"repetitions": 1, "methods": methods, "outlier_counts": [1, "all"], "outlier_class_counts": []}
        trials = grid(wanted | {"augmented": [False, True]}, ["none"], ["bolt"])
        recipe = Recipe(Architecture(NETWORKS[network], 0.1), ALL_LOSSES, slow, Seeds(1, "parts"), stacked)
        first, second = images(data, network, device, read)
        both, run = ((data.index, first), (second, data.outliers)), f"{network} {read} {stacked}"
        finished = Finished(data.folder / f"{run} {device}")
        frame = sweep.run(trials, "one_vs_rest", *both, recipe, finished, device=device, threads=1)
        found |= {f"{run} {name}": values for name, values in frames(frame).items()}
    return found


def search(data: Any, device: str, direction: str = "best", network: str = "lenet") -> Found:
    options = {"radial": "pseudo_huber"}
    spec = searching.RunSpec("parts", "wild", "one_vs_rest", "bolt", "hsc", options, "none", direction)
    recipe = Recipe(Architecture(NETWORKS[network], 0.1), ALL_LOSSES, SCHEDULE, Seeds(1, "parts"))
    first, second = images(data, network, device)
    history = searching.run(
        spec,
        (data.index, first),
        (data.pool, second),
        data.pool.table,
        recipe,
        Pictures(NETWORKS[network], ((), ())),
        Parameters(4, 2, 3, 0.1, 0.6, 8, 3, 0, 5),
        repetitions=1,
        scratch=data.folder / f"scratch_{direction}_{device}_{network}",
        device=device,
        threads=1,
    )
    return frames(history)


def train_transfer(data: Any, device: str) -> Found:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = timm.create_model("test_resnet", pretrained=False, num_classes=7).eval()
    split = blocks.split(network, "", 2).to(device)
    how = {"workers": 1, "memory_mb": 100, "device": device}
    first, second = (transferred.load(index, split.front, Geometry(32), **how) for index in (data.index, data.pool))
    descent = Descent(2, 4, 1e-2, 0.9, 1e-4, 1e-2)
    settings = panda.Settings(descent, 2, 2, 1e4, 3), mean_shifted.Settings(descent, 0.25)
    methods = transfer.Methods("parts", split, first, second, *settings, 1)
    finished = Finished(data.folder / f"tuned {device}")
    return frames(transfer.run(methods, data.index, "one_vs_rest", ["bolt"], 1, finished, 1))


def baseline(name: str, data: Any, device: str) -> Found:
    """A system that is trained on images, as the section ``baselines`` runs it."""
    entry = of_kind(Baseline, "images")[name]
    pictures = torch.from_numpy(pixels.read(Path(data.pixels(data.index)), data.index))
    settings = {"task": "one_vs_rest", "repetitions": 1}
    narrow = {"width": 0.1, "side": 8, "batch": 6, "rate": 0.1, "image_size": 32}
    settings["options"] = {key: narrow.get(key, small(key, option)) for key, option in entry.options.items()}
    finished = Finished(data.folder / f"{name} {device}")
    how = load(entry.module).score_images, data.index, pictures, ["bolt"], settings, 1, finished, 1, device
    outliers = torch.from_numpy(pixels.read(Path(data.pixels(data.pool)), data.pool))
    needed = {"outliers": outliers, "backbone": copy.deepcopy(data.network)}
    return frames(baselines.run(name, *how, **{need: needed[need] for need in entry.needs}))


def train_clip(data: Any, device: str) -> Found:
    read = pixels.read(Path(data.pixels(data.index)), data.index)
    network = miniature.train(
        read, data.index.table["class_name"].to_numpy(object), MINIATURE, 1, shuffled=False, device=device
    )
    path = data.folder / f"trained_{device}.safetensors"
    miniature.save(network, path, {})
    trained = miniature.load(path)  # what it says, not each weight: the loss leaves some of them free
    images = embeddings.embed_normalized(trained.tower, trained, torch.from_numpy(read[:20]) / 255)
    return {"images": images.numpy(), "texts": trained.texts(["a photo of a bolt"], "cpu").numpy()}


def clip(data: Any) -> Any:
    path = data.folder / "clip.safetensors"
    if not path.exists():
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            miniature.save(open_clip.CLIP(**miniature.ARCHITECTURE), path, {})
    return miniature.load(path)


def embed_clip(data: Any, device: str) -> Found:
    path, prompts = data.folder / f"embedded_{device}.h5", ["a photo of a bolt", "a photo of something"]
    embeddings.write(data.index, Path(data.pixels(data.index)), 32, clip(data), prompts, path, {}, device)
    read = stored.read(path, data.index)
    return {"images": read.images, "texts": read.texts_of(prompts)}


def fine_tune_clip(data: Any, device: str) -> Found:
    first, second = images(data, "lenet", device)
    trials = [Trial("bolt", 0, "bce_cl", augmented=augmented) for augmented in (False, True)]
    both = (data.index, first), (second, data.outliers)
    described = [clip(data)], PROMPTS, 1, SCHEDULE, Seeds(1, "parts"), Finished(data.folder / f"clip {device}")
    return frames(fine_tuning.run(trials, "one_vs_rest", *both, *described, device=device, threads=1))


def fit_detector(data: Any, device: str) -> Found:
    found = {}
    kinds = {"nearest": [None], "closed_form": ["none", "channel", "position"], "both": ["position"]}
    for method, centering in [(method, centering) for method, some in kinds.items() for centering in some]:
        made, findings = detector.fit(
            data.index,
            "bolt",
            FeatureExtractor(copy.deepcopy(data.network), [1, 2, 3], {}),
            Geometry(32),
            method=method,
            center_norms=[1.0, 8.0],
            centering=centering,
            sigma=2.0,
            threshold_quantile=0.99,
            defect_contrast=0.5,
            seed=1,
            workers=1,
            device=device,
        )
        numbers = [findings.threshold, findings.cosine, *findings.auroc_by_center_norm.values()]
        state = {name: tensor.numpy() for name, tensor in made.state_dict().items()}
        state["numbers"] = np.array(numbers)
        found |= {f"{method} {centering} {name}": value for name, value in state.items()}
    return found


JOBS: dict[str, Callable[[Any, str], Found]] = {
    "features": features,
    **{f"vectors_{name}": partial(objective, "vectors", name) for name in ("projector", "full_batch", "algorithm1")},
    **{
        f"maps_{name}": partial(objective, "maps", name)
        for name in ("projector", "full_batch", "closed_form", "comparators", "cfa", "fastflow", "algorithm1", "online")
    },
    "maps_stpm": partial(localised, "stpm", {"epochs": 2, "batch_size": 3}),
    "maps_draem": partial(localised, "draem", {"epochs": 4, "width": 0.02}),
    "maps_patch_svdd": partial(localised, "patch_svdd", {"epochs": 0.5, "width": 0.1}),
    "maps_similarity": maps_similarity,
    "train_exposure": train_exposure,
    "search": search,
    "train_transfer": train_transfer,
    **{
        f"baseline_{name}": partial(baseline, name)
        for name in ("deep_svdd", "gt", "gt_plus", "gt_plus_oe", "csi", "focal_hendrycks", "adip", "igd")
    },
    "maps_igd": partial(localised, "igd", {"epochs": 2, "width": 0.05, "size": 64, "patches": 2}),
    "train_clip": train_clip,
    "embed_clip": embed_clip,
    "fine_tune_clip": fine_tune_clip,
    "fit_detector": fit_detector,
}


# Of the largest number: maps are stored in half precision, CLIP is tuned in it, a search counts ranks of six images.
ROUNDING = dict.fromkeys(JOBS, 0.01) | {"features": 0.001, "search": 0.1, "fine_tune_clip": 0.1}
SIGNLESS = "vectors", "closed_form"  # eigenvectors, which may point either way: scores tell whether they are right


def test_every_rule_that_asks_for_a_gpu_has_a_job_here(project: Path) -> None:
    plans = yaml.safe_load((project / "tests" / "dag" / "plans.yaml").read_text())
    assert set(JOBS) == {rule for plan in plans.values() for rule in plan["gpu"].split()}


@pytest.mark.parametrize("rule", JOBS)
def test_the_numbers_are_those_of_the_cpu(rule: str, data: Any, pretend: ModuleType) -> None:
    before = pretend.operations
    found = JOBS[rule](data, pretend.DEVICE)
    assert pretend.operations > before, "nothing was computed there"
    expected = JOBS[rule](data, "cpu")
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        if values.dtype.kind == "f":
            np.testing.assert_allclose(found[name], values, rtol=2e-3, atol=1e-4 * largest(values), err_msg=name)
        else:
            np.testing.assert_array_equal(found[name], values, err_msg=name)


def largest(values: np.ndarray) -> float:
    """The largest finite size in ``values``: maps of an untrained network may all be tiny."""
    return float(np.abs(values[np.isfinite(values)]).max(initial=0))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
@pytest.mark.parametrize("rule", JOBS)
def test_a_real_gpu_gives_the_numbers_of_the_cpu_to_its_rounding(rule: str, data: Any) -> None:
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):  # which training would blow up to some percent
        found, expected = JOBS[rule](data, "cuda:0"), JOBS[rule](data, "cpu")
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        if values.dtype.kind != "f":
            np.testing.assert_array_equal(found[name], values, err_msg=name)
        elif not any(part in name for part in SIGNLESS):
            np.testing.assert_allclose(found[name], values, rtol=0, atol=ROUNDING[rule] * largest(values), err_msg=name)


def test_heads_are_searched_for_there_too(data: Any, pretend: ModuleType) -> None:
    before = pretend.operations
    found = search(data, pretend.DEVICE, network="head")
    assert pretend.operations > before, "nothing was computed there"
    assert {name: each.tolist() for name, each in found.items()} == {
        name: pytest.approx(each.tolist(), nan_ok=True) if each.dtype.kind == "f" else each.tolist()
        for name, each in search(data, "cpu", network="head").items()
    }


def test_maps_that_are_not_stored_are_computed_there(data: Any, pretend: ModuleType) -> None:
    def maps(device: str) -> list[torch.Tensor]:
        network = copy.deepcopy(data.network)
        network.network.to(device)
        how = Aggregation(patch_size=3, alignment="bilinear")
        source = Streamed(data.index, network, Geometry(32), [1, 2], how, workers=1, device=device)
        [batch] = source.batches(np.arange(3))
        assert all(m.device.type == torch.device(device).type for m in batch)
        return [m.cpu() for m in batch]

    for found, expected in zip(maps(pretend.DEVICE), maps("cpu"), strict=True):
        torch.testing.assert_close(found, expected)

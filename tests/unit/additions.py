"""Runs what docs/extending.md adds, on a copy of the package to which it was added: ``additions.py FRAGMENTS``.

``FRAGMENTS`` is a JSON list of the configuration's fragments there. ``test_docs.py`` starts it, in a folder of its own.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import yaml
from PIL import Image

from oneclass import config, library, tidy
from oneclass.catalogue.methods import METHODS, of_kind
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Baseline, Comparator, Loss, Trained, load
from oneclass.claims.catalogue import CLAIMS
from oneclass.claims.judge import judge
from oneclass.claims.rows import Rows
from oneclass.data.sources import SOURCES
from oneclass.evaluate import evaluate
from oneclass.exposure.training import Architecture, Recipe, Task, train
from oneclass.filters import Filter
from oneclass.metrics import auroc
from oneclass.objective.localisation.maps import Maps
from oneclass.pages.make import make
from oneclass.pages.plan import planned
from oneclass.plan.plan import Plan
from oneclass.price.model import Price
from oneclass.price.speeds import seconds
from oneclass.tables.tidy import VARIANTS
from oneclass.training.batches import Schedule
from oneclass.training.inputs import FeatureVectors, Inputs, Pixels
from oneclass.training.trials import Seeds, Trial

ROOT = Path(__file__).parents[2]


def merged(values: Any, fragment: Any) -> Any:
    """``values`` with what ``fragment`` says instead, section by section."""
    if not isinstance(values, dict) or not isinstance(fragment, dict):
        return fragment
    return values | {key: merged(values.get(key), part) for key, part in fragment.items()}


def load_config(name: str, *fragments: dict[str, Any]) -> config.Config:
    """A shipped configuration with ``fragments``."""
    values = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    for fragment in fragments:
        values = merged(values, fragment)
    return config.load(values)


def check_source() -> None:
    """The source reads what its table lists."""
    folder = Path("screws")
    folder.mkdir()
    rows = [(f"{k:02d}.png", "test" if k > 5 else "train", "bent" if k > 7 else "") for k in range(10)]
    for name, *_ in rows:
        Image.new("RGB", (8, 8)).save(folder / name)
    text = "\n".join(["file,class,split,defect", *(f"{name},screws,{split},{defect}" for name, split, defect in rows)])
    (folder / "images.csv").write_text(text, encoding="utf-8")
    before = SOURCES["listed"].state({"path": str(folder)}, folder)
    (folder / "images.csv").write_text(f"{text}\n", encoding="utf-8")
    assert SOURCES["listed"].state({"path": str(folder)}, folder) != before, "an edited table goes unnoticed"
    index = library.index_folder(folder, source="listed")
    assert index.table["split"].tolist() == [split for _, split, _ in rows]
    assert index.table["label"].tolist() == [int(defect != "") for *_, defect in rows]


def check_methods_on_vectors() -> pd.DataFrame:
    """The comparator and the trained method find far points; their scores."""
    table = pd.DataFrame({"id": [f"{k:02d}" for k in range(40)], "class_name": "a", "split": "train", "label": 0})
    table.loc[24:, "split"], table.loc[32:, "label"] = "test", 1
    index = library.Index(table, "toy", Path(), "hash")
    features = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
    features[32:] += 8
    frames = []
    for name in ("lof", "gradient_descent"):
        scores = library.score_images(name, features, index, "a", learning_rate=1e-2)
        assert auroc(scores["label"], scores["score"]) == 1, name
        variant: dict[str, Any] = (
            {"projector": "conv1x1", "center": "gaussian", "center_norm": 1.0} if name != "lof" else {}
        )
        known: dict[str, Any] = {
            "dataset": "toy",
            "class": "a",
            "method": name,
            "backbone": "efficientnet_lite0",
            "protocol": "A",
        }
        frames += [scores.assign(**known, **variant, centering="none", repetition=k) for k in (0, 1)]
    return pd.concat(frames, ignore_index=True)


def check_method_on_maps() -> None:
    """The comparator for maps finds a bright square."""
    maps = Maps([torch.rand(12, 3, 8, 8), torch.rand(12, 5, 4, 4)])
    train, test = (Maps([m[rows] for m in maps]) for rows in (slice(8), slice(8, 12)))
    test[0][0, :, :2, :2] += 9
    [entry] = [entry for name, entry in of_kind(Comparator, "maps").items() if name == "mean_map"]
    distance = load(entry.module).score_maps([train], [test], 0)
    assert distance.shape == (4, 8, 8)
    assert distance[0].argmax() in (0, 1, 8, 9)


def check_baseline() -> None:
    """The baseline finds the bright image, and where it is bright."""
    train, test = torch.full((5, 3, 8, 8), 100, dtype=torch.uint8), torch.full((2, 3, 8, 8), 100, dtype=torch.uint8)
    test[1, :, 2, 3] = 200
    module = load(of_kind(Baseline, "images")["mean_image"].module)
    assert module.score_images(train, test, 0, "cpu").argmax() == 1
    assert module.localise(train, test, 0, "cpu")[1].argmax() == 2 * 8 + 3


def check_losses_and_network() -> None:
    """Both losses train a head, and the network; far outliers tell the anomalies."""
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(64, 8, generator=generator)
    images = torch.randint(120, (64, 3, 32, 32), dtype=torch.uint8, generator=generator)
    features[48:] += 6
    images[48:] += 120
    seen: dict[str, Inputs] = {
        "head": FeatureVectors(features),
        "mlp": Pixels(images, NETWORKS["mlp"], Filter(), frozenset()),
    }
    schedule, losses = Schedule(20, (), 16, 1e-2), {name: loss.module for name, loss in of_kind(Loss).items()}
    for method, options in (("hinge", {}), ("deviation", {"deviation_margin": 2.0})):
        for network, data in seen.items():
            recipe = Recipe(Architecture(NETWORKS[network], 0.1), losses, schedule, Seeds(1024, "toy"))
            scores = train(Trial("a", 0, method, options), task_of(data), recipe)
            assert auroc(np.repeat([0, 1], 8), scores) > 0.9, (method, network)


def task_of(data: Inputs) -> Task:
    """Trained on the first 40, and 8 of the far ones; tested on 8 near and 8 far ones."""
    inputs = data.features.shape[1] if isinstance(data, FeatureVectors) else 3
    return Task(data, torch.arange(40), torch.arange(40, 56), data, torch.arange(56, 64), inputs)


def check_plan(fragments: list[dict[str, Any]]) -> Plan:
    """Rules, tables and figures know what was added; every fragment is a part of a configuration."""
    for fragment in fragments:
        price = Price(Plan(load_config("config.yaml", fragment), ROOT / "workflow_scripts"))
        assert all(seconds(price.cost(job.rule, job), "cpu").low > 0 for job in price.jobs)
    small = load_config("configs/ci.yaml", {"localisation": {"comparators": None}})
    plan = Plan(small, ROOT / "workflow_scripts")
    assert plan.vectors and plan.maps and plan.exposure
    fits = {part.features: {fit.name: fit for fit in part.fits} for part in plan.protocols}
    assert isinstance(METHODS["gradient_descent"], Trained)
    assert "gradient_descent" in fits["vectors"] and "gradient_descent" not in fits["maps"]
    assert "lof" in fits["vectors"]["comparators"].comparators and "lof" not in fits["maps"]["comparators"].comparators
    assert "mean_map" in fits["maps"]["comparators"].comparators
    assert "deviation_margin" in VARIANTS
    return plan


def check_pages(plan: Plan, scores: pd.DataFrame) -> None:
    """The table and the figure are made, and show the methods."""
    summary, _ = evaluate(tidy.conform(scores, "scores"), 20, 1)
    tidy.write(summary, "summary", "summary.parquet")
    found = {page.page.name: page for page in planned(plan)}
    for name in ("objective_worst", "objective_repetitions"):
        settings = found[name].settings
        make(reads={"summary": ["summary.parquet"]}, stem=Path("results", name), **settings)
    assert "Projector (gradient descent)" in Path("results/objective_worst.md").read_text(encoding="utf-8")
    assert "LOF" in Path("results/objective_repetitions.svg").read_text(encoding="utf-8")


def check_claim() -> None:
    """The claim is judged by its own number."""
    [claim] = [claim for claim in CLAIMS if claim.name == "few_help_hsc"]
    frame = pd.DataFrame({"class": ["a", "b"] * 2, "outlier_count": [32.0, 32.0, 1.0, 1.0], "repetition": 0})
    frame = frame.assign(dataset="toy", task="one_vs_rest", network="lenet", method="hsc")
    found = Rows(frame, np.repeat([[90.0], [91.0], [80.0], [80.0]], 11, axis=1))
    [judged] = judge([claim], {"counts": found}, {}, 1)
    assert judged.estimate and judged.estimate.here == 10.5


def main(fragments: list[dict[str, Any]]) -> None:
    """Check all of it."""
    assert asdict(NETWORKS["mlp"])["image_size"] == 32
    plan = check_plan(fragments)
    check_source()
    check_method_on_maps()
    check_baseline()
    check_losses_and_network()
    check_pages(plan, check_methods_on_vectors())
    check_claim()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

"""Mistakes in what is said of outliers and of fine-tuned networks."""

from typing import Any

import pytest

from oneclass import config
from tests.unit.configurations import VALID, problems, with_value

pytestmark = pytest.mark.usefixtures("sources_of_two_classes")

EXPOSED = VALID | {
    "datasets": {"cells": {"source": "elpv", "task": "one_vs_rest", "transform": {"resize": 64, "crop": None}}},
    "oe_pools": {"others": {"source": "mnist5k", "transform": {"resize": 64, "crop": None}}},
    "exposure": {
        "backbone": "lite0",
        "counts": {
            "runs": [{"dataset": "cells", "pool": "others", "network": "lenet"}],
            "outlier_counts": [0, 1, "all"],
        },
    },
    "objective": None,
}
HEAD = {"dataset": "cells", "pool": "others", "network": "head"}


def test_a_run_may_differ_from_its_sweep() -> None:
    values = with_value("exposure.counts.runs.0.epochs", 7, EXPOSED)
    values["exposure"]["counts"]["runs"][0]["milestones"] = [5]
    values["exposure"]["counts"]["runs"].append(HEAD)
    sweep = config.load(values).exposure.counts
    assert [sweep.for_run(run).schedule(1e-3)["epochs"] for run in sweep.runs] == [7, 30]
    assert sweep.for_run(sweep.runs[0]).schedule(1e-3)["milestones"] == (5,)
    assert sweep.for_run(sweep.runs[1]).largest() == 1


def test_a_data_set_may_keep_some_classes() -> None:
    loaded = config.load(with_value("datasets.cells.keep", ["poly"], EXPOSED))
    assert loaded.normal_classes("cells") == ["poly"]


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("exposure.counts.runs.0.pool", "other", "exposure.counts.runs: no pool 'other'; did you mean 'others'?"),
        ("exposure.counts.runs.0.dataset", "sells", "exposure.counts.runs: no data set 'sells'; did you mean 'cells'?"),
        ("exposure.counts.runs.0.filters", ["lfp3"], "exposure.counts.runs.0.filters.0: no filter 'lfp3'; there is"),
        ("exposure.counts.runs.0.filters", ["lpf16"], "exposure.counts.runs: filter lpf16: magnitude 16 is too large"),
        ("exposure.counts.runs.0", HEAD | {"filters": ["hpf32"]}, "exposure.counts.runs: filter hpf32: magnitude 32"),
        ("exposure.counts.runs", [HEAD, HEAD], "exposure.counts.runs: Run(dataset='cells', pool='others', network"),
        (
            "exposure.counts.runs",
            [HEAD, HEAD | {"epochs": 40}],
            "exposure.counts: two runs on cells, others, head; make them one",
        ),
        ("exposure.counts.outlier_counts", [-1], "exposure.counts.outlier_counts.0"),
        (
            "exposure.counts.outlier_counts",
            [0],
            "exposure.counts: bce cannot be trained without outliers; add a number",
        ),
        (
            "exposure.counts.outlier_class_counts",
            [2],
            "exposure.counts: outlier_class_counts takes all images of its classes",
        ),
        ("exposure.counts.milestones", [30], "exposure.counts: milestones [30] must lie before the last of 30 epochs"),
        (
            "exposure.counts.methods",
            ["svdd"],
            "exposure.counts.methods.0: no method 'svdd'; did you mean 'dsvdd'?",
        ),
        (
            "exposure",
            EXPOSED["exposure"] | {"augmentation": ["flip"]},
            "exposure: augmentation: no run uses it; leave it out, or set augmented: [true]",
        ),
        (
            "exposure.counts.runs",
            [HEAD | {"augmented": [True]}],
            "exposure: counts.runs: head on 'cells' takes features: set augmented: [false], and leave out",
        ),
        (
            "exposure.counts.runs",
            [HEAD | {"normalization": "image"}],
            "exposure: counts.runs: head on 'cells' takes features: set augmented: [false], and leave out",
        ),
        (
            "exposure.counts.runs.0.augmentation",
            ["flip"],
            "exposure: counts.runs: lenet on 'cells' has an augmentation and is not augmented; set augmented: [true]",
        ),
        ("exposure.backbone", "lite1", "exposure: no backbone 'lite1'; did you mean 'lite0'?"),
        (
            "exposure",
            {"counts": {"runs": [HEAD]}},
            "exposure: a run is on frozen features; name their backbone",
        ),
        (
            "exposure.benchmark",
            {"runs": [HEAD], "outlier_counts": [1, 2]},
            "exposure: benchmark.outlier_counts: the pages of this sweep have room for one, not 2; run the others from "
            "copies of the configuration, each with a --directory of its own",
        ),
        (
            "exposure.counts.options",
            {"radial": ["norm1", "norm2"]},
            "exposure: counts.options.radial: the pages of this sweep have room for one, not 2; run the others",
        ),
        (
            "exposure.counts.runs.0.filters",
            ["none", "lpf4"],
            "exposure: counts.filters: the pages of this sweep have room for one, not 2; run the others",
        ),
        (
            "exposure.gamma",
            {"runs": [HEAD], "methods": ["focal"], "augmented": [False, True]},
            "exposure: gamma.augmented: the pages of this sweep have room for one, not 2; run the others",
        ),
        (
            "exposure.gamma",
            {"runs": [HEAD], "methods": ["hsc"], "options": {"radial": ["norm1", "norm2"]}},
            "exposure: gamma.methods: the pages of this sweep compare values of gamma, which only focal has; take "
            "[focal] in place of [hsc]",
        ),
        (
            "exposure.radial",
            {"runs": [HEAD], "methods": ["hsc", "bce"]},
            "exposure: radial.methods: the pages of this sweep compare values of radial, which only hsc has; take "
            "[hsc] in place of [hsc, bce]",
        ),
        ("oe_pools.cells", {"source": "mnist5k"}, "oe_pools: 'cells' is also the name of a data set; give the pool"),
        ("oe_pools.others.source", "mnist", "oe_pools.others.source: no source 'mnist'; did you mean 'mnist5k'?"),
        ("oe_pools.others.source", "drawn_defects", "oe_pools.others: drawn_defects are a data set's; no pool"),
        ("oe_pools.others.limit", 0, "oe_pools.others.limit: Input should be greater than 0 (got 0)"),
        ("datasets.cells.keep", ["nomo"], "datasets.cells.keep: no class 'nomo'; did you mean 'mono'?"),
    ],
)
def test_a_mistake_about_outliers_is_one_line(key: str, value: Any, line: str) -> None:
    assert problems(with_value(key, value, EXPOSED))[0].startswith(line)


def test_a_sweep_varies_what_its_pages_show() -> None:
    radials = {"runs": [HEAD], "methods": ["hsc"], "options": {"radial": ["norm1", "norm2"]}}
    lenet = HEAD | {"network": "lenet", "augmented": [False, True]}
    values = with_value("exposure.radial", radials | {"runs": [HEAD, lenet]}, EXPOSED)
    values["exposure"]["frequencies"] = {"runs": [HEAD | {"filters": ["none", "lpf4"]}], "outlier_counts": [1, 8]}
    assert set(config.load(values).exposure.sweeps()) == {"counts", "radial", "frequencies"}


def test_a_head_sees_both_in_the_same_geometry() -> None:
    values = with_value("oe_pools.others.transform.resize", 32, EXPOSED)
    values["exposure"]["counts"]["runs"] = [HEAD]
    assert problems(values)[0].startswith("exposure.counts.runs: data set 'cells' and pool 'others' have different")


TRANSFER = {"datasets": ["cells"], "backbone": "lite0", "pools": {"cells": "others"}}


def test_transfer_has_the_authors_defaults() -> None:
    loaded = config.load(EXPOSED | {"transfer": TRANSFER}).transfer
    early, shifted = loaded.panda.schedule(), loaded.mean_shifted.schedule()
    assert early == {
        **{"steps": 2355, "batch_size": 32, "learning_rate": 1e-2},
        **{"momentum": 0.9, "weight_decay": 5e-5, "clip": 1e-3},
    }
    assert shifted == {
        **{"steps": 1580, "batch_size": 64, "learning_rate": 1e-5},
        **{"momentum": 0, "weight_decay": 5e-5, "clip": None},
    }


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("transfer.backbone", "lite1", "transfer: no backbone 'lite1'; did you mean 'lite0'?"),
        ("transfer.datasets", ["sells"], "transfer: no data set 'sells'; did you mean 'cells'?"),
        ("transfer.pools", {"cells": "other"}, "transfer.pools.cells: no pool 'other'; did you mean 'others'?"),
        ("transfer.panda.stepz", 1, "transfer.panda.stepz: unknown key; did you mean 'steps'?"),
        ("transfer.mean_shifted.steps", 0, "transfer.mean_shifted.steps: Input should be greater than 0 (got 0)"),
        (
            "oe_pools.others.transform.resize",
            65,
            "transfer.pools.cells: data set 'cells' and pool 'others' have different transforms",
        ),
    ],
)
def test_a_mistake_about_transfer_is_one_line(key: str, value: Any, line: str) -> None:
    assert problems(with_value(key, value, EXPOSED | {"transfer": TRANSFER}))[0].startswith(line)

"""A mistake in the configuration costs one readable line, before anything is computed."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from oneclass import config
from oneclass.config.models import timm_architectures
from oneclass.errors import UserError
from tests.unit.configurations import VALID, problems, with_value

pytestmark = pytest.mark.usefixtures("sources_of_two_classes")

ROOT = Path(__file__).parents[2]
SHIPPED = sorted([*ROOT.glob("config.yaml"), *ROOT.glob("configs/*.yaml")])


def test_valid_values_load_with_the_papers_defaults() -> None:
    loaded = config.load(VALID)
    assert (loaded.seed, loaded.objective.epochs, loaded.objective.radius) == (1024, 20, 1e-5)
    assert loaded.objective.centers == ["gaussian", "uniform", "ones", "mean_feature", "mean_feature_unscaled"]
    assert loaded.normal_classes("cells") == ["mono"]


def test_all_classes_run_where_none_are_named() -> None:
    assert config.load(with_value("datasets.cells.classes", None)).normal_classes("cells") == ["mono", "poly"]


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("sead", 1, "sead: unknown key; did you mean 'seed'?"),
        ("objective.center_normz", [1], "objective.center_normz: unknown key; did you mean 'center_norms'?"),
        ("datasets.cells.tsak", "defect", "datasets.cells.tsak: unknown key; did you mean 'task'?"),
        (
            "datasets.cells.transform.resise",
            9,
            "datasets.cells.transform.resise: unknown key; did you mean 'resize'?",
        ),
        ("backbones.lite0.weights.whel", "x", "backbones.lite0.weights.whel: unknown key; did you mean 'wheel'?"),
        ("features.zzz", 1, "features.zzz: unknown key; there is: batch_size, layers, workers"),
        ("objective.center_norms", [1, 0], "objective.center_norms.1: Input should be greater than 0 (got 0)"),
        ("objective.center_norms", [1, -2], "objective.center_norms.1: Input should be greater than 0 (got -2)"),
        (
            "objective.center_norms",
            [1, float("inf")],
            "objective.center_norms.1: Input should be a finite number (got inf)",
        ),
        ("objective.center_norms", [1, 2, 1.0], "objective.center_norms: 1.0 is listed twice; remove one"),
        ("objective.figure_norms", [3], "objective: figure_norms: 3 is not one of center_norms"),
        ("objective.center_norms", [2, 4], "objective: default_center_norm 1 is not one of center_norms"),
        ("objective.centers", ["ones"], "objective: centers must include 'gaussian', the paper's default"),
        ("objective.centers", ["gaussian", "gaussian"], "objective.centers: 'gaussian' is listed twice; remove one"),
        ("objective.trained", ["full_batch"], "objective: trained must include 'projector', the paper's method"),
        (
            "objective.trained",
            ["projector", "closed"],
            "objective.trained: no method that is trained 'closed'; did you mean 'closed_form'?",
        ),
        ("objective.comparators", ["knn", "knn"], "objective.comparators: 'knn' is listed twice; remove one"),
        (
            "objective.comparators",
            ["nn"],
            "objective.comparators: no comparator on vectors 'nn'; did you mean 'knn'?",
        ),
        (
            "localisation",
            {"datasets": ["cells"], "backbone": "lite0", "comparator_options": {"cfaa": {"epochs": 1}}},
            "localisation.comparator_options: no comparator with options 'cfaa'; did you mean 'cfa'?",
        ),
        (
            "localisation",
            {"datasets": ["cells"], "backbone": "lite0", "comparator_options": {"cfa": {"epoch": 1}}},
            "localisation.comparator_options.cfa: no option 'epoch'; did you mean 'epochs'?",
        ),
        (
            "localisation",
            {"datasets": ["cells"], "backbone": "lite0", "comparator_options": {"cfa": {"epochs": 0}}},
            "localisation.comparator_options.cfa.epochs: 0.0 is not a number above 0",
        ),
        (
            "localisation",
            {"datasets": ["cells"], "backbone": "lite0", "comparator_options": {"padim": {"channels": "all"}}},
            "localisation.comparator_options.padim.channels: 'all' is not a number above 0",
        ),
        (
            "localisation",
            {"datasets": ["cells"], "backbone": "lite0", "comparator_options": {"patchcore": {"image_score": "mean"}}},
            "localisation.comparator_options.patchcore.image_score: no value 'mean'; there is: maximum, weighted",
        ),
        ("objective.datasets", ["cells", "cells"], "objective.datasets: 'cells' is listed twice; remove one"),
        ("objective.datasets", ["cell"], "objective: no data set 'cell'; did you mean 'cells'?"),
        ("objective.backbone", "lite1", "objective: no backbone 'lite1'; did you mean 'lite0'?"),
        ("objective.compared_backbones", {"cells": ["lite1"]}, "objective: no backbone 'lite1'; did you mean 'lite0'?"),
        (
            "objective.compared_backbones",
            {"cells": ["lite0", "lite0"]},
            "objective.compared_backbones.cells: 'lite0' is listed twice; remove one",
        ),
        ("objective.compared_projectors", ["sells"], "objective: no data set 'sells'; did you mean 'cells'?"),
        ("objective.figure_classes", {"sells": "mono"}, "objective: no data set 'sells'; did you mean 'cells'?"),
        ("objective.repetitions", 0, "objective.repetitions: Input should be greater than 0 (got 0)"),
        ("objective.feasible_auroc", 0.9, "objective.feasible_auroc: Input should be greater than 50 (got 0.9)"),
        ("objective.figure_classes", {"cells": "poly"}, "objective.figure_classes.cells: 'poly' is not among the"),
        ("datasets.cells.task", "onevsrest", "datasets.cells.task: Input should be 'one_vs_rest', 'leave_one_out' or"),
        ("datasets.cells.source", "epv", "datasets.cells.source: no source 'epv'; did you mean 'elpv'?"),
        ("datasets.cells.classes", ["nomo"], "datasets.cells.classes: no class 'nomo'; did you mean 'mono'?"),
        ("datasets.cells.classes", ["mono", "mono"], "datasets.cells.classes: 'mono' is listed twice; remove one"),
        ("datasets.cells.classes", [], "datasets.cells.classes: this is empty; name at least one"),
        ("datasets.cells.classes", [3], "datasets.cells.classes.0: not text; put it in quotes: '3'"),
        ("datasets.cells.test_fraction", 1, "datasets.cells.test_fraction: Input should be less than 1 (got 1)"),
        ("datasets.my-cells", VALID["datasets"]["cells"], "datasets.my-cells: a name is made of letters, digits"),
        (
            "datasets.cells.transform",
            {"resize": 200, "crop": 224},
            "datasets.cells.transform: crop 224 is larger than resize 200; make it smaller or null",
        ),
        (
            "backbones.lite0.architecture",
            "tf_efficientnet_lite9",
            "backbones.lite0: timm has no architecture 'tf_efficientnet_lite9'; did you mean 'tf_efficientnet_lite",
        ),
        (
            "backbones.lite0.weights",
            {"wheel": "no_such_wheel"},
            "backbones.lite0.weights: the package 'no_such_wheel' is not installed; pip install it",
        ),
        ("backbones.lite0.weights", {"file": "no.pth"}, "backbones.lite0.weights: there is no file 'no.pth'"),
        ("backbones.lite0.weights", {}, "backbones.lite0.weights: give exactly one of 'wheel', 'file' or 'hub: true'"),
        (
            "backbones.lite0.weights",
            {"hub": True, "file": "a"},
            "backbones.lite0.weights: give exactly one of 'wheel', 'file' or 'hub: true'",
        ),
        ("datasets", {}, "datasets: this is empty; name at least one"),
    ],
)
def test_a_mistake_is_one_line_with_its_key(key: str, value: Any, line: str) -> None:
    (problem,) = problems(with_value(key, value))
    assert problem.startswith(line)


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("objective.norms", [1], "objective.norms: this key is called 'center_norms' since version 0.2.0; rename it"),
        ("objective.seeds", 3, "objective.seeds: this key is called 'repetitions' since version 0.2.0; rename it"),
        (
            "objective.centers",
            ["normal"],
            "objective.centers.0: this value is called 'gaussian' since version 0.2.0; rename it",
        ),
    ],
)
def test_an_old_name_is_told_its_new_one(key: str, value: Any, line: str) -> None:
    assert problems(with_value(key, value)) == [line]


def test_protocol_b_is_shown_beside_protocol_a() -> None:
    values = with_value("localisation", VALID["objective"])
    assert config.load(values).localisation.datasets == ["cells"]
    line = "localisation: its tables also show Protocol A; add a section 'objective'"
    assert problems(values | {"objective": None}) == [line]


DRAWN = {"source": "drawn_defects", "task": "defect", "base": "cells"}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"base": "cell"}, "datasets.drawn.base: no data set 'cell'; did you mean 'cells'?"),
        ({"base": "drawn"}, "datasets.drawn.base: 'drawn' is drawn itself; name its own base"),
        ({"base": None}, "datasets.drawn: 'base', the data set to draw on, goes with source drawn_defects"),
        ({"source": "elpv"}, "datasets.drawn: 'base', the data set to draw on, goes with source drawn_defects"),
        ({"task": "one_vs_rest"}, "datasets.drawn: drawn_defects have their own normal and anomalous images; set task"),
        ({"path": "data"}, "datasets.drawn: drawn_defects are written into results; leave out path"),
        ({"defect_contrast": 0}, "datasets.drawn.defect_contrast: Input should be greater than 0 (got 0)"),
        ({"defect_contrast": 1.5}, "datasets.drawn.defect_contrast: Input should be less than or equal to 1 (got 1.5)"),
        ({"classes": ["poly"]}, "datasets.drawn.classes: no class 'poly'; there is: mono"),
    ],
)
def test_a_mistake_in_a_drawn_data_set(changes: dict[str, Any], line: str) -> None:
    (problem,) = problems(with_value("datasets.drawn", DRAWN | changes))
    assert problem.startswith(line)


def test_a_drawn_data_set_has_the_classes_of_its_base() -> None:
    assert config.load(with_value("datasets.drawn", DRAWN)).normal_classes("drawn") == ["mono"]
    values = with_value("datasets.drawn", DRAWN | {"classes": ["poly"]})
    values["datasets"]["cells"]["classes"] = None
    assert config.load(values).normal_classes("drawn") == ["poly"]


def test_every_mistake_is_named_at_once() -> None:
    values = with_value("objective.center_norms", [0])
    values["datasets"]["cells"]["colour"] = "grey"
    del values["backbones"]["lite0"]["weights"]
    assert [line.split(":")[0] for line in problems(values)] == [
        "datasets.cells.colour",
        "backbones.lite0.weights",
        "objective.center_norms.0",
    ]


DETECTOR = {"datasets": ["cells"], "backbone": "lite0"}


def test_a_detector_needs_no_table() -> None:
    loaded = config.load({key: VALID[key] for key in ("datasets", "backbones")} | {"detector": DETECTOR})
    assert loaded.objective is None
    assert (loaded.detector.layers, loaded.detector.center_norms) == ([1, 2, 3], [1, 2, 4, 8, 16, 32])
    assert (loaded.detector.centering, loaded.detector.threshold_quantile) == (None, 0.99)


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("detector.dataset", "cells", "detector.dataset: unknown key; did you mean 'datasets'?"),
        ("detector.datasets", ["sells"], "detector: no data set 'sells'; did you mean 'cells'?"),
        ("detector.backbone", "lite1", "detector: no backbone 'lite1'; did you mean 'lite0'?"),
        ("detector.threshold_quantile", 1, "detector.threshold_quantile: Input should be less than 1 (got 1)"),
        ("detector.center_norms", [0], "detector.center_norms.0: Input should be greater than 0 (got 0)"),
        ("detector.layers", [2, 1], "detector: layers must rise, the finest first: [1, 2]"),
        ("detector.patch_size", 2, "detector: patch_size 2 is even, and would move the map; make it odd"),
        (
            "detector.centering",
            "mean",
            "detector.centering: Input should be 'none', 'channel' or 'position' (got 'mean')",
        ),
        ("datasets.cells.task", "one_vs_rest", "detector.datasets: 'cells' has task one_vs_rest; it needs defect"),
        (
            "datasets.cells.classes",
            None,
            "detector.datasets: 'cells' has 2 classes, and a detector is for one; name it in datasets.cells.classes",
        ),
    ],
)
def test_a_mistake_about_a_detector_is_one_line(key: str, value: Any, line: str) -> None:
    assert problems(with_value(key, value, VALID | {"detector": DETECTOR})) == [line]


def test_an_empty_configuration_names_what_it_needs() -> None:
    assert problems({}) == ["datasets: this key is required"]


def test_an_index_needs_no_backbone() -> None:
    assert config.load({"datasets": VALID["datasets"]}).backbones == {}


@pytest.mark.parametrize("spelling", ["1e-4", "0.0001"])
def test_numbers_may_be_spelled_as_yaml_reads_them(spelling: str) -> None:
    values = with_value("objective.learning_rate", yaml.safe_load(spelling))
    assert config.load(values).objective.learning_rate == 1e-4


def test_timm_architectures_are_found_without_importing_timm() -> None:
    assert {"tf_efficientnet_lite0", "resnet152", "wide_resnet50_2"} <= timm_architectures()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_shipped_configurations_are_valid(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the values: the data that some of them name need not be on this machine."""
    monkeypatch.undo()
    monkeypatch.chdir(ROOT)
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    config.Config.model_validate(config.extended(values, path.parent))


def test_a_file_shares_with_the_one_it_extends_what_it_does_not_say(tmp_path: Path) -> None:
    (tmp_path / "whole.yaml").write_text(yaml.safe_dump(VALID | {"detector": DETECTOR, "seed": 1}))
    (tmp_path / "part.yaml").write_text("{extends: whole.yaml, objective: {center_norms: [1, 4]}, detector: null}")
    (tmp_path / "parts.yaml").write_text("{extends: part.yaml, seed: 2}")
    part, parts = (config.read(tmp_path / name) for name in ("part.yaml", "parts.yaml"))
    assert part.objective and part.objective.center_norms == [1, 4]  # a list replaces a list
    assert (part.objective.backbone, part.detector, part.seed) == ("lite0", None, 1)
    assert parts == part.model_copy(update={"seed": 2, "extends": "part.yaml"})


@pytest.mark.parametrize("name", ["missing.yaml", "config.yaml"])
def test_a_file_that_extends_nothing_or_itself_is_an_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(f"extends: {name}")
    with pytest.raises(UserError, match=r"missing\.yaml: cannot be read|config\.yaml: extends itself"):
        config.read(tmp_path / "config.yaml")


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    loaded = config.load(with_value("datasets.cells.path", "~/a") | {"data_root": "~"})
    assert (loaded.data_root, loaded.datasets["cells"].path) == ("/home/me", "/home/me/a")

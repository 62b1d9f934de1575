"""Mistakes in the sections ``clips`` and ``clip``."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from oneclass import config
from oneclass.config import inputs
from oneclass.errors import UserError

MINIATURE = {"dataset": "digits", "captions": ["a {label}"], "neutral": ["something"]}
VALID: dict[str, Any] = {
    "datasets": {
        "digits": {"source": "mnist5k", "task": "one_vs_rest"},
        "left_out": {"source": "mnist5k", "task": "leave_one_out", "classes": ["a"], "train_per_class": 5},
        "cells": {"source": "elpv", "task": "defect"},
    },
    "oe_pools": {"wild": {"source": "elpv"}},
    "backbones": {"lite0": {"architecture": "tf_efficientnet_lite0", "weights": {"hub": True}}},
    "clips": {"mini_digits": {"miniature": MINIATURE}, "real": {"architecture": "ViT-B-32-quickgelu", "tag": "openai"}},
    "clip": {
        "model": "mini_digits",
        "datasets": ["digits", "left_out"],
        "fine_tuning": {
            "runs": [
                {"dataset": "digits", "pool": "wild", "learning_rate": 2e-5},
                {"dataset": "left_out", "pool": "wild"},
            ],
            "repetitions": 3,
        },
    },
}


class Letters:
    """Stands in for a source with two classes."""

    def classes(self, settings: Mapping[str, Any], data_root: Path) -> list[str]:
        return ["a", "b"]


@pytest.fixture(autouse=True)
def sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "SOURCES", {"elpv": Letters(), "mnist5k": Letters()})


def with_value(key: str, value: Any) -> dict[str, Any]:
    """The valid configuration with the value at the dotted ``key`` replaced."""
    values = deepcopy(VALID)
    *parents, last = key.split(".")
    section = values
    for parent in parents:
        section = section[parent]
    section[last] = value
    return values


def test_defaults_are_the_papers() -> None:
    loaded = config.load(VALID)
    tuning = loaded.clip.fine_tuning
    assert loaded.clip.templates == ["a photo of a {label}"]
    assert loaded.clip.something == "a photo of something"
    assert tuning.schedule(tuning.run_on("digits").learning_rate) == {
        "epochs": 80,
        "milestones": (50, 60, 70, 75),
        "batch_size": 128,
        "learning_rate": 2e-5,
    }
    assert tuning.run_on("left_out").learning_rate == 1e-4
    assert [run.repetitions for run in loaded.clip.runs()] == [3, 3]


def test_a_miniature_is_trained_several_times_and_shown_small_pictures() -> None:
    loaded = config.load(VALID)
    assert loaded.clips["mini_digits"].trained() == ["0", "1", "2", "shuffled"]
    assert loaded.clip_image_size("digits") == 32
    real = config.load(with_value("clip.model", "real"))
    assert real.clips["real"].trained() == ["0"]
    assert real.clip_image_size("digits") == 224
    values = with_value("clip.model", "real")
    values["clip"]["image_sizes"] = {"digits": 32}
    assert config.load(values).clip_image_size("digits") == 32


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("clips.real", {"architecture": "ViT-B-32"}, "give either 'architecture' with 'tag' or 'checkpoint', or"),
        ("clips.real", {"miniature": MINIATURE, "tag": "openai"}, "give either"),
        ("clips.real", {}, "give either"),
        (
            "clips.real.architecture",
            "ViT-B-32-quickgleu",
            "no architecture 'ViT-B-32-quickgleu'; did you mean 'ViT-B-32-qu",
        ),
        ("clips.real.checkpoint", "missing.pt", "there is no file 'missing.pt'"),
        ("clips.lite0", {"miniature": MINIATURE}, "clips: 'lite0' is also the name of a backbone"),
        ("clips.mini_lite", {"architecture": "ViT-B-32", "tag": "openai"}, "a name begins with mini_ where the model"),
        ("clips.lite", {"miniature": MINIATURE}, "a name begins with mini_ where the model is a miniature"),
        (
            "clips.mini_digits.miniature.captions",
            ["a digit"],
            "'a digit' has no place for the name of a class; write {label}",
        ),
        ("clips.mini_digits.miniature.dataset", "digit", "no data set 'digit'; did you mean 'digits'"),
        ("clips.mini_digits.miniature.dataset", "cells", "'cells' has task defect; captions need several classes"),
        ("clips.mini_digits.miniature.repetitions", 2, "3 repetitions on 'digits' start from as many"),
        ("clip.model", "mini_digit", "clip: no CLIP model 'mini_digit'; did you mean 'mini_digits'"),
        (
            "clip.datasets",
            ["digits", "left_out", "cells"],
            "whose source is not that of 'cells': it may have seen test",
        ),
        ("datasets.left_out.test_fraction", 0.5, "whose test_fraction is not that of 'left_out'"),
        ("clip.datasets", ["digits"], "clip.fine_tuning.runs: no data set among clip.datasets 'left_out'"),
        ("clip.fine_tuning.runs", [{"dataset": "digits", "pool": "wold"}], "no pool 'wold'; did you mean 'wild'"),
        ("clip.fine_tuning.runs", [{"dataset": "digits", "pool": p} for p in ("wild", "b")], "runs: two on digits"),
        ("clip.fine_tuning.epochs", 60, "milestones [50, 60, 70, 75] must lie before the last of 60 epochs"),
        ("clip.class_names", {"c": "sea"}, "clip.class_names: no class 'c'"),
        ("clip.image_sizes", {"digits": 64}, "clip.image_sizes.digits: Input should be 32 or 224"),
    ],
)
def test_one_line_for_a_mistake(key: str, value: Any, message: str) -> None:
    with pytest.raises(UserError) as error:
        config.load(with_value(key, value))
    assert message in str(error.value)

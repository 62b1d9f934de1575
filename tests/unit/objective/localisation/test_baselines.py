"""Systems that are trained on images: what they are given of a category, and what is recorded of them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from torch import Tensor

from oneclass.data.index import Index
from oneclass.data.record import COLUMNS, Record
from oneclass.objective import fit
from oneclass.objective.localisation import baselines
from oneclass.seeds import derive

GRID = {"center_norms": [1.0], "default_center_norm": 1.0, "centers": ["gaussian"], "repetitions": 1}
SETTINGS: dict[str, Any] = {
    "variants": {"none": GRID},
    "training": {"learning_rate": 1, "weight_decay": 0, "radius": 0, "loss_scale": 1, "epochs": 1, "batch_size": 1},
    "default_center_norm": 1.0,
    "memory_mb": 1,
    "figure_classes": [],
    "comparators": {"toy": "baselines.toy"},
    "options": {"toy": {"width": 2.0}},
    "features": "maps",
    "protocol": "B",
    "task": "defect",
    "geometry": {"resize": 16, "crop": 8},
    "network": {},
    "sigma": 0,
    "maps": {"layers": [1], "aggregation": {}, "workers": 1},
    "images": True,
    "needs": ("textures",),
}


def index(folder: Path, name: str, shades: dict[str, int], label: int = 0) -> Index:
    """Grey pictures, the last of which has the ``label``."""
    rows = []
    for k, (path, shade) in enumerate(shades.items()):
        Image.new("RGB", (20, 20), (shade, shade, shade)).save(folder / path)
        rows.append(vars(Record(path, path, "part", path.split("-")[0], label=label if k == len(shades) - 1 else 0)))
    return Index.create(pd.DataFrame(rows, columns=list(COLUMNS)), name, folder)


def test_a_system_is_given_images_textures_options_and_a_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def localise(train: Tensor, test: Tensor, seed: int, device: str, **given: Any) -> np.ndarray:
        seen.update(given, train=train, seed=seed, device=device)
        return test[:, 0, ::2, ::2].numpy().astype(np.float32)

    monkeypatch.setattr(baselines, "load", lambda module: SimpleNamespace(localise=localise))
    parts = index(tmp_path, "toy", {"train-a.png": 1, "train-b.png": 2, "test-a.png": 10, "test-b.png": 200}, label=1)
    textures = index(tmp_path, "wood", {"train-w.png": 77})
    module = "objective.localisation.baselines"
    result = fit.run(module, parts, None, ["part"], SETTINGS, 5, "cpu", textures)
    assert seen["train"].shape == (2, 3, 8, 8) and seen["train"][:, 0, 0, 0].tolist() == [1, 2]
    assert seen["textures"].shape == (1, 3, 8, 8) and seen["textures"].unique().tolist() == [77]
    assert (seen["width"], seen["device"], seen["seed"]) == (2.0, "cpu", derive(5, "toy", "part"))
    [frame] = result.scores
    assert frame["score"].tolist() == pytest.approx([10, 200]) and frame["label"].tolist() == [0, 1]
    assert set(frame["method"]) == {"toy"} and set(frame["protocol"]) == {"B"}
    [(_, maps)] = result.maps["part"]
    assert maps.shape == (2, 4, 4)

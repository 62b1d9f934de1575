"""Every system that is trained on images gives the CPU's scores on the pretend GPU. One without settings here fails."""

from types import ModuleType

import numpy as np
import pytest
import torch

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.records import Baseline, load

METHODS = of_kind(Baseline, "images")
SMALL = {"epochs": 1.0, "side": 8.0, "width": 0.25}
OPTIONS: dict[str, dict[str, float]] = {
    "gt": SMALL | {"blocks": 1},
    "gt_plus": SMALL | {"blocks": 1},
    "gt_plus_oe": SMALL | {"blocks": 1},
    "csi": SMALL | {"width": 1 / 16, "batch": 6, "rate": 1, "views": 2},
}


@pytest.mark.parametrize("name", METHODS)
def test_the_scores_are_those_of_the_cpu(name: str, pretend: ModuleType) -> None:
    images = torch.randint(0, 256, (3, 12, 3, 12, 12), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    method, (train, test, outliers) = METHODS[name], images
    needed = {"outliers": outliers} if "outliers" in method.needs else {}

    def scores(device: str) -> np.ndarray:
        found: np.ndarray = load(method.module).score_images(train, test, 1, device, **needed, **OPTIONS[name])
        return found

    before = pretend.operations
    found = scores(pretend.DEVICE)
    assert pretend.operations > before, "nothing was computed there"
    np.testing.assert_allclose(found, scores("cpu"), rtol=2e-3, atol=1e-4)

"""Patches of normal pictures, each with its picture, and how far pictures are apart."""

import numpy as np
import pytest
import torch

from oneclass.detector import patches
from oneclass.detector.distances import cells
from oneclass.detector.patches import Patches, apart
from oneclass.detector.threshold import outlying
from oneclass.objective.localisation.maps import Maps


def maps(count: int, seed: int = 0) -> Maps:
    generator = torch.Generator().manual_seed(seed)
    return Maps(torch.randn(count, channels, side, side, generator=generator) for channels, side in ((3, 16), (5, 8)))


def test_each_patch_knows_its_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patches, "CANDIDATES", 100)
    seen, found = maps(7), Patches(1)
    for first, last in ((0, 4), (4, 7)):
        found.add(Maps(m[first:last] for m in seen))
    features, origins = found.features(), found.origins()
    assert len(features) == len(origins) == 100 and len(origins.unique()) == 7
    every = cells(seen).flatten(2).transpose(1, 2)
    for row, picture in zip(features, origins.tolist(), strict=True):
        torch.testing.assert_close((every[picture] - row).abs().amax(1).min(), torch.tensor(0.0))


def test_pictures_are_as_far_apart_as_a_literal_search_says() -> None:
    generator = torch.Generator().manual_seed(0)
    points, origins = torch.randn(2500, 6, generator=generator), torch.randint(0, 5, (2500,), generator=generator)
    reference = torch.randperm(2500, generator=generator)[:300]
    expected = []
    for picture in range(5):
        others = points[reference[origins[reference] != picture]].double()
        own = points[origins == picture].double()
        expected.append(float(torch.cdist(own, others).amin(1).max()) / 6**0.5)
    np.testing.assert_allclose(apart(points, origins, reference), expected, rtol=1e-4)


def test_a_picture_unlike_the_others_is_outlying_though_all_its_patches_are_kept() -> None:
    seen = maps(12)
    for m in seen:
        m[7] += 4
    found = Patches(1)
    found.add(seen)
    every = torch.arange(len(found.features()))
    assert outlying(apart(found.features(), found.origins(), every)) == [7]
    same = Patches(1)
    same.add(maps(12))
    assert not outlying(apart(same.features(), same.origins(), every))


def test_a_picture_alone_is_apart_from_nothing() -> None:
    points, origins = torch.randn(9, 4), torch.zeros(9, dtype=torch.int64)
    assert apart(points, origins, torch.arange(3)).tolist() == [0]
    assert apart(points, origins + 1, torch.arange(3)).tolist() == [0, 0]  # no patch of the first was drawn

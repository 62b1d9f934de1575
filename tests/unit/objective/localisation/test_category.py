"""What is known of a category: its rows, its means, its masks."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from oneclass.data.geometry import Geometry
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.maps import align
from oneclass.objective.localisation.moments import Centering

Make = Callable[..., Category]


def test_rows_ids_and_labels_are_those_of_the_split(category: Make) -> None:
    one = category()
    assert one.class_name == "tile" and one.dimension == 15
    assert one.train.tolist() == list(range(20)) and one.test.tolist() == list(range(20, 30))
    assert one.ids.tolist() == [f"tile/{k}" for k in range(20, 30)]
    assert one.labels.tolist() == one.tested.table["label"].tolist() == [0] * 6 + [1] * 4


@pytest.mark.parametrize("centering", ["none", "channel", "position"])
def test_the_mean_is_that_of_the_maps_as_centering_leaves_them(category: Make, centering: Centering) -> None:
    one = category()
    maps = next(iter(one.centered(centering).batches(one.train, 20)))
    torch.testing.assert_close(one.mean(centering), align(maps).mean((0, 2, 3)), rtol=1e-4, atol=1e-6)


def test_averages_are_over_the_positions_of_each_test_image(category: Make) -> None:
    one = category()
    expected = align(next(iter(one.source.batches(one.test, 10)))).mean((2, 3))
    np.testing.assert_allclose(one.averaged(), expected, rtol=1e-5)


def test_masks_are_in_the_geometry_of_the_images(category: Make, tmp_path: Path) -> None:
    one = category()
    table = one.tested.table.assign(path="image.png", item=-1, reader="image")
    Image.new("L", (40, 40)).save(tmp_path / "image.png")
    corner = np.zeros((40, 40), np.uint8)
    corner[:20, :20] = 255
    Image.fromarray(corner).save(tmp_path / "corner.png")
    cropped = replace(one, tested=replace(one.tested, table=table, root=tmp_path), geometry=Geometry(40, 32))
    masks = cropped.masks
    assert cropped.has_masks and masks is not None
    assert masks.shape == (10, 32, 32) and not masks[:6].any()
    assert (masks[6:] == (corner[4:36, 4:36] > 0)).all()


def test_without_masks_there_are_none(category: Make) -> None:
    unmasked = category(masked=False)
    assert not unmasked.has_masks and unmasked.masks is None

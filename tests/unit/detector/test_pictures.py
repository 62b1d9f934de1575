"""The pictures a detector is fitted to, and the defects drawn on them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from oneclass.data import defects
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.detector import pictures
from oneclass.detector.pictures import Pictures, draw_on
from oneclass.errors import UserError

Noise = Callable[[int], Pictures]


@pytest.fixture
def noise(own_pictures: Callable[..., Path], index_of: Callable[..., Index]) -> Noise:
    return lambda count: Pictures(index_of(own_pictures(count)), Geometry(64), workers=2)


@pytest.mark.parametrize("count", [1, 15, 16, 17, 40])
def test_batches_are_all_pictures_in_order(noise: Noise, count: int) -> None:
    some = noise(count)
    batches = list(some.batches())
    assert max(len(batch) for batch in batches) <= pictures.BATCH
    torch.testing.assert_close(torch.cat(batches), torch.stack([some[k] for k in range(count)]))


def test_an_unreadable_picture_is_named(noise: Noise) -> None:
    some = noise(3)
    (some.index.root / "01.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"01\.png"):
        list(some.batches())


def test_drawn_defects_are_where_their_masks_say(noise: Noise) -> None:
    some = noise(7)
    drawn = draw_on(some, 0.5, seed=1)
    assert len(drawn) == pictures.DRAWN == len(torch.cat(list(drawn.batches())))
    for number in range(len(drawn)):
        changed = (drawn[number] != some[number % 7]).any(dim=0).numpy()
        np.testing.assert_array_equal(changed, drawn.masks()[number])
        assert changed.any()
        assert drawn.name(number).startswith(some.name(number % 7))


@pytest.mark.parametrize("count", [1, 5, 7, 10])
def test_every_picture_gets_every_kind_of_defect_in_turn(noise: Noise, count: int) -> None:
    names = draw_on(noise(count), 0.5, seed=1).names
    by_picture: dict[str, list[str]] = {}
    for name in names:
        picture, kind = name.split(" with a drawn ")
        by_picture.setdefault(picture, []).append(kind)
    assert len(by_picture) == count
    for kinds in by_picture.values():
        assert set(kinds[:5]) == set(defects.KINDS)


def test_drawing_depends_on_the_seed_and_nothing_else(noise: Noise) -> None:
    some = noise(4)
    first, again, other = (draw_on(some, 0.5, seed).images for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_pictures_too_small_to_draw_on_are_an_error(noise: Noise) -> None:
    with pytest.raises(UserError, match="12x12 pixels is too small"):
        draw_on(replace(noise(2), geometry=Geometry(12)), 0.5, seed=1)

"""The images that look most like another, against a sort of all of them."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from oneclass.errors import UserError
from oneclass.search.neighbours import Neighbours


def pool(count: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(256, (count, 3, 4, 4), dtype=torch.uint8, generator=generator)


def literal(
    images: torch.Tensor, parents: Sequence[int], nearest: int, floor: float, drawn: Sequence[int]
) -> list[int]:
    """As Algorithm 1 sorts those ``drawn``, in whole numbers, so that equal distances are equal."""
    flat = images.flatten(1).numpy().astype(np.int64)
    distances = np.stack([((flat - flat[parent]) ** 2).sum(1) for parent in parents])
    rows = [row for row in drawn if row not in parents and (distances[:, row] >= floor * 255**2).all()]
    return sorted(rows, key=lambda row: int(distances[:, row].sum()))[:nearest]


@given(
    parents=st.lists(st.integers(0, 29), min_size=1, max_size=2),
    nearest=st.integers(1, 40),
    floor=st.sampled_from([0.0, 5.0, 8.0]),
    seed=st.integers(0, 20),
)
def test_the_nearest_of_the_whole_pool(parents: list[int], nearest: int, floor: float, seed: int) -> None:
    images = pool(30, seed)
    random.seed(seed)
    expected = literal(images, parents, nearest, floor, random.sample(range(30), 30))
    random.seed(seed)
    neighbours = Neighbours(images, 10_000, nearest, floor)
    if expected:
        assert neighbours.nearest_to(parents) == expected
    else:
        with pytest.raises(UserError, match="distance_floor"):
            neighbours.nearest_to(parents)


def test_candidates_are_drawn_by_pythons_generator() -> None:
    images = pool(200)
    random.seed(3)
    found = Neighbours(images, 20, 5).nearest_to([7])
    random.seed(3)
    drawn = random.sample(range(200), 20)
    assert found == literal(images, [7], 5, 0, drawn)


def test_twins_of_the_outlier_are_neighbours_unless_there_is_a_floor() -> None:
    images = pool(10)
    images[4] = images[2]
    assert Neighbours(images, 10, 1).nearest_to([2]) == [4]
    assert Neighbours(images, 10, 1, 0.001).nearest_to([2]) != [4]


def test_equal_distances_stay_in_the_order_drawn() -> None:
    images = torch.zeros(50, 3, 2, 2, dtype=torch.uint8)
    random.seed(5)
    found = Neighbours(images, 50, 10).nearest_to([0])
    random.seed(5)
    assert found == [row for row in random.sample(range(50), 50) if row][:10]


def test_features_that_differ_by_less_than_float32_tells_are_told_apart() -> None:
    features = torch.tensor([[0.0, 0.0], [1e4, 2e-4], [1e4, 1e-4], [-2e4, 0.0]])
    assert Neighbours(features, 4, 3).nearest_to([0]) == [2, 1, 3]


def test_a_floor_that_leaves_none() -> None:
    with pytest.raises(UserError, match="none of 9 candidates is 100 away"):
        Neighbours(pool(10), 10, 3, 100).nearest_to([0])

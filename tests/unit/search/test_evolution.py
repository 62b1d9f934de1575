"""Algorithm 1 as it is written, drawing the same numbers; and random search."""

import random
from dataclasses import replace

import pytest
import torch

from oneclass.errors import UserError
from oneclass.search.evolution import Evolution, Parameters, RandomSearch, shuffled
from oneclass.search.neighbours import Neighbours

POOL = torch.randint(256, (60, 3, 4, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
PARAMETERS = Parameters(9, 4, 3, 0.3, 0.55, 30, 5, 0, 20)
ORDER = shuffled(60, 0)
BEFORE = [(5, 70.0), (5, 70.0), (8, 50.0), (13, 90.0), (21, 40.0), (34, 60.0), (55, 80.0), (3, 55.0), (2, 45.0)]


def neighbours(parameters: Parameters) -> Neighbours:
    return Neighbours(POOL, parameters.candidates, parameters.nearest)


def evolution(direction: str, parameters: Parameters = PARAMETERS) -> Evolution:
    return Evolution(direction, parameters, neighbours(parameters), ORDER, lambda generation: 100 + generation)


def literal(direction: str, parameters: Parameters, seed: int) -> list[int]:
    """One round of Algorithm 1 on ``BEFORE``."""
    random.seed(seed)
    near = neighbours(parameters)
    better = max if direction == "best" else min
    rows = []
    for _ in BEFORE:
        drawn = [random.choice(BEFORE) for _ in range(parameters.tournament)]
        rows.append(better(drawn, key=lambda one: one[1])[0])
    for i in range(0, len(rows) - 1, 2):
        if random.random() < parameters.mating:
            parents = rows[i], rows[i + 1]
            for j in range(2):
                rows[i + j] = random.choice(near.nearest_to(parents))
    for i in range(len(rows)):
        if random.random() < parameters.mutation:
            rows[i] = random.choice(near.nearest_to([rows[i]]))
    return rows


@pytest.mark.parametrize("direction", ["best", "worst"])
@pytest.mark.parametrize("changes", [{}, {"mating": 1}, {"mutation": 1}, {"tournament": 1}, {"mating": 0}])
def test_a_generation_is_that_of_algorithm_1(direction: str, changes: dict[str, float]) -> None:
    parameters = replace(PARAMETERS, **changes)
    search = evolution(direction, parameters)
    for generation in (1, 2, 3):
        assert search.propose(generation, BEFORE) == literal(direction, parameters, 100 + generation)


def test_a_random_order_depends_on_the_seed_alone() -> None:
    random.seed(5)
    assert shuffled(60, 0) == ORDER != shuffled(60, 1)
    assert sorted(ORDER) == list(range(60)) != ORDER


def test_all_searches_begin_with_the_same_outliers() -> None:
    searches = [evolution("best"), evolution("worst"), RandomSearch(PARAMETERS, ORDER)]
    assert [search.propose(0, []) for search in searches] == [ORDER[:9]] * 3


@pytest.mark.parametrize(("direction", "row"), [("best", 13), ("worst", 21)])
def test_without_variation_only_the_fittest_are_left(direction: str, row: int) -> None:
    parameters = replace(PARAMETERS, mating=0, mutation=0, tournament=200)
    assert evolution(direction, parameters).propose(1, BEFORE) == [row] * 9


def test_mutation_moves_every_outlier_to_a_neighbour() -> None:
    parameters = replace(PARAMETERS, mating=0, mutation=1, tournament=200, candidates=60)
    near = neighbours(parameters).nearest_to([13])
    assert set(evolution("best", parameters).propose(1, BEFORE)) <= set(near)


def test_a_generation_depends_on_nothing_drawn_before() -> None:
    search = evolution("best")
    expected = search.propose(2, BEFORE)
    random.seed(7)
    search.propose(1, BEFORE)
    assert search.propose(2, BEFORE) == expected


def test_random_search_tries_each_outlier_once() -> None:
    search = RandomSearch(PARAMETERS, ORDER)
    rows = [search.propose(generation, []) for generation in range(search.generations)]
    assert [len(part) for part in rows] == [9, 9, 2]
    tried = [row for part in rows for row in part]
    assert len(set(tried)) == 20 and set(tried) <= set(range(60))


def test_a_pool_that_is_too_small() -> None:
    with pytest.raises(UserError, match=r"individuals: 61 are asked for, and the pool has 60 images; ask for fewer"):
        evolution("best", replace(PARAMETERS, individuals=61))
    with pytest.raises(UserError, match=r"random_outliers: 20 are asked for, and the pool has 19"):
        RandomSearch(PARAMETERS, ORDER[:19])

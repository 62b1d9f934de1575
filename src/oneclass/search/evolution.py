"""Which outliers are tried in which generation: Algorithm 1, and random search.

DEAP draws from Python's global generator, which is seeded anew for each generation: a search that goes on where
another was killed draws what that one would have drawn.
"""

import random
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Protocol

from deap import algorithms, base, tools

from oneclass.errors import UserError
from oneclass.search.neighbours import Neighbours


@dataclass(frozen=True)
class Parameters:
    """Of Algorithm 1, by the names of the config; ``random_outliers`` are those of a random search."""

    individuals: int
    generations: int  # with the first
    tournament: int
    mating: float
    mutation: float
    candidates: int
    nearest: int
    distance_floor: float
    random_outliers: int


class Strategy(Protocol):
    """What proposes outliers, as rows of the pool."""

    generations: int

    def propose(self, generation: int, before: Sequence[tuple[int, float]]) -> list[int]:
        """The rows of ``generation`` (from 0), given the rows of the one ``before`` it and their fitness."""


class _Best(base.Fitness):
    weights = (1.0,)


class _Worst(base.Fitness):
    weights = (-1.0,)


class _Individual:
    """A row of the pool, and its fitness as DEAP wants it."""

    def __init__(self, row: int, fitness: base.Fitness) -> None:
        self.row, self.fitness = row, fitness


class Evolution:
    """Algorithm 1, towards the ``best`` or the ``worst`` image of a pool, from the first of those in ``order`` on.

    ``seed`` gives that of each generation.
    """

    def __init__(
        self,
        direction: str,
        parameters: Parameters,
        neighbours: Neighbours,
        order: Sequence[int],
        seed: Callable[[int], int],
    ) -> None:
        self.generations = parameters.generations
        self._kind = {"best": _Best, "worst": _Worst}[direction]
        self._parameters, self._neighbours, self._seed = parameters, neighbours, seed
        self._first = _first(order, parameters.individuals, "individuals")
        self._toolbox = base.Toolbox()
        self._toolbox.register("clone", self._clone)
        self._toolbox.register("select", tools.selTournament, tournsize=parameters.tournament)
        self._toolbox.register("mate", self._mate)
        self._toolbox.register("mutate", self._mutate)

    def propose(self, generation: int, before: Sequence[tuple[int, float]]) -> list[int]:
        """Selection, mating and mutation."""
        if generation == 0:
            return self._first
        random.seed(self._seed(generation))
        parents = [_Individual(row, self._kind((fitness,))) for row, fitness in before]
        selected = self._toolbox.select(parents, len(parents))
        varied = algorithms.varAnd(selected, self._toolbox, self._parameters.mating, self._parameters.mutation)
        return [individual.row for individual in varied]

    def _clone(self, individual: _Individual) -> _Individual:
        return _Individual(individual.row, copy(individual.fitness))

    def _mate(self, one: _Individual, other: _Individual) -> tuple[_Individual, _Individual]:
        """Both become images that look like both; each has candidates of its own."""
        parents = [one.row, other.row]
        one.row, other.row = (random.choice(self._neighbours.nearest_to(parents)) for _ in range(2))
        return one, other

    def _mutate(self, one: _Individual) -> tuple[_Individual]:
        one.row = random.choice(self._neighbours.nearest_to([one.row]))
        return (one,)


class RandomSearch:
    """The images of a pool in ``order``, in generations of as many as the evolution has: the first is the same."""

    def __init__(self, parameters: Parameters, order: Sequence[int]) -> None:
        self._size = parameters.individuals
        self._rows = _first(order, parameters.random_outliers, "random_outliers")
        self.generations = -(-len(self._rows) // self._size)

    def propose(self, generation: int, before: Sequence[tuple[int, float]]) -> list[int]:
        """The next of them, whatever was ``before``."""
        return self._rows[generation * self._size : (generation + 1) * self._size]


def shuffled(count: int, seed: int) -> list[int]:
    """The rows of a pool of ``count`` in random order."""
    rows = list(range(count))
    random.Random(seed).shuffle(rows)
    return rows


def _first(order: Sequence[int], wanted: int, key: str) -> list[int]:
    if wanted > len(order):
        raise UserError(
            f"exposure.search.{key}: {wanted} are asked for, and the pool has {len(order)} images; ask for fewer"
        )
    return list(order[:wanted])

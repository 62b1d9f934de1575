"""How a search goes on, generation by generation, and what it keeps on disk: AUROCs once known, and the generations.

A folder holds one data set's class, method and filter; every search there (a writer) has a folder of its own in it,
with a file per generation, and reads those of all: ``{writer}/{generation}.json``.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from oneclass.checksum import EMPTY, seal, verify
from oneclass.errors import UserError, shown
from oneclass.files import atomic
from oneclass.search.evolution import Strategy
from oneclass.search.fitness import Fitness

Key = tuple[str, int]  # an outlier's id, and the repetition


class FitnessCache:
    """AUROCs in ``folder``; what is new is written by ``writer``, of which there is one at a time."""

    def __init__(self, folder: Path, writer: str) -> None:
        self._folder, self._writer = folder, writer

    def aurocs(self) -> dict[Key, float]:
        """All that are known by now, whoever wrote them."""
        known = {}
        for path in sorted(self._folder.glob("*/[0-9]*.json")):
            known.update({(outlier, repetition): auroc for outlier, repetition, auroc in _read(path)["aurocs"]})
        return known

    def population(self, generation: int) -> list[str] | None:
        """The outliers of ``generation`` if this writer began it."""
        path = self._path(generation)
        population: list[str] | None = _read(path)["outliers"] if path.exists() else None
        return population

    def write(self, generation: int, outliers: list[str], aurocs: Mapping[Key, float]) -> None:
        """The outliers of ``generation``, and which of their AUROCs are known by now."""
        with atomic(self._path(generation)) as path:
            rows = [[*key, auroc] for key, auroc in aurocs.items()]
            content = json.dumps({"outliers": outliers, "aurocs": rows, "sha256": EMPTY})
            path.write_bytes(seal(content.encode()))

    def _path(self, generation: int) -> Path:
        return self._folder / self._writer / f"{generation:05d}.json"


def _read(path: Path) -> dict:
    try:
        written = path.read_bytes()
        content: dict = json.loads(written)
        verify(written, content["sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: damaged ({shown(error)}); delete it and run again") from error
    return content


BAR = "{desc} {percentage:3.0f}% |{bar}| {elapsed}, {remaining} left{postfix}"


class Search:
    """``strategy`` on the outliers ``ids`` [N], rows of the pool behind ``fitness``, in ``repetitions`` each."""

    def __init__(
        self, strategy: Strategy, fitness: Fitness, ids: NDArray[np.str_], repetitions: int, cache: FitnessCache
    ) -> None:
        self._strategy, self._fitness, self._cache = strategy, fitness, cache
        self._ids, self._row = ids.tolist(), {id: row for row, id in enumerate(ids)}
        self._repetitions = range(repetitions)

    def run(self) -> pd.DataFrame:
        """``generation, individual, outlier, fitness, trained``: a row for each outlier of each generation.

        ``fitness`` is the AUROC in percent, averaged over repetitions; ``trained`` marks where an outlier comes first.
        What the cache knows is not trained again, and changes nothing but the time.
        """
        parts: list[pd.DataFrame] = []
        before: list[tuple[int, float]] = []
        with tqdm(total=self._strategy.generations, bar_format=BAR) as progress:
            for generation in range(self._strategy.generations):
                progress.set_description(f"generation {generation + 1} of {self._strategy.generations}")
                outliers = self._outliers(generation, before)
                fitness = self._measured(generation, outliers, progress)
                before = [(self._row[id], value) for id, value in zip(outliers, fitness, strict=True)]
                parts.append(pd.DataFrame({"generation": generation, "outlier": outliers, "fitness": fitness}))
                every = [value for part in parts for value in part["fitness"]]
                progress.set_postfix_str(f"best {max(every):.2f}, worst {min(every):.2f}")
        frame = pd.concat(parts, ignore_index=True)
        frame.insert(1, "individual", frame.groupby("generation").cumcount())
        return frame.assign(trained=~frame["outlier"].duplicated())

    def _outliers(self, generation: int, before: list[tuple[int, float]]) -> list[str]:
        begun = self._cache.population(generation)
        return begun or [self._ids[row] for row in self._strategy.propose(generation, before)]

    def _measured(self, generation: int, outliers: list[str], progress: tqdm) -> list[float]:
        """The fitness of each; every AUROC is on disk as soon as it is known."""
        needed: list[Key] = [(id, repetition) for id in dict.fromkeys(outliers) for repetition in self._repetitions]
        known = self._cache.aurocs()
        known = {key: known[key] for key in needed if key in known}
        unknown = [key for key in needed if key not in known]
        self._cache.write(generation, outliers, known)
        _show(progress, generation + len(known) / len(needed))
        wanted = [(self._row[id], repetition) for id, repetition in unknown]
        for key, auroc in zip(unknown, self._fitness.measure(wanted), strict=True):
            known[key] = auroc
            self._cache.write(generation, outliers, known)
            _show(progress, generation + len(known) / len(needed))
        return [float(np.mean([known[id, repetition] for repetition in self._repetitions])) for id in outliers]


def _show(progress: tqdm, generations: float) -> None:
    """So many are done; parts of one, added up, would come to more than all."""
    progress.n = generations
    progress.update(0)

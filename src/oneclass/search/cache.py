"""What searches keep on disk: AUROCs once known, and the generations they were measured in.

A folder holds one data set's class, method and filter; every search there (a writer) has a folder of its own in it,
with a file a generation, and reads those of all: ``{writer}/{generation}.json``.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from oneclass.errors import UserError
from oneclass.files import atomic

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
            path.write_text(json.dumps({"outliers": outliers, "aurocs": rows}), encoding="utf-8")

    def _path(self, generation: int) -> Path:
        return self._folder / self._writer / f"{generation:05d}.json"


def _read(path: Path) -> dict:
    try:
        content: dict = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{path}: cannot be read ({error}); delete it and run again") from error
    return content

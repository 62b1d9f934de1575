"""What varies in a sweep: one trial is one network to train, whose random choices have seeds by name."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from torch import Generator

from oneclass.filters import Filter
from oneclass.seeds import derive

WHOLE = math.inf  # outlier_count: the whole pool


@dataclass(frozen=True)
class Trial:
    """One network: its normal class, repetition, method with its ``options``, and data.

    ``outlier_count`` counts images (0: none; ``WHOLE``), ``outlier_class_count`` the pool's classes that they are drawn
    from (None: all).
    """

    class_name: str
    repetition: int
    method: str
    options: Mapping[str, str | float] = field(default_factory=dict)
    outlier_count: float = WHOLE
    outlier_class_count: int | None = None
    filter: str = "none"
    augmented: bool = False

    def columns(self) -> dict[str, Any]:
        """The columns of ``tidy`` that tell one trial from another; those of a filter are by the name that it has."""
        filtered = Filter.parse(self.filter)
        return {
            "class": self.class_name,
            "method": self.method,
            "outlier_count": float(self.outlier_count),
            "outlier_class_count": math.nan if self.outlier_class_count is None else self.outlier_class_count,
            "filter": filtered.kind,
            "magnitude": filtered.magnitude,
            "augmented": "yes" if self.augmented else "no",
            "repetition": self.repetition,
            **self.options,
        }


def grid(sweep: Mapping[str, Any], filters: Sequence[str], classes: Sequence[str]) -> list[Trial]:
    """Every trial of ``sweep`` for ``classes``, in a fixed order.

    ``sweep`` has ``repetitions``, ``augmented``, ``outlier_counts``, ``outlier_class_counts`` (as in the configuration)
    and ``methods``: for each its catalogue's ``outliers`` and the values of its ``options``. A method that takes no
    outliers has one trial where others have one for each number of them.
    """
    trials = []
    for repetition, name, (method, described), filtered, augmented in product(
        range(sweep["repetitions"]), classes, sweep["methods"].items(), filters, sweep["augmented"]
    ):
        names, values = described["options"].keys(), described["options"].values()
        for chosen, (count, kinds) in product(product(*values), _outliers(sweep, described["outliers"])):
            options = dict(zip(names, chosen, strict=True))
            trials.append(Trial(name, repetition, method, options, count, kinds, filtered, augmented))
    return trials


def _outliers(sweep: Mapping[str, Any], taken: str) -> list[tuple[float, int | None]]:
    if taken == "none":
        return [(0.0, None)]
    counts = [WHOLE if count == "all" else float(count) for count in sweep["outlier_counts"]]
    counts = [count for count in counts if count or taken != "required"]
    return list(product(counts, sweep["outlier_class_counts"] or [None]))


@dataclass(frozen=True)
class Seeds:
    """``run``: the configuration's seed."""

    run: int
    dataset: str

    def derive(self, purpose: str, class_name: str, repetition: int) -> int:
        """The seed of one random choice."""
        return derive(self.run, purpose, self.dataset, class_name, repetition)

    def generator(self, purpose: str, class_name: str, repetition: int) -> Generator:
        """A generator for one random choice, on the CPU."""
        return Generator().manual_seed(self.derive(purpose, class_name, repetition))

"""How long a unit of work takes: measured speeds, assumed ones, and what this machine's finished jobs say.

``speeds.csv`` holds a range of seconds for each unit and device, with its basis: ``measured`` (with its date and
machine) or ``assumed`` (nobody measured it). ``cpu`` is one core. Work without a row for a GPU is done by its host.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from oneclass.price.cost import Cost

TABLE = Path(__file__).with_name("speeds.csv")


@dataclass(frozen=True)
class Range:
    """From a few seconds ``low`` to more ``high``."""

    low: float = 0
    high: float = 0

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.high + other.high)

    def times(self, factor: float) -> "Range":
        """``factor`` times as long."""
        return Range(factor * self.low, factor * self.high)


@cache
def table() -> list[dict[str, str]]:
    """The rows of the file."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def speeds() -> Mapping[tuple[str, str], Range]:
    """Seconds of a unit, by unit and device."""
    return {(row["unit"], row["device"]): Range(float(row["seconds"]), float(row["to"])) for row in table()}


def measured_on(device: str) -> tuple[str, str]:
    """The first and the last date, and the machines, of what was measured on a ``device`` (cpu or gpu)."""
    measured = [row for row in table() if row["basis"] == "measured" and row["device"] == device]
    dates = sorted({row["date"] for row in measured})
    machines = dict.fromkeys(row["machine"] for row in measured)
    return " to ".join(dict.fromkeys([dates[0], dates[-1]])), "; ".join(machines)


def seconds(cost: Cost, device: str) -> Range:
    """How long a job takes on one core (``cpu``), or on a GPU (``gpu``) and its host; ``KeyError`` for an unknown
    unit."""
    known, total = speeds(), Range()
    for unit, amount in cost.work.items():
        total += known.get((unit, device), known[unit, "cpu"]).times(amount)
    return total

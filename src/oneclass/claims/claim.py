"""What the entry of a claim says. Light, like the catalogue of pages: the Snakefile reads it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from oneclass.claims.sources import Source

HOLDS, FAILS, UNDECIDED = "holds here", "does not hold here", "cannot be told from this run"
PAPERS = {"objective": "Paper 1", "exposure": "Paper 2", "beyond": "Beyond the papers"}

# Stands for the smallest or the largest value of a column in a run.
SMALLEST, LARGEST = "<smallest>", "<largest>"
Value = str | float | None | tuple[str | float | None, ...]
Where = Mapping[str, Value]  # rows, by column: a value, one of several, or None where the column does not apply
How = Literal["mean", "difference", "spread", "lead", "regret", "correlation"]


@dataclass(frozen=True)
class Bar:
    """The values for which a claim is true: above ``low`` and below ``high``."""

    low: float = -math.inf
    high: float = math.inf

    def __str__(self) -> str:
        if math.isinf(self.high):
            return f"above {_signless(self.low)}"
        if math.isinf(self.low):
            return f"below {_signless(self.high)}"
        return f"between {_signless(self.low)} and {_signless(self.high)}"

    def has(self, value: float) -> bool:
        """Whether ``value`` makes the claim true."""
        return self.low < value < self.high

    def verdict(self, low: float, high: float) -> str:
        """Of an interval: every value of it makes the claim true, or none does, or some do. One that ends on the bar
        decides nothing: numbers such as epochs, or AUROCs of 100 %, are often equal."""
        if self.low < low and high < self.high:
            return HOLDS
        return FAILS if high < self.low or low > self.high else UNDECIDED


def _signless(value: float) -> str:
    return f"{value:g}".replace("-", "−")


@dataclass(frozen=True)
class Compare:
    """A number made of the AUROCs at several ``levels``, each of which picks one row of every training; or at all
    values of the column ``each``, of which ``first`` comes first.

    ``how``: their ``mean``; the ``difference`` of the first and the second; the ``spread``, the highest less the
    lowest; the ``lead``, the first less the highest of the others; the ``regret``, the highest less the first; the
    ``correlation`` (of ranks, over all trainings of all data sets) of the first with the second less the third.
    ``where`` holds for all rows. Rows of one training agree in ``claims.compare.SAME``, and in ``along``, unless a
    level names the column or it is ``apart``. Of two ``groups`` of rows the second's number is subtracted from the
    first's.
    """

    levels: tuple[Where, ...] = ()
    how: How = "difference"
    where: Where = field(default_factory=dict)
    each: str = ""
    first: Value = None
    along: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    groups: tuple[Where, ...] = ({},)

    @property
    def signed(self) -> bool:
        """Whether the number is a difference, or has a sign for another reason."""
        return self.how in ("difference", "lead", "correlation") or len(self.groups) > 1


@dataclass(frozen=True)
class Claim:
    """A claim called ``name``, made in ``paper`` at a ``place``.

    ``statistic`` says in words what ``measure`` makes of the files of ``sources``, in a ``unit``; ``bar`` is what it
    must be for the claim to be true. ``needs`` completes "this run has no …". ``printed`` makes the same of the paper's
    tables, whose places ``printed_in`` names; where the paper prints no such number, it says so. ``aside`` is what
    ``measure`` is, of other networks than those that the claim is about: it is told and decides nothing.
    """

    name: str
    title: str
    paper: Literal["objective", "exposure", "beyond"]
    place: str
    statistic: str
    bar: Bar
    sources: tuple[Source, ...]
    measure: Compare
    needs: str
    unit: str = "points of AUROC"
    decimals: int = 2
    printed: Compare | None = None
    printed_in: str = ""
    aside: Compare | None = None

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the largest number that there can be."""
        most = 1.0 if self.unit == "rank correlation" else 2.0 if self.unit == "cosine" else 100.0
        return (0.0 if self.measure.how in ("spread", "regret") else -most), most


@dataclass(frozen=True)
class Theme:
    """Claims about one thing, under a ``title``."""

    title: str
    claims: tuple[Claim, ...]

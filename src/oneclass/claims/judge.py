"""What a run says of each claim."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oneclass.claims.claim import HOLDS, UNDECIDED, Claim
from oneclass.claims.compare import AmbiguousError, compare
from oneclass.claims.interval import Estimate, estimate
from oneclass.claims.printed import as_text, shown
from oneclass.claims.rows import Rows, joined
from oneclass.seeds import derive

FEW = 5  # trainings, below which the reason counts them


@dataclass(frozen=True)
class Judged:
    """A ``claim`` with its ``verdict`` and the ``reason`` for it; without an ``estimate`` where nothing was run.

    ``published`` is what the papers print, in words; ``by_run`` the number of each run, too.
    """

    claim: Claim
    verdict: str
    reason: str
    published: str
    estimate: Estimate | None = None

    @property
    def by_run(self) -> str:
        """``MNIST (5,000) / Protocol A: +0.3; ELPV / Protocol A: −0.2``."""
        runs = self.estimate.by_run if self.estimate else []
        texts = [(name, shown(self.claim, value)) for name, value in runs]
        plain = self.claim.measure.how == "mean"  # also where one group's is subtracted from another's
        return "; ".join(f"{name}: {text.removeprefix('+') if plain else text}" for name, text in texts)


def judge(claims: Sequence[Claim], sources: Mapping[str, Rows], lacking: Mapping[str, str], seed: int) -> list[Judged]:
    """The verdict on each of ``claims`` from the rows of ``sources``, by name; ``lacking`` says why one is missing."""
    return [_judge(claim, sources, lacking, derive(seed, "claims", claim.name)) for claim in claims]


def _judge(claim: Claim, sources: Mapping[str, Rows], lacking: Mapping[str, str], seed: int) -> Judged:
    missing = [lacking[source.name] for source in claim.sources if source.name in lacking]
    if missing:
        return Judged(claim, UNDECIDED, f"{missing[0][0].upper()}{missing[0][1:]}.", as_text(claim))
    try:
        measured = compare(claim.measure, joined(sources[source.name] for source in claim.sources))
    except AmbiguousError as error:
        return Judged(claim, UNDECIDED, f"This run has several numbers for one training: {error}.", as_text(claim))
    if not all(measured.groups):
        return Judged(claim, UNDECIDED, f"This run has no {claim.needs}.", as_text(claim))
    found = estimate(measured, seed, claim.limits)
    verdict, reason = _verdict(claim, found)
    return Judged(claim, verdict, reason, as_text(claim), found)


def _verdict(claim: Claim, found: Estimate) -> tuple[str, str]:
    if math.isnan(found.low):
        return UNDECIDED, "There is one training, which does not tell how much others would differ."
    verdict = claim.bar.verdict(found.low, found.high)
    if verdict == UNDECIDED:
        few = f" There are only {found.trainings} trainings." if found.trainings < FEW else ""
        where = "reaches across" if found.low < found.high else "is one number, which lies on"
        return verdict, f"The interval {where} the bar.{few}{_sides(claim, found)}"
    return verdict, f"The whole interval {'meets' if verdict == HOLDS else 'misses'} the bar.{_sides(claim, found)}"


def _sides(claim: Claim, found: Estimate) -> str:
    """On which data sets the number meets the bar and on which it does not, where they differ."""
    if len(claim.measure.groups) > 1:  # the runs' numbers are parts of a difference
        return ""
    sides = [[name for name, value in found.by_run if claim.bar.has(value) == side] for side in (True, False)]
    return (
        f" Data sets differ: it meets the bar on {_listed(sides[0])}, and misses it on {_listed(sides[1])}."
        if all(sides)
        else ""
    )


def _listed(names: Sequence[str]) -> str:
    return "; ".join(names)

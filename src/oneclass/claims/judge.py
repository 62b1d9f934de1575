"""What a run says of each claim."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oneclass.claims.claim import FAILS, HOLDS, UNDECIDED, Claim, Compare
from oneclass.claims.compare import AmbiguousError, compare
from oneclass.claims.interval import Estimate, estimate
from oneclass.claims.printed import as_text, shown
from oneclass.claims.rows import Rows, joined
from oneclass.seeds import derive

NONE = "–"  # where there is no number
FEW = 5  # trainings, below which the reason counts them
MOST = 0.75  # of all numbers that there can be: an interval that covers more says nothing, and is not shown


@dataclass(frozen=True)
class Judged:
    """A ``claim`` with its ``verdict`` and the ``reason`` for it; without an ``estimate`` where nothing was run.

    ``published`` is what the papers print, in words. ``aside`` is the number of heads on frozen features, which decides
    nothing, where the claim is about networks that are trained whole.
    """

    claim: Claim
    verdict: str
    reason: str
    published: str
    estimate: Estimate | None = None
    aside: Estimate | None = None

    @property
    def number(self) -> str:
        """``+0.3 (−0.1 to +0.7)``; a dash where there is no number."""
        return _text(self.claim, self.estimate)

    @property
    def with_unit(self) -> str:
        """The same and what it is counted in."""
        return f"{self.number} {self.claim.unit}" if self.number != NONE else NONE

    @property
    def by_run(self) -> str:
        """``MNIST (5,000) / Protocol A: +0.3 (−0.1 to +0.7); ELPV / Protocol A: −0.2``."""
        return self._listed(self.estimate)

    @property
    def by_head(self) -> str:
        """The same of heads on frozen features."""
        return self._listed(self.aside)

    def _listed(self, found: Estimate | None) -> str:
        plain = self.claim.measure.how == "mean"  # also where one group's is subtracted from another's
        mean = "mean " if len(self.claim.measure.groups) > 1 else ""  # of which the number is a difference
        texts = [(name, _text(self.claim, run)) for name, run in (found.by_run if found else ())]
        return "; ".join(f"{name}: {mean}{text.replace('+', '') if plain else text}" for name, text in texts)


def judge(claims: Sequence[Claim], sources: Mapping[str, Rows], lacking: Mapping[str, str], seed: int) -> list[Judged]:
    """The verdict on each of ``claims`` from the rows of ``sources``, by name; ``lacking`` says why one is missing."""
    return [_judge(claim, sources, lacking, derive(seed, "claims")) for claim in claims]


def _judge(claim: Claim, sources: Mapping[str, Rows], lacking: Mapping[str, str], seed: int) -> Judged:
    missing = [lacking[source.name] for source in claim.sources if source.name in lacking]
    if missing:
        return Judged(claim, UNDECIDED, f"{missing[0][0].upper()}{missing[0][1:]}.", as_text(claim))
    rows = joined(sources[source.name] for source in claim.sources)
    try:
        found = _estimate(claim, claim.measure, rows, seed)
        aside = _estimate(claim, claim.aside, rows, derive(seed, "heads")) if claim.aside else None
    except AmbiguousError as error:
        return Judged(claim, UNDECIDED, f"This run has several numbers for one training: {error}.", as_text(claim))
    if found is None:
        return Judged(claim, UNDECIDED, f"This run has no {claim.needs}.", as_text(claim), None, aside)
    verdict, reason = _verdict(claim, found)
    return Judged(claim, verdict, reason, as_text(claim), found, aside)


def _estimate(claim: Claim, measure: Compare, rows: Rows, seed: int) -> Estimate | None:
    measured = compare(measure, rows)
    return estimate(measured, seed, claim.limits) if all(measured.groups) else None


def _text(claim: Claim, found: Estimate | None) -> str:
    if found is None or math.isnan(found.here):
        return NONE
    here, low, high = (shown(claim, value) for value in (found.here, found.low, found.high))
    return here if math.isnan(found.low) or is_vague(claim, found) else f"{here} ({low} to {high})"


def is_vague(claim: Claim, found: Estimate) -> bool:
    """Whether the interval covers most of what the number can be."""
    least, most = claim.limits
    return found.high - found.low > MOST * (most - least)


def _verdict(claim: Claim, found: Estimate) -> tuple[str, str]:
    if not found.is_computed:
        names = "; ".join(name for name, run in found.by_run if not run.is_computed)
        return UNDECIDED, f"There are values that are no numbers (NaN){f': {names}' if names else ''}."
    if found.trainings < 2:
        return UNDECIDED, "There is one training, which does not tell how much others would differ."
    verdict = claim.bar.verdict(found.low, found.high)
    if verdict != UNDECIDED:
        return verdict, f"The whole interval {'meets' if verdict == HOLDS else 'misses'} the bar.{_sides(claim, found)}"
    if is_vague(claim, found):
        reason = f"{found.trainings} trainings are too few: the interval covers almost all that the number can be."
        return verdict, reason
    few = f" There are only {found.trainings} trainings." if found.trainings < FEW else ""
    where = "reaches across" if found.low < found.high else "is one number, which lies on"
    return verdict, f"The interval {where} the bar.{few}{_sides(claim, found)}"


def _sides(claim: Claim, found: Estimate) -> str:
    """On which data sets the whole interval meets the bar and on which it misses it, where there are both; or which
    one was run, if it is one alone."""
    if len(claim.measure.groups) > 1:  # the runs' numbers are parts of a difference
        return ""
    if len(found.by_run) == 1:
        return f" Only one setting was run: {found.by_run[0][0]}."
    each = [(name, claim.bar.verdict(run.low, run.high)) for name, run in found.by_run]
    meets, misses = ("; ".join(name for name, verdict in each if verdict == side) for side in (HOLDS, FAILS))
    if meets and misses:
        return f" Data sets differ: the whole interval meets the bar on {meets}, and misses it on {misses}."
    return ""

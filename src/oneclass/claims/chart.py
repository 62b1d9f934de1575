"""Where a claim's interval lies: a line of numbers with the bar's side shaded, as places on a drawing."""

from dataclasses import dataclass

from oneclass.claims.judge import Judged
from oneclass.claims.printed import printed, shown

WIDTH, MARGIN = 320, 24


@dataclass(frozen=True)
class Chart:
    """Horizontal places (of ``WIDTH``): the shaded part where the claim is true, the interval, the number, the papers'
    numbers; the bounds of the bar with their text; and all of it in words."""

    shaded: tuple[float, float]
    interval: tuple[float, float]
    here: float
    papers: list[float]
    bounds: list[tuple[float, str]]
    words: str


def chart(judged: Judged) -> Chart:
    """The chart of a claim that has an interval."""
    claim, found = judged.claim, judged.estimate
    assert found
    bar, papers = claim.bar, list(printed(claim).values())
    ends = [bound for bound in (bar.low, bar.high) if abs(bound) != float("inf")]
    values = [found.low, found.high, *papers, *ends]
    low, high = min(values), max(values)

    def place(value: float) -> float:
        share = (value - low) / (high - low or 1)
        return round(MARGIN + (WIDTH - 2 * MARGIN) * min(max(share, 0), 1), 1)

    left = 0 if bar.low == float("-inf") else place(bar.low)
    right = WIDTH if bar.high == float("inf") else place(bar.high)
    words = (
        f"{shown(claim, found.here)}, interval from {shown(claim, found.low)} to {shown(claim, found.high)}; bar {bar}"
    )
    return Chart(
        (left, right - left),
        (place(found.low), place(found.high)),
        place(found.here),
        [place(value) for value in papers],
        [(place(bound), f"{bound:g}".replace("-", "−")) for bound in ends],
        words,
    )

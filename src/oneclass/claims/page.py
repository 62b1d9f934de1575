"""The page of claims as three files: CSV to compute with, Markdown to paste, HTML that needs nothing but itself."""

import csv as tables
import io
from collections.abc import Sequence

import jinja2

from oneclass.claims.chart import chart
from oneclass.claims.claim import FAILS, HOLDS, PAPERS, UNDECIDED, Theme
from oneclass.claims.judge import Judged, is_vague
from oneclass.markdown import row

All = Sequence[tuple[Theme, Sequence[Judged]]]

TITLE = "What this run says of the papers' claims"
COLUMNS = (
    *("name", "theme", "title", "paper", "place", "statistic", "unit", "bar", "published"),
    *("here", "low", "high", "number", "trainings", "by_run", "by_head", "verdict", "reason"),
)
HEADINGS = ("Claim", "Published", "Here", "Bar", "Verdict")  # in Markdown
MARKS = {HOLDS: "✓", FAILS: "✗", UNDECIDED: "?"}
STYLES = {HOLDS: "holds", FAILS: "fails", UNDECIDED: "undecided"}
HOW = (
    "Each claim has one number and a bar that it has to meet; both stand in the code and were not chosen after a look "
    "at results. A claim holds here if the whole 95 % interval of the number meets the bar, and does not if none of it "
    "does. The interval is over test images and over trainings (a class in one repetition), both resampled, in pairs "
    "where methods are compared. One interval in twenty misses what it is meant to hold: of this many verdicts one or "
    "two may be wrong by chance."
)
SCOPE = (
    "“Here” are this run's data sets and networks, which need not be the papers': a claim that does not hold here may "
    "hold there."
)
TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("oneclass.claims"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
    finalize=lambda text: text.replace(" %", "\N{NO-BREAK SPACE}%") if isinstance(text, str) else text,
)


def summary(judged: All) -> str:
    """``Of 41 claims, 12 hold here, 5 do not, and 24 cannot be told from this run: 20 were not tested, and the
    numbers of 4 do not decide.``"""
    all_ = [one for _, each in judged for one in each]
    verdicts = [one.verdict for one in all_]
    holds, fails, undecided = (verdicts.count(verdict) for verdict in MARKS)
    return (
        f"Of {len(verdicts)} claims, {holds} {'holds' if holds == 1 else 'hold'} here, {fails} "
        f"{'does' if fails == 1 else 'do'} not, and {undecided} cannot be told from this run: "
        f"{why_undecided(undecided, sum(one.estimate is None for one in all_))}"
    )


def why_undecided(undecided: int, untested: int) -> str:
    """``20 were not tested, and the numbers of 4 do not decide.``"""
    were = "was" if untested == 1 else "were"
    return f"{untested} {were} not tested, and the numbers of {undecided - untested} do not decide."


def csv(judged: All) -> str:
    """A row for each claim; ``paper`` is ``objective``, ``exposure`` or ``beyond``, numbers have four decimals."""
    stream = io.StringIO()
    writer = tables.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(theme, one) for theme, each in judged for one in each)
    return stream.getvalue()


def _row(theme: Theme, judged: Judged) -> dict[str, object]:
    claim, found = judged.claim, judged.estimate
    said = {name: getattr(claim, name) for name in ("name", "title", "paper", "place", "statistic", "unit", "bar")}
    told = {name: getattr(judged, name) for name in ("published", "number", "by_run", "by_head", "verdict", "reason")}
    numbers = {
        name: f"{getattr(found, name):.4f}".replace("nan", "") if found else "" for name in ("here", "low", "high")
    }
    return {"theme": theme.title, **said, **told, **numbers, "trainings": found.trainings if found else 0}


def markdown(judged: All) -> str:
    """A table for each theme, in GitHub's Markdown."""
    lines = [f"# {TITLE}", "", summary(judged), "", HOW, "", SCOPE]
    for theme, each in judged:
        lines += ["", f"## {theme.title}", "", row(HEADINGS), row(["---"] * len(HEADINGS)), *map(_line, each)]
    return "\n".join(lines) + "\n"


def _line(judged: Judged) -> str:
    verdict = f"**{judged.verdict}**: {judged.reason}"
    return row([judged.claim.title, judged.published, judged.with_unit, str(judged.claim.bar), verdict])


def html(judged: All) -> str:
    """A self-contained page; every text is escaped."""
    content = [(theme, [_entry(one) for one in each]) for theme, each in judged]
    about = {"title": TITLE, "summary": summary(judged), "how": HOW, "scope": SCOPE}
    return TEMPLATES.get_template("claims.html").render(**about, themes=content) + "\n"


def _entry(judged: Judged) -> dict[str, object]:
    found = judged.estimate
    drawn = found and found.trainings > 1 and found.is_computed and not is_vague(judged.claim, found)
    return {
        "claim": judged.claim,
        "paper": PAPERS[judged.claim.paper],
        "judged": judged,
        "trainings": found.trainings if found else 0,
        "mark": MARKS[judged.verdict],
        "style": STYLES[judged.verdict],
        "chart": chart(judged) if drawn else None,
    }

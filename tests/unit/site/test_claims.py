"""The claims of a run, as its site shows them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oneclass.site.claims import read

COLUMNS = ("theme", "title", "paper", "place", "statistic", "bar", "here", "number", "by_run", "by_head", "verdict")
OPEN = "cannot be told from this run"
ROWS = [
    "Centre,It <b>holds</b>,objective,Table 4,Most.,below 1,0.0123,0.01 (0.0 to 0.2),digits: 0.01,,holds here",
    "Centre,It fails,beyond,,More.,above 0,-3.25,−3.25 (−4.0 to −2.5),,digits: −1.5,does not hold here",
    f"Outliers,Nobody knows,exposure,Figure 2,More.,above 0,,–,,,{OPEN}",
    f"Outliers,One alone,exposure,Figure 2,More.,above 0,0.5,0.5,,,{OPEN}",
]


@pytest.fixture
def claims(results: Path) -> Path:
    path = results / "claims.csv"
    path.write_text(
        "\n".join([",".join((*COLUMNS, "unit,published,reason")), *(f"{row},points,no number,Why." for row in ROWS)])
        + "\n"
    )
    path.with_suffix(".html").write_text("<!doctype html><title>Claims</title>")
    return path


def test_claims_are_read_by_theme_and_counted(claims: Path) -> None:
    found = read(claims, {"objective_table4"})
    assert [(theme, len(each)) for theme, each in found.themes] == [("Centre", 2), ("Outliers", 2)]
    counts = {paper: dict(verdicts) for paper, verdicts in found.counts}
    assert list(counts) == ["Paper 1", "Paper 2", "Beyond the papers"]
    assert counts["Paper 1"] == {"holds here": 1, "does not hold here": 0, OPEN: 0}
    assert counts["Paper 2"][OPEN] == 2 and counts["Beyond the papers"]["does not hold here"] == 1
    assert found.why == "1 was not tested, and the numbers of 1 do not decide."


def test_a_number_has_its_interval_and_unit_where_it_has_them(claims: Path) -> None:
    numbers = [claim.number for _, each in read(claims, {"objective_table4"}).themes for claim in each]
    assert numbers == ["0.01 (0.0 to 0.2) points", "−3.25 (−4.0 to −2.5) points", "–", "0.5 points"]


def test_a_claim_says_where_it_is_made_and_how_it_is_tested(claims: Path) -> None:
    first, second = read(claims, {"objective_table4"}).themes[0][1]
    assert (first.place, second.place) == ('Paper 1, Table <a href="#objective_table4">4</a>', "Beyond the papers")
    assert first.about == "Most. The claim is true if this is below 1."
    assert first.details == {"By data set": "digits: 0.01"}
    assert second.details == {"Heads on frozen features, which do not decide": "digits: −1.5"}
    assert (first.mark, first.style, second.style) == ("✓", "holds", "fails")


def test_the_site_begins_with_the_claims(claims: Path, make: Callable[..., Path]) -> None:
    text = make(claims=claims).read_text()
    assert 'href="claims.html"' in text and "It &lt;b&gt;holds&lt;/b&gt;" in text
    assert text.index("Nobody knows") < text.index('id="section-1.1"')


def test_the_job_that_judged_them_is_among_the_jobs(claims: Path, make: Callable[..., Path]) -> None:
    benchmark = claims.parent / "benchmarks/claims.tsv"
    benchmark.write_text("s\tcpu_time\tmax_rss\n41.5\t40\t300\n")
    jobs = make(claims=claims).with_name("jobs.html").read_text()
    assert '<tr id="claims">' in jobs and '<a href="benchmarks/claims.tsv">41.5</a>' in jobs
    assert "All jobs together took 42 seconds, without the one that writes this page." in jobs


def test_claims_sort_by_the_number_of_this_run(claims: Path, make: Callable[..., Path], browser: Any) -> None:
    """A minus is a sign of its own, U+2212; what has no number comes last."""
    header = claims.read_text().splitlines()[0]
    shown = {
        "ten": "+10.5 (+9.0 to +12.0)",
        "none": "–",
        "deep": "−20.1",
        "minus": "−3.25 (−4.0 to −2.5)",
        "nine": "9.0",
    }
    rows = [
        f"Centre,{title},beyond,,More.,above 0,{'' if number == '–' else 1},{number},,,{OPEN},points,no number,Why."
        for title, number in shown.items()
    ]
    claims.write_text("\n".join([header, *rows]) + "\n")
    browser.open(make(claims=claims).as_uri())
    orders = []
    for _ in range(2):
        browser.js("document.querySelectorAll('.claims thead button')[3].click()")
        orders.append(browser.js("[...document.querySelectorAll('.claims tbody strong')].map(one => one.textContent)"))
    assert orders == [["ten", "nine", "minus", "deep", "none"], ["deep", "minus", "nine", "ten", "none"]]


def test_a_run_without_claims_has_none(make: Callable[..., Path]) -> None:
    site = make()
    assert 'id="claims"' not in site.read_text() + site.with_name("jobs.html").read_text()

"""Every table and figure of both papers, as the run on stand-ins made it: whole, and measured where the papers are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from oneclass import published
from oneclass.catalogue.methods import published_names
from oneclass.evaluate import MEAN
from oneclass.pages.catalogue import PAGES
from oneclass.tables.tidy import SUBJECT

NUMBERS = {
    "table": {"objective": [*"1234", *(f"S{n}" for n in range(1, 7))], "exposure": [str(n) for n in range(1, 20)]},
    "fig": {"objective": [*"1234", *(f"S{n}" for n in range(1, 7))], "exposure": [str(n) for n in range(1, 24)]},
}
TABLES, FIGURES = (
    [(paper, number) for paper, numbers in papers.items() for number in numbers] for papers in NUMBERS.values()
)


@pytest.fixture(scope="module")
def table(results: Path) -> Any:
    """A table's CSV."""

    def read(paper: str, number: str) -> pd.DataFrame:
        path = results / "tables" / f"{paper}_table{number}.csv"
        return pd.read_csv(path, keep_default_na=False, na_values=[""], dtype={"class": str})

    return read


def test_the_papers_have_29_tables_and_33_figures() -> None:
    assert (len(TABLES), len(FIGURES)) == (29, 33)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_made(results: Path, page: Any) -> None:
    suffixes = ("csv", "md", "html") if page.kind == "tables" else ("csv", "svg", "png")
    for suffix in suffixes:
        assert (results / page.kind / f"{page.name}.{suffix}").stat().st_size > 0
    assert len(pd.read_csv(results / page.kind / f"{page.name}.csv"))


def test_every_table_and_figure_of_the_papers_is_a_page() -> None:
    names = {page.name for page in PAGES}
    assert {f"{paper}_table{number}" for paper, number in TABLES} <= names
    assert {f"{paper}_fig{number}" for paper, number in FIGURES} <= names


@pytest.mark.parametrize(("paper", "number"), TABLES)
def test_every_number_that_a_table_prints_is_there(table: Any, paper: str, number: str) -> None:
    printed = published.load(paper).query("table == @number").replace({"method": published_names(paper)})
    shown = table(paper, number).dropna(subset="published")
    assert rows(printed) == rows(shown)


@pytest.mark.parametrize(("paper", "number"), TABLES)
def test_what_a_table_prints_of_a_method_that_is_run_is_measured(
    table: Any, is_run: Any, paper: str, number: str
) -> None:
    shown = table(paper, number).dropna(subset="published")
    ours = shown[shown["method"].isin(published_names(paper).values()) | shown["method"].isna()]
    ours = ours[[is_run(*row) for row in ours[["dataset", "class"]].itertuples(index=False)]]
    assert len(ours)
    assert not rows(ours[ours["mean"].isna()])


@pytest.fixture(scope="module")
def is_run(results: Path) -> Callable[[str, Any], bool]:
    """Whether a class of a data set, or an average, is among those that the override leaves."""
    datasets = yaml.safe_load((results.parent / "config.yaml").read_text())["datasets"]

    def check(dataset: str, class_name: Any) -> bool:
        kept = datasets.get(dataset, {}).get("keep")
        return kept is None or pd.isna(class_name) or class_name in [MEAN, *kept]

    return check


def rows(frame: pd.DataFrame) -> set[tuple[str, ...]]:
    """What each row is of."""
    return set(frame[SUBJECT].fillna("").itertuples(index=False, name=None))

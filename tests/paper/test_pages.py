"""Every table and figure of both papers, as the run on stand-ins made it: whole, and measured where the papers are."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from oneclass import published
from oneclass.catalogue.methods import of_kind, published_names
from oneclass.catalogue.records import Baseline
from oneclass.data.sources import SOURCES
from oneclass.evaluate import MEAN
from oneclass.pages.catalogue import PAGES
from oneclass.tables.objective import PARAMETERS
from oneclass.tables.tidy import SUBJECT

NUMBERS = {
    "table": {"objective": [*"1234", *(f"S{n}" for n in range(1, 7))], "exposure": [str(n) for n in range(1, 20)]},
    "fig": {"objective": [*"1234", *(f"S{n}" for n in range(1, 7))], "exposure": [str(n) for n in range(1, 24)]},
}
TABLES, FIGURES = (
    [(paper, number) for paper, numbers in papers.items() for number in numbers] for papers in NUMBERS.values()
)
OUTLIERS = {"method": ["hsc", "bce"]}
SMALL, LARGE = OUTLIERS | {"dataset": ["cifar10"]}, OUTLIERS | {"dataset": ["imagenet30"]}
CLASSES = {"class": SOURCES["cifar10"].class_names}
SEARCHED = {"class": SOURCES["imagenet30"].class_names[:10]}
NORMS = {"center_norm": [1, 2, 4, 8, 16, 32]}
SHOWN: dict[
    str, dict[str, Sequence[Any]]
] = {  # of figures that are drawn from numbers: what the papers' show, by column
    "objective_fig2": NORMS | {"dataset": ["cifar10", "mvtec_ad"]},
    "objective_fig3": NORMS | {"dataset": ["cifar10", "mvtec_ad"]},
    "objective_fig4": NORMS | {"dataset": ["cifar10", "mvtec_ad"]},
    "objective_figS4": {"dataset": ["cifar10", "mvtec_ad"], "center_norm": [1, 8, 32]},
    "objective_figS5": NORMS | {"class": [*SOURCES["cifar10"].class_names, *SOURCES["mvtec_ad"].class_names]},
    "objective_figS6": {"center": ["gaussian", "uniform", "ones", "mean_feature"]},
    "exposure_fig2": OUTLIERS | {"dataset": ["cifar10", "imagenet30"]},
    "exposure_fig3": OUTLIERS | {"dataset": ["cifar10_leave_one_out", "imagenet30_leave_one_out"]},
    "exposure_fig4": OUTLIERS | {"dataset": ["mvtec_ad"]},
    "exposure_fig5": OUTLIERS | {"dataset": ["cifar10", "imagenet30"]},
    "exposure_fig6": SMALL,
    "exposure_fig7": OUTLIERS | {"dataset": ["cifar10", "imagenet30"], "filter": ["lpf", "hpf"]},
    "exposure_fig8": SMALL | {"magnitude": [0, 1, 2, 4, 8, 12, 14, 15]},
    "exposure_fig9": SMALL | {"magnitude": [0, 1, 2, 4, 8, 12, 14, 15]},
    "exposure_fig10": LARGE | {"magnitude": [0, 28, 56, 84, 98, 110]},
    "exposure_fig11": LARGE | {"magnitude": [0, 28, 56, 84, 98, 110]},
    "exposure_fig12": OUTLIERS | {"dataset": ["cifar10", "imagenet30"]},
    "exposure_fig13": {"dataset": ["cifar10", "imagenet30"], "gamma": [0, 0.5, 1, 2, 5]},
    "exposure_fig14": LARGE | {"class": SEARCHED["class"][:5]},
    "exposure_fig15": LARGE | {"class": SEARCHED["class"][5:]},
    "exposure_fig16": SMALL | CLASSES,
    "exposure_fig17": SMALL | CLASSES,
    **{f"exposure_fig{number}": SMALL | CLASSES for number in (18, 19, 20)},
    **{f"exposure_fig{number}": LARGE | SEARCHED for number in (21, 22, 23)},
}


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
    ours = ours[[is_run(*row) for row in ours[["dataset", "class", "method"]].itertuples(index=False)]]
    ours = ours[(ours["metric"] != PARAMETERS) | ~ours["method"].isin(of_kind(Baseline))]  # which Table 1 says
    assert len(ours)
    assert not rows(ours[ours["mean"].isna()])


@pytest.mark.parametrize("name", SHOWN)
def test_a_figure_has_every_line_that_the_papers_draw(results: Path, name: str) -> None:
    drawn = pd.read_csv(results / "figures" / f"{name}.csv")
    missing = {column: set(values) - set(drawn[column]) for column, values in SHOWN[name].items()}
    assert not any(missing.values()), missing


@pytest.fixture(scope="module")
def is_run(results: Path) -> Callable[[str, Any, Any], bool]:
    """Whether the run has a class of a data set, or an average, by a method: the override cuts classes, and not every
    data set of paper 1 is one on which networks are fine-tuned."""
    config = yaml.safe_load((results.parent / "config.yaml").read_text())

    def check(dataset: str, class_name: Any, method: Any) -> bool:
        kept = config["datasets"].get(dataset, {}).get("keep")
        tuned = method not in ("panda", "mean_shifted") or dataset in config["transfer"]["datasets"]
        return tuned and (kept is None or pd.isna(class_name) or class_name in [MEAN, *kept])

    return check


def rows(frame: pd.DataFrame) -> set[tuple[str, ...]]:
    """What each row is of."""
    return set(frame[SUBJECT].fillna("").itertuples(index=False, name=None))

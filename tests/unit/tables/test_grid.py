"""Tables as readers see them: groups, merged cells, what was measured."""

import pandas as pd
import pytest

from oneclass.tables.cells import DASH, Best
from oneclass.tables.grid import Grid, Line, grid


def wide(names: list[str], rows: dict[tuple[str, ...], list[str]], columns: list[str]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(list(rows), names=names)
    return pd.DataFrame(list(rows.values()), index=index, columns=columns, dtype=object)


def shape(shown: Grid) -> list[tuple[str, list[tuple[str, ...]]]]:
    """The groups: their titles and the labels of their rows."""
    return [(group.title, [tuple(row.labels) for row in group.rows]) for group in shown.groups]


@pytest.fixture
def across() -> Grid:
    """Methods across, with a source each."""
    columns = ["kNN (here)", "MS (here)", "MS (published)", "MS difference", "IGD (published)"]
    rows = {("ELPV",): ["90.2", Best("91.0"), DASH, DASH, DASH], ("CIFAR10",): [DASH, "96.0", "97.2", "-1.2", "91.3"]}
    return grid(wide(["Data set"], rows, columns))


def test_numbers_of_one_column_share_a_cell_whatever_their_source(across: Grid) -> None:
    [elpv, cifar10] = across.groups[0].rows
    assert [column.heading for column in across.columns] == ["kNN", "MS", "IGD"]
    assert elpv.cells == [[Line("here", "90.2", False)], [Line("here", "91.0", True)], []]
    assert [(line.source, line.text) for line in cifar10.cells[1]] == [
        ("here", "96.0"),
        ("published", "97.2"),
        ("difference", "-1.2"),
    ]


def test_what_has_no_number_of_this_run_is_told(across: Grid) -> None:
    assert [column.measured for column in across.columns] == [True, True, False]
    assert [row.measured for row in across.groups[0].rows] == [True, True]


def test_sources_down_share_a_cell_too() -> None:
    rows = {("kNN", "here"): ["80.0", "90.0"], ("kNN", "published"): [DASH, "91.0"], ("IGD", "published"): ["3", "4"]}
    shown = grid(wide(["Method", "Value"], rows, ["norm 1", "norm 8"]))
    assert shown.labels == ["Method"] and shape(shown) == [("", [("kNN",), ("IGD",)])]
    assert [line.source for line in shown.groups[0].rows[0].cells[1]] == ["here", "published"]
    assert [row.measured for row in shown.groups[0].rows] == [True, False]


def test_evolution_is_of_this_run() -> None:
    shown = grid(wide(["Outlier"], {("Best",): ["84.4", "87.5"]}, ["HSC (here)", "HSC (evolution, here)"]))
    [row] = shown.groups[0].rows
    assert [line.source for line in row.cells[0]] == ["here", "evolution"] and shown.columns[0].measured


def test_rows_of_one_run_and_metric_are_a_group() -> None:
    rows = {(metric, "x", name): ["1"] for metric in ("Image", "Pixel") for name in ("kNN", "MS")}
    shown = grid(wide(["Metric", "Data set", "Method"], rows, ["norm 1"]))
    assert shown.labels == ["Method"] and shown.width == 2
    assert shape(shown) == [("Image · x", [("kNN",), ("MS",)]), ("Pixel · x", [("kNN",), ("MS",)])]


@pytest.mark.parametrize("names", [["Data set", "Network"], ["Data set", "Category"], ["Centre", "Method"]])
def test_rows_are_not_grouped_where_that_would_tell_nothing(names: list[str]) -> None:
    """All labels are of runs; each group would have a row; no label is of a run."""
    shown = grid(wide(names, {("x", "1"): ["1"], ("y", "2"): ["2"]}, ["here"]))
    assert shown.labels == names and shape(shown) == [("", [("x", "1"), ("y", "2")])]


def test_a_label_that_is_missing_is_left_out_of_a_group_s_title() -> None:
    rows = {("x", DASH, "0"): ["1"], ("x", DASH, "1"): ["2"]}
    assert shape(grid(wide(["Data set", "Outliers", "Category"], rows, ["HSC"])))[0][0] == "x"


def test_what_was_done_with_images_makes_a_group() -> None:
    rows = {("x", images, name): ["1"] for images in ("low-pass 2", "high-pass 2") for name in ("0", "Average")}
    titles = [title for title, _ in shape(grid(wide(["Data set", "Images", "Category"], rows, ["HSC"])))]
    assert titles == ["x · low-pass 2", "x · high-pass 2"]


def test_a_plain_frame_holds_numbers_of_this_run() -> None:
    shown = grid(pd.DataFrame({"Mean": [1.5]}, index=pd.Index(["x"], name="dataset")))
    assert shown.groups[0].rows[0].cells == [[Line("here", "1.5", False)]]


def test_an_empty_table_has_no_rows() -> None:
    assert list(grid(wide(["Data set", "Category"], {}, []).iloc[:0]).lines()) == []

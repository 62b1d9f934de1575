"""Numbers as text, and their places in a table."""

import pandas as pd
import pytest

from oneclass.tables.cells import DASH, SOURCES, cell, format_cells, pivot, printed, signed

NAN = float("nan")


def test_measured_numbers() -> None:
    assert cell(95.42, 0.18) == "95.4 ± 0.2"
    assert cell(95.42) == "95.4"
    assert cell(95.425, 0.0, 2) == "95.42 ± 0.00"
    assert cell(NAN, 0.1) == DASH


def test_published_numbers_keep_their_digits() -> None:
    assert [printed(value) for value in (99.0, 78.49, NAN)] == ["99.0", "78.49", DASH]
    assert printed(99.0, 2) == "99.00"
    assert printed(60000.0, 0) == "60000"


def test_differences_have_a_sign() -> None:
    assert [signed(value) for value in (0.5, -0.5, -0.04, NAN)] == ["+0.5", "-0.5", "+0.0", DASH]


def tidy() -> pd.DataFrame:
    columns = ["dataset", "method", "center_norm", "mean", "std", "published", "difference"]
    rows = [
        ("elpv", "knn", 8.0, 70.0, NAN, NAN, NAN),
        ("elpv", "projector", 8.0, 80.0, 1.0, NAN, NAN),
        ("cifar10", "projector", 8.0, 90.0, 1.0, 91.0, -1.0),
        ("cifar10", "projector", 1.0, 95.0, 1.0, NAN, NAN),
    ]
    return pd.DataFrame(rows, columns=columns)


def test_pivot_puts_every_number_in_its_place() -> None:
    order = {"method": ["projector", "knn"], "source": SOURCES}
    wide = pivot(format_cells(tidy()[tidy()["center_norm"] == 8]), ["dataset"], ["method", "source"], order)
    assert wide.columns.tolist() == [
        *(f"Projector (Adam) {source}" for source in ("(here)", "(published)", "difference")),
        "kNN (here)",
    ]
    assert wide.index.names == ["Data set"] and wide.index.get_level_values(0).tolist() == ["ELPV", "CIFAR10"]
    assert wide.to_numpy().tolist() == [["80.0 ± 1.0", DASH, DASH, "70.0"], ["90.0 ± 1.0", "91.0", "-1.0", DASH]]


def test_pivot_with_sources_down_and_norms_across() -> None:
    long = format_cells(tidy()[tidy()["dataset"] == "cifar10"])
    wide = pivot(long, ["method", "source"], ["center_norm"], {"center_norm": [1.0, 8.0], "source": SOURCES})
    assert wide.columns.tolist() == ["norm 1", "norm 8"]
    assert wide.index.tolist() == [("Projector (Adam)", source) for source in ("here", "published", "difference")]
    assert wide.to_numpy().tolist() == [["95.0 ± 1.0", "90.0 ± 1.0"], [DASH, "91.0"], [DASH, "-1.0"]]


def test_a_cell_holds_one_number() -> None:
    with pytest.raises(ValueError, match="two numbers for one cell"):
        pivot(format_cells(tidy()), ["dataset"], ["method", "source"])


def test_nothing_measured_is_an_empty_table() -> None:
    assert pivot(format_cells(tidy().iloc[:0]), ["dataset"], ["method", "source"]).empty

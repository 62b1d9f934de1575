"""Numbers as text, and their places in a table."""

import pandas as pd
import pytest

from oneclass.tables.cells import DASH, SOURCES, Best, apart, cell, format_cells, pivot, printed, signed

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


def best(rows: pd.DataFrame, down: list[str], across: list[str]) -> set[str]:
    wide = pivot(format_cells(rows), down, across)
    return {str(text) for text in wide.to_numpy().ravel() if isinstance(text, Best)}


def compared() -> pd.DataFrame:
    """Two data sets by three methods, with published numbers of one."""
    columns = ["dataset", "method", "metric", "mean", "std", "published", "difference"]
    rows = [
        ("elpv", "projector", "image_auroc", 89.04, 1.0, NAN, NAN),
        ("elpv", "knn", "image_auroc", 88.96, NAN, NAN, NAN),
        ("elpv", "ocsvm", "image_auroc", 76.0, NAN, NAN, NAN),
        ("cifar10", "projector", "image_auroc", 93.0, NAN, 93.9, -0.9),
        ("cifar10", "knn", "image_auroc", 92.0, NAN, 97.2, -5.2),
    ]
    return pd.DataFrame(rows, columns=columns)


def test_the_best_of_a_data_set_is_marked_as_printed_measured_and_published_apart() -> None:
    """89.04 and 88.96 are both 89.0 in print."""
    assert best(compared(), ["dataset"], ["method", "source"]) == {"89.0 ± 1.0", "89.0", "93.0", "97.2"}
    assert best(compared(), ["dataset", "method", "source"], ["metric"]) == {"89.0 ± 1.0", "89.0", "93.0", "97.2"}


def test_a_number_without_rivals_is_not_the_best() -> None:
    assert best(compared().iloc[[0, 3]], ["dataset"], ["method", "source"]) == set()


def test_of_what_is_not_better_for_being_more_none_is_the_best() -> None:
    assert best(compared().assign(metric="cosine"), ["dataset"], ["method", "source"]) == set()


def test_with_the_worst_outlier_no_method_is_the_best() -> None:
    rows = pd.concat([compared().assign(outlier=end) for end in ("best", "worst")])
    rows.loc[rows["outlier"] == "worst", "mean"] -= 50
    assert best(rows, ["dataset", "outlier"], ["method", "source"]) == {"89.0 ± 1.0", "89.0", "93.0", "97.2"}


@pytest.mark.parametrize(
    ("classes", "other", "expected"),
    [
        (["mono"], "mean", ["mono"]),  # its average says the same
        (["mono", "poly"], "mean", ["mono", "poly", "Average"]),
        (["mono"], "published average", ["mono", "Average"]),
        ([], "mean", ["Average"]),
    ],
)
def test_an_average_that_repeats_its_one_class_is_left_out(classes: list[str], other: str, expected: list[str]) -> None:
    rows = pd.DataFrame({"dataset": "elpv", "class": [*classes, "mean"], "method": "knn", "mean": 90.0})
    rows = rows.assign(std=NAN, difference=NAN, published=NAN)
    if other != "mean":
        rows.loc[rows["class"] == "mean", "published"] = 91.0
    wide = pivot(format_cells(rows), ["dataset", "class"], ["method", "source"])
    assert list(wide.index.get_level_values(1)) == expected


def test_a_miniature_that_saw_the_anomalous_classes_does_not_compete() -> None:
    rows = compared().replace({"method": {"projector": "mini_clip"}})
    assert best(rows, ["dataset"], ["method", "source"]) == {"89.0"}


def test_a_heading_is_what_it_names_and_a_source() -> None:
    assert apart("MS (published)") == ("MS", "published")
    assert apart("HSC (evolution, here)") == ("HSC", "evolution")
    assert apart("CIFAR10 difference") == ("CIFAR10", "difference")
    assert apart("norm 8") == ("norm 8", "")

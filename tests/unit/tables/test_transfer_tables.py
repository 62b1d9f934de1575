"""Paper 2's tables on transfer learning and CLIP from a small synthetic summary: every cell known beforehand."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from oneclass import published
from oneclass.evaluate import MEAN, summarise
from oneclass.tables import notes, transfer
from oneclass.tables.cells import DASH
from oneclass.tables.render import Table
from oneclass.tables.tidy import to_csv

Texts = Callable[[Table], dict[tuple[str, ...], dict[str, str]]]
Of = Callable[[dict[str, str], str], list[str]]
Conform = Callable[..., pd.DataFrame]
NAN, ALL = float("nan"), float("inf")
NUMBERS = ["2", "10", "11", "12"]
SETUP = ["mnist5k: 5 epochs, 2 seeds."]
ZERO_SHOT = {"clip": 96.0, "clip_float16": 95.0}
MINIATURE = {**ZERO_SHOT, "clip_shuffled": 50.0}
TUNED = {"knn": 90.0, "panda": 91.0, "panda_ewc": 92.0, "mean_shifted": 93.0}


def run(
    dataset: str, task: str, backbone: str, classes: list[str], methods: dict[str, float], pool: str | None = None
) -> pd.DataFrame:
    """A summary without intervals: classes a point apart and two repetitions 0.2 apart."""
    fixed = {"dataset": dataset, "task": task, "backbone": backbone, "pool": pool, "filter": "none"}
    fixed |= {"network": "finetuned" if backbone == "lite0" else "clip", "metric": "image_auroc", "augmented": "no"}
    return summarise(
        pd.DataFrame(
            [
                {**fixed, "class": name, "method": method, "outlier_class_count": NAN, "magnitude": 0}
                | {"outlier_count": ALL if pool else 0.0, "repetition": k, "value": value + place + 0.2 * k}
                for method, value in methods.items()
                for place, name in enumerate(classes)
                for k in (0, 1)
            ]
        )
    )


@pytest.fixture(scope="module")
def summary(conform: Conform) -> pd.DataFrame:
    digits, small, large = ["0", "1"], ["airplane", "cat"], ["acorn", "volcano"]
    runs = pd.concat(
        [
            run("mnist5k", "one_vs_rest", "mini_clip", digits, MINIATURE),
            run("mnist5k", "one_vs_rest", "mini_clip", digits, {"bce_cl": 97.0}, "photos"),
            run("mnist5k_leave_one_out", "leave_one_out", "mini_clip", digits, MINIATURE),
            run("cifar10", "one_vs_rest", "vit_b_32", small, ZERO_SHOT),
            run("cifar10", "one_vs_rest", "vit_b_32", small, {"bce_cl": 97.0}, "tiny_imagenet"),
            run("imagenet30", "one_vs_rest", "vit_b_32", large, ZERO_SHOT),
            run("mnist5k", "one_vs_rest", "lite0", digits, TUNED),
            run("mnist5k", "one_vs_rest", "lite0", digits, {"panda_oe": 94.0}, "photos"),
            run("cifar10", "one_vs_rest", "lite0", small, {"panda": 91.0}),
            run("elpv", "defect", "lite0", ["mono"], TUNED),
        ],
        ignore_index=True,
    )
    return conform(runs)


@pytest.fixture(scope="module")
def paper() -> pd.DataFrame:
    return published.load("exposure")


def shown(number: str, summary: pd.DataFrame) -> pd.DataFrame:
    """The rows that a table is given: of every task in Table 2, else of one-vs-rest."""
    return summary[(summary["task"] == "one_vs_rest") | (number == "2")]


def told(number: str) -> tuple[str, dict[str, Any]]:
    """The function that makes a table, and its settings."""
    function = "methods" if number == "2" else "classes"
    return function, {"setup": SETUP, **({"deviations_in": "11"} if number == "10" else {})}


def make(number: str, summary: pd.DataFrame, paper: pd.DataFrame) -> Table:
    function, settings = told(number)
    table: Table = getattr(transfer, function)(shown(number, summary), paper, number, **settings)
    return table


def test_table2(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts, of: Of) -> None:
    cell = texts(make("2", summary, paper))
    rows = {key[0]: values for key, values in cell.items()}
    assert list(cell) == [
        ("MNIST (5,000)", "one vs rest", "photo crops"),
        ("MNIST (5,000), leave one out", "leave one out", DASH),
        ("CIFAR10", "one vs rest", "Tiny ImageNet"),
        ("ImageNet-30", "one vs rest", DASH),
        ("ELPV", "defects", DASH),
    ]
    assert of(rows["CIFAR10"], "CLIP") == ["96.6 ± 0.1", "98.5", "-1.9"]
    assert of(rows["CIFAR10"], "BCE-CL") == ["97.6 ± 0.1", "99.6", "-2.0"]
    assert of(rows["CIFAR10"], "PANDA") == ["91.6 ± 0.1", "", ""]  # that of the literature is another set-up
    assert [rows["CIFAR10"][f"{name} (published)"] for name in ("DN2*", "PANDA*", "PANDA* (OE)", "ADIP*")] == [
        *("92.5", "96.2", "98.9", "99.1")
    ]
    assert of(rows["ImageNet-30"], "CLIP") == ["96.6 ± 0.1", "99.88", "-3.3"]
    digits = rows["MNIST (5,000)"]
    assert of(digits, "Miniature CLIP") == ["96.6 ± 0.1", "", ""] and of(digits, "CLIP") == [DASH] * 3
    assert digits["Miniature CLIP, shuffled captions (here)"] == "50.6 ± 0.1"
    assert digits["Miniature BCE-CL (here)"] == "97.6 ± 0.1" and digits["PANDA (OE) (here)"] == "94.6 ± 0.1"
    assert rows["ELPV"]["MS (here)"] == "93.1 ± 0.1"


def test_columns_are_in_the_papers_order(summary: pd.DataFrame, paper: pd.DataFrame) -> None:
    columns = list(dict.fromkeys(name for name in make("2", summary, paper).wide.columns))
    assert [name.removesuffix(" (published)") for name in columns if name.endswith("(published)")] == [
        *("DN2*", "PANDA*", "CLIP", "PANDA* (OE)", "ADIP*", "BCE-CL")
    ]


def test_the_task_is_part_of_the_match(summary: pd.DataFrame, paper: pd.DataFrame) -> None:
    """A data set may be called as in the paper and have another task."""
    table = make("2", summary[summary["dataset"] == "cifar10"].assign(task="leave_one_out"), paper)
    measured = table.tidy[table.tidy["mean"].notna()]
    assert len(measured) and measured["published"].isna().all()


def test_every_published_number_is_there_once(summary: pd.DataFrame, paper: pd.DataFrame) -> None:
    everywhere = summary.assign(backbone=summary["backbone"].replace("vit_b_32", "mini_clip"))
    for number in NUMBERS:
        for given in (summary, everywhere):
            found = make(number, given, paper).tidy["published"].dropna()
            assert sorted(found) == sorted(paper[paper["table"] == number]["value"]), number


@pytest.mark.parametrize("number", NUMBERS)
def test_no_published_number_stands_beside_a_miniature(summary: pd.DataFrame, paper: pd.DataFrame, number: str) -> None:
    miniature = summary.assign(backbone=summary["backbone"].replace("vit_b_32", "mini_clip"))
    for given, compared in ((summary, True), (miniature, False)):
        tidy = make(number, given, paper).tidy
        assert tidy["difference"].notna().any() == compared
        assert tidy.loc[tidy["method"].str.startswith("mini_"), "published"].isna().all()


def test_table10_has_means_alone_and_table11_deviations(
    summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts, of: Of
) -> None:
    means, both = (texts(make(number, summary, paper)) for number in ("10", "11"))
    cat, average = (("CIFAR10", "Tiny ImageNet", name) for name in ("cat", "Average"))
    assert of(means[cat], "CLIP") == ["97.1", "97.0", "+0.1"]
    assert of(both[cat], "CLIP") == ["97.10 ± 0.14", "96.99 ± 0.00", "+0.11"]
    assert of(both[cat], "BCE-CL") == ["98.10 ± 0.14", "98.86 ± 0.04", "-0.76"]
    assert of(both[average], "BCE-CL") == ["97.60 ± 0.14", "99.61", "-2.01"]  # 0.34 is a spread over classes
    assert means[cat]["ADIP* (published)"] == "97.0" and means[cat]["PANDA* (published)"] == DASH
    assert means[average]["PANDA* (published)"] == "96.2" and "ADIP* (published)" not in both[cat]
    assert not any("±" in text for row in means.values() for text in row.values())
    assert both["MNIST (5,000)", "photo crops", "1"]["PANDA (EWC) (here)"] == "93.10 ± 0.14"


def test_table12(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts, of: Of) -> None:
    cell = texts(make("12", summary[summary["dataset"] == "imagenet30"], paper))
    assert len(cell) == 31 and [key[-1] for key in cell][-1] == "Average"
    assert of(cell["ImageNet-30", "volcano"], "CLIP")[0] == "97.10 ± 0.14"
    assert of(cell["ImageNet-30", "acorn"], "CLIP") == ["96.10 ± 0.14", "99.78 ± 0.00", "-3.68"]
    assert cell["ImageNet-30", "Average"]["BCE-CL (published)"] == "99.90"


@pytest.mark.parametrize("number", ["10", "11", "12"])
def test_every_run_that_is_given_is_shown_by_class(summary: pd.DataFrame, paper: pd.DataFrame, number: str) -> None:
    tidy = make(number, summary, paper).tidy
    measured = tidy[tidy["mean"].notna()]
    assert set(measured["task"]) == {"one_vs_rest"}
    assert len(measured) == (summary["task"] == "one_vs_rest").sum()


@pytest.mark.parametrize("number", NUMBERS)
def test_notes_say_what_was_run(summary: pd.DataFrame, paper: pd.DataFrame, number: str) -> None:
    said = make(number, summary, paper).notes
    assert {notes.OUTLIERS, notes.SET_UP, notes.SMALL_CLIP, notes.TIES, notes.CONTROL, *SETUP} <= set(said)
    assert any("weights of lite0" in note for note in said)
    real = summary[(summary["backbone"] == "vit_b_32") & (summary["method"] == "clip")]
    few = make(number, real, paper).notes
    assert not {notes.SMALL_CLIP, notes.TIES, notes.CONTROL} & set(few) and not any("lite0" in note for note in few)


@pytest.mark.parametrize("number", NUMBERS)
def test_tables_are_the_same_from_files(
    summary: pd.DataFrame, paper: pd.DataFrame, number: str, require_same_from_files: Callable[..., None]
) -> None:
    function, settings = told(number)
    rows = {"summary": shown(number, summary)}
    require_same_from_files(
        make(number, summary, paper), f"tables.transfer:{function}", "exposure", number, rows, **settings
    )


def test_csv_tells_the_miniature_from_clip(summary: pd.DataFrame, paper: pd.DataFrame) -> None:
    lines = to_csv(make("2", summary, paper).tidy).splitlines()
    averages = [line for line in lines if f",{MEAN},mini_clip," in line]
    assert len(averages) == 2 and all("96.6000,0.1414,2,,,,," in line and ",mini_clip," in line for line in averages)
    assert [line.split(",")[0] for line in lines if f",{MEAN},clip," in line] == ["cifar10", "imagenet30"]

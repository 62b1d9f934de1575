"""Paper 2's tables from a small synthetic summary: every cell known beforehand."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from oneclass import published
from oneclass.evaluate import MEAN, summarise
from oneclass.tables import exposure, notes
from oneclass.tables.cells import DASH
from oneclass.tables.render import Table, html
from oneclass.tables.tidy import COLUMNS, to_csv

Texts = Callable[[Table], dict[tuple[str, ...], dict[str, str]]]
Of = Callable[[dict[str, str], str], list[str]]
Conform = Frame = Callable[..., pd.DataFrame]
NAN, ALL = float("nan"), float("inf")
SMALL, LARGE = ["lenet"], ["head", "cbam_resnet18"]
SHOWN: dict[str, tuple[str, list[str], dict[str, str]]] = {  # a table's task, networks and settings
    "1": ("one_vs_rest", SMALL + LARGE, {}),
    "6": ("one_vs_rest", SMALL + LARGE, {}),
    "7": ("one_vs_rest", SMALL, {"deviations_in": "8"}),
    "8": ("one_vs_rest", SMALL, {}),
    "9": ("one_vs_rest", LARGE, {}),
    "13": ("leave_one_out", [*LARGE, "clip"], {}),
    "14": ("leave_one_out", [*SMALL, "clip"], {}),
    "15": ("defect", [*SMALL, *LARGE, "clip"], {}),
}
NUMBERS = list(SHOWN)
SETUP = ["Width 0.25, 5 epochs, batches of 64, 2 seeds."]
VALUES = {"dsvdd": 60.0, "hsc": 90.0, "dsad": 88.0, "bce": 91.0, "focal": 92.0}


def run(dataset: str, task: str, network: str, classes: list[str], pool: str = "photos", **variant: object) -> list:
    """Every method, with classes a point apart and two repetitions 0.2 apart."""
    fixed = {"dataset": dataset, "task": task, "network": network, "pool": pool, "metric": "image_auroc"}
    fixed |= {"backbone": "lite0" if network == "head" else None, "filter": "none", "magnitude": 0, "augmented": "yes"}
    return [
        {
            **fixed,
            **{"class": name, "method": method, "radial": "pseudo_huber" if method == "hsc" else None},
            **{"gamma": 2.0 if method == "focal" else NAN, "outlier_count": 0.0 if method == "dsvdd" else ALL},
            **{"outlier_class_count": NAN, "repetition": k, "value": value + place + 0.2 * k},
            **variant,
        }
        for method, value in VALUES.items()
        for place, name in enumerate(classes)
        for k in (0, 1)
    ]


@pytest.fixture(scope="module")
def frame(conform: Conform) -> Frame:
    """The summary of several runs, without intervals."""

    def summary_of(*runs: list) -> pd.DataFrame:
        return conform(pd.concat([summarise(pd.DataFrame(rows)) for rows in runs], ignore_index=True))

    return summary_of


@pytest.fixture(scope="module")
def summary(frame: Frame) -> pd.DataFrame:
    small, large = ["airplane", "cat"], ["acorn", "volcano"]
    return frame(
        run("mnist5k", "one_vs_rest", "lenet", ["0", "1"]),
        run("mnist5k", "one_vs_rest", "head", ["0", "1"]),
        run("cifar10", "one_vs_rest", "lenet", small, "tiny_imagenet"),
        run("cifar10", "one_vs_rest", "head", small),
        run("imagenet30", "one_vs_rest", "cbam_resnet18", large),
        run("cifar10_leave_one_out", "leave_one_out", "lenet", small),
        run("imagenet30_leave_one_out", "leave_one_out", "head", large),
        run("elpv", "defect", "lenet", ["mono"]),
        run("mvtec_ad", "defect", "cbam_resnet18", ["bottle"]),
        run("mvtec_ad", "defect", "head", ["bottle"]),
    )


@pytest.fixture(scope="module")
def paper() -> pd.DataFrame:
    return published.load("exposure")


def shown(number: str, summary: pd.DataFrame) -> pd.DataFrame:
    """The rows that a table is given."""
    task, networks, _ = SHOWN[number]
    return summary[(summary["task"] == task) & summary["network"].isin(networks)]


def told(number: str) -> tuple[str, dict[str, Any]]:
    """The function that makes a table, and its settings."""
    task, _, settings = SHOWN[number]
    if number in ("1", "6"):
        return {"1": "methods", "6": "radial_functions"}[number], {"setup": SETUP}
    return "classes", {"setup": SETUP, "task": task, **settings}


def make(number: str, summary: pd.DataFrame, paper: pd.DataFrame) -> Table:
    function, settings = told(number)
    table: Table = getattr(exposure, function)(shown(number, summary), paper, number, **settings)
    return table


def test_table1(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts, of: Of) -> None:
    table = make("1", summary, paper)
    cell = texts(table)
    small, head, large = "LeNet (32 px)", "head on frozen features", "CBAM ResNet-18 (224 px)"
    assert list(cell) == [
        *(("MNIST (5,000)", small, "photo crops"), ("MNIST (5,000)", head, "photo crops")),
        *(("CIFAR10", small, "Tiny ImageNet"), ("CIFAR10", head, "photo crops")),
        ("ImageNet-30", large, "photo crops"),
    ]
    assert list(table.wide.columns)[:5] == [
        *("DSVDD* (published)", "Deep SVDD (here)", "GT+* (published)", "CSI* (published)", "GT+* (OE) (published)")
    ]
    cifar = cell["CIFAR10", small, "Tiny ImageNet"]
    assert of(cifar, "HSC") == ["90.6 ± 0.1", "95.9", "-5.3"]
    assert of(cifar, "Deep SAD") == ["88.6 ± 0.1", "94.5", "-5.9"]
    assert (cifar["DSVDD* (published)"], cifar["Deep SVDD (here)"]) == ("64.8", "60.6 ± 0.1")
    assert (cifar["CSI* (published)"], cifar["Focal* (published)"]) == ("94.3", "87.3")
    assert of(cell["ImageNet-30", large, "photo crops"], "BCE") == ["91.6 ± 0.1", "97.7", "-6.1"]
    assert of(cell["MNIST (5,000)", small, "photo crops"], "BCE") == ["91.6 ± 0.1", DASH, DASH]


@pytest.mark.parametrize(
    ("number", "dataset"), [("1", "cifar10"), ("9", "cifar10"), ("13", "imagenet30_leave_one_out"), ("15", "mvtec_ad")]
)
def test_a_head_is_another_method_than_the_papers(
    summary: pd.DataFrame, paper: pd.DataFrame, number: str, dataset: str
) -> None:
    tidy = make(number, summary, paper).tidy
    heads = tidy[tidy["network"] == "head"]
    assert dataset in set(heads["dataset"]) and heads["mean"].notna().all()
    assert heads[["published", "difference"]].isna().all(axis=None)


def test_every_published_number_is_there_once(summary: pd.DataFrame, paper: pd.DataFrame) -> None:
    for number in NUMBERS:
        tidy = make(number, summary, paper).tidy
        found, printed = tidy["published"].dropna(), paper[paper["table"] == number]["value"]
        assert sorted(found) == sorted(printed), number


@pytest.mark.parametrize("number", [number for number in NUMBERS if number != "6"])
def test_every_run_that_is_given_is_shown(summary: pd.DataFrame, paper: pd.DataFrame, number: str) -> None:
    tidy = make(number, summary, paper).tidy
    run = ["task", "dataset", "network", "pool", "class", "method"]
    measured, given = (rows.set_index(run)["mean"] for rows in (tidy[tidy["mean"].notna()], shown(number, summary)))
    assert len(measured) > 0
    pd.testing.assert_series_equal(measured, given, check_dtype=False, check_index_type=False)


def test_table7_has_means_alone_and_table8_deviations(
    summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts, of: Of
) -> None:
    means, both = (make(number, summary, paper) for number in ("7", "8"))
    cat = ("CIFAR10", "LeNet (32 px)", "Tiny ImageNet", "cat")
    average = (*cat[:3], "Average")
    assert of(texts(means)[cat], "HSC") == ["91.1", "89.8", "+1.3"]
    assert of(texts(both)[cat], "HSC") == ["91.1 ± 0.1", "89.8 ± 0.27", "+1.3"]
    assert texts(means)[cat]["SVDD* (published)"] == "50.1" and "SVDD* (published)" not in both.wide
    assert not any("±" in text for row in means.wide.to_numpy() for text in row)
    assert of(texts(both)[average], "HSC") == ["90.6 ± 0.1", "95.9", "-5.3"]  # 2.68 is a spread over classes


def test_deviations_over_classes_are_left_out(summary: pd.DataFrame, paper: pd.DataFrame) -> None:
    for number in ("8", "9", "13", "14", "15"):
        table = make(number, summary, paper)
        averages = table.tidy["class"] == MEAN
        known = table.tidy["published"].notna()
        assert table.tidy.loc[averages & known, "published_std"].isna().all() and (averages & known).any()
        assert table.tidy.loc[~averages & known, "published_std"].notna().all()
        assert notes.DEVIATIONS in table.notes


def test_table14_has_deep_svdd_and_clip(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts, of: Of) -> None:
    table = make("14", summary, paper)
    cell = texts(table)["CIFAR10, leave one out", "LeNet (32 px)", "photo crops", "airplane"]
    assert of(cell, "Deep SVDD")[::2] == ["60.1 ± 0.1", "-2.2"] and cell["Deep SVDD (published)"].startswith("62.3 ± ")
    assert of(cell, "CLIP") == ["", "96.2 ± 0.00", ""]
    clip = table.tidy[table.tidy["method"] == "clip"]
    assert (clip["network"] == "clip").all() and exposure.OTHER_NETWORKS in table.notes


def clip_run(
    dataset: str, task: str, backbone: str, classes: list[str], methods: dict[str, float], pool: str | None = None
) -> list:
    fixed = {"dataset": dataset, "task": task, "network": "clip", "backbone": backbone, "pool": pool, "radial": None}
    fixed |= {"metric": "image_auroc", "filter": "none", "magnitude": 0, "augmented": "no"}
    return [
        {**fixed, "class": name, "method": method, "gamma": NAN, "outlier_class_count": NAN}
        | {"outlier_count": ALL if pool else 0.0, "repetition": k, "value": value + place + 0.2 * k}
        for method, value in methods.items()
        for place, name in enumerate(classes)
        for k in (0, 1)
    ]


ZERO_SHOT = {"clip": 70.0, "clip_float16": 69.0}


@pytest.mark.parametrize(
    ("number", "dataset", "task", "run_of", "classes"),
    [
        ("13", "imagenet30_leave_one_out", "leave_one_out", "CBAM ResNet-18 (224 px)", ["acorn", "volcano"]),
        ("14", "cifar10_leave_one_out", "leave_one_out", "LeNet (32 px)", ["airplane", "cat"]),
        ("15", "mvtec_ad", "defect", "CBAM ResNet-18 (224 px)", ["bottle"]),
    ],
)
def test_clip_stands_beside_the_networks_and_the_papers_numbers(
    summary: pd.DataFrame,
    paper: pd.DataFrame,
    number: str,
    dataset: str,
    task: str,
    run_of: str,
    classes: list[str],
    texts: Texts,
    frame: Frame,
) -> None:
    zero_shot = frame(clip_run(dataset, task, "vit_b_32", classes, ZERO_SHOT))
    table = make(number, pd.concat([summary, zero_shot], ignore_index=True), paper)
    [row] = [cell for key, cell in texts(table).items() if key[1] == run_of and key[-1] == classes[0]]
    printed = paper[(paper["table"] == number) & (paper["class"] == classes[0]) & (paper["method"] == "CLIP")]
    assert row["CLIP (here)"] == "70.1 ± 0.1" and row["CLIP, float16 (here)"] == "69.1 ± 0.1"
    assert row["CLIP (published)"].startswith(f"{printed['value'].item():.1f} ± ")
    assert row["CLIP difference"] == f"{70.1 - printed['value'].item():+.1f}"
    assert "CLIP, float16 (published)" not in row and notes.TIES in table.notes
    assert sorted(table.tidy["published"].dropna()) == sorted(paper[paper["table"] == number]["value"])


def test_the_miniature_has_columns_of_its_own(
    summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts, frame: Frame
) -> None:
    """Even on a data set of the paper; on others it stands with the first network, whatever outliers it was shown."""
    runs = [
        frame(run("digits_left", "leave_one_out", "lenet", ["0", "1"])),
        frame(clip_run("digits_left", "leave_one_out", "mini_clip", ["0", "1"], {"clip": 70.0})),
        frame(clip_run("digits_left", "leave_one_out", "mini_clip", ["0", "1"], {"bce_cl": 80.0}, "high_digits")),
        frame(clip_run("cifar10_leave_one_out", "leave_one_out", "mini_clip", ["airplane"], {"clip": 75.0})),
        frame(clip_run("only_clip", "leave_one_out", "mini_clip", ["0", "1"], {"clip": 76.0})),
    ]
    table = make("14", pd.concat([summary, *runs], ignore_index=True), paper)
    cell = texts(table)
    digit = cell["digits_left", "LeNet (32 px)", "photo crops", "0"]
    assert digit["Miniature CLIP (here)"] == "70.1 ± 0.1" and digit["Miniature BCE-CL (here)"] == "80.1 ± 0.1"
    assert digit["CLIP (published)"] == DASH and digit["HSC (here)"] == "90.1 ± 0.1"
    airplane = cell["CIFAR10, leave one out", "LeNet (32 px)", "photo crops", "airplane"]
    assert airplane["Miniature CLIP (here)"] == "75.1 ± 0.1" and airplane["CLIP (published)"] == "96.2 ± 0.00"
    assert not any(name in airplane for name in ("Miniature CLIP (published)", "Miniature CLIP difference"))
    assert cell["only_clip", DASH, DASH, "1"]["Miniature CLIP (here)"] == "77.1 ± 0.1"
    assert "CLIP difference" not in airplane and "CLIP (here)" not in airplane
    assert notes.SMALL_CLIP in table.notes and notes.TIES not in table.notes


def test_classes_come_in_their_order_and_the_average_last(
    summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts
) -> None:
    rows = list(texts(make("9", summary, paper)))
    assert [row[3] for row in rows if row[:2] == ("MNIST (5,000)", "head on frozen features")] == ["0", "1", "Average"]
    imagenet = [row[3] for row in rows if row[0] == "ImageNet-30"]
    assert len(imagenet) == 31 and imagenet[-1] == "Average"


def test_one_of_table9s_pairs_is_in_another_order(paper: pd.DataFrame) -> None:
    """What the note under it says."""
    single = paper[(paper["class"] != MEAN) & paper["method"].isin(["DSAD", "HSC", "Focal", "BCE"])]
    ranks = {
        number: single[single["table"] == number]
        .pivot(index="class", columns="method", values="value")
        .corr("spearman")
        for number in ("7", "9")
    }
    assert ranks["7"].min(axis=None) > 0.985
    assert ranks["9"].loc["DSAD", "Focal"] > 0.95 and ranks["9"].loc["HSC", "BCE"] > 0.95
    assert ranks["9"].loc[["DSAD", "Focal"], ["HSC", "BCE"]].max(axis=None) < 0.25


def test_table6(paper: pd.DataFrame, frame: Frame) -> None:
    hsc = [row for row in run("cifar10", "one_vs_rest", "lenet", ["cat", "dog"]) if row["method"] == "hsc"]
    measured = [
        {**row, "radial": radial, "augmented": augmented, "value": row["value"] + (augmented == "yes")}
        for radial in ("pseudo_huber", "norm1")
        for augmented in ("yes", "no")
        for row in hsc
    ]
    table = make("6", frame(measured), paper)
    assert list(table.wide.columns) == ["‖z‖₁", "‖z‖₂", "‖z‖₂²", "√(‖z‖₂² + 1) − 1"]
    rows = {key[3:]: list(values) for key, values in zip(table.wide.index, table.wide.to_numpy(), strict=True)}
    assert rows == {
        ("without", "here"): ["90.6 ± 0.1", DASH, DASH, "90.6 ± 0.1"],
        ("without", "published"): ["90.6", "92.3", "89.1", "91.8"],
        ("without", "difference"): ["+0.0", DASH, DASH, "-1.2"],
        ("with", "here"): ["91.6 ± 0.1", DASH, DASH, "91.6 ± 0.1"],
        ("with", "published"): ["92.5", "94.1", "94.5", "96.1"],
        ("with", "difference"): ["-0.9", DASH, DASH, "-4.5"],
    }


def test_csv(summary: pd.DataFrame, paper: pd.DataFrame) -> None:
    text = to_csv(make("14", summary, paper).tidy)
    header, first = text.splitlines()[:2]
    assert header == ",".join(
        [
            *COLUMNS,
            *("published_std", "task", "network", "pool", "outlier_count"),
            *("filter", "magnitude", "radial", "gamma", "augmented"),
        ]
    )
    assert first == (
        "cifar10_leave_one_out,airplane,dsvdd,image_auroc,60.1000,0.1414,2,,,62.3000,-2.2000,8.9000,"
        "leave_one_out,lenet,photos,0,none,0,,,yes"
    )
    assert ",photos,all,none,0,,2,yes" in text and ",photos,all,none,0,pseudo_huber,,yes" in text


@pytest.mark.parametrize("number", NUMBERS)
def test_the_paper_alone_still_makes_its_table(summary: pd.DataFrame, paper: pd.DataFrame, number: str) -> None:
    table = make(number, summary[summary["dataset"] == "nothing"], paper)
    assert len(table.tidy) == (paper["table"] == number).sum() and table.tidy["mean"].isna().all()
    assert not table.wide.empty and "Outliers" not in table.wide.index.names
    assert "published" in html(table, "Table") and "here" not in [row[-1] for row in table.wide.index]


@pytest.mark.parametrize("number", NUMBERS)
def test_notes_say_how_it_was_run(summary: pd.DataFrame, paper: pd.DataFrame, number: str) -> None:
    table = make(number, summary, paper)
    assert {notes.OUTLIERS, notes.SET_UP, *SETUP, notes.LAST} <= set(table.notes)
    heads = (table.tidy["network"] == "head").any()
    assert any("features (lite0)" in note for note in table.notes) == heads == (number in ("1", "9", "13", "15", "6"))


@pytest.mark.parametrize("number", NUMBERS)
def test_tables_are_the_same_from_files(
    summary: pd.DataFrame, paper: pd.DataFrame, number: str, require_same_from_files: Callable[..., None]
) -> None:
    summary = summary if number != "6" else summary[summary["dataset"] == "cifar10"]
    function, settings = told(number)
    rows = {"summary": shown(number, summary)}
    require_same_from_files(
        make(number, summary, paper), f"tables.exposure:{function}", "exposure", number, rows, **settings
    )

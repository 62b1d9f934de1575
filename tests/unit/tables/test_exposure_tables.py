"""Paper 2's tables from a small synthetic summary: every cell known beforehand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oneclass import published
from oneclass.evaluate import MEAN, summarise
from oneclass.tables import clip as tables_clip
from oneclass.tables import exposure, labels
from oneclass.tables.cells import DASH
from oneclass.tables.render import Table, html, markdown
from oneclass.tables.tidy import COLUMNS, to_csv

Texts = Callable[[Table], dict[tuple[str, ...], dict[str, str]]]
Of = Callable[[dict[str, str], str], list[str]]
NAN, ALL = float("nan"), float("inf")
NUMBERS = ["1", "6", "7", "8", "9", "13", "14", "15"]
SETUP = ["Width 0.25, 5 epochs, batches of 64, 2 seeds."]
VALUES = {"dsvdd": 60.0, "hsc": 90.0, "dsad": 88.0, "bce": 91.0, "focal": 92.0}


def run(dataset: str, task: str, network: str, classes: list[str], pool: str = "photos", **variant: object) -> list:
    """Every method, with classes a point apart and two seeds 0.2 apart."""
    fixed = {"dataset": dataset, "task": task, "network": network, "pool": pool, "metric": "image_auroc"}
    fixed |= {"backbone": "lite0" if network == "head" else "", "filter": "none", "magnitude": 0, "augmented": "yes"}
    return [
        {
            **fixed,
            **{"class": name, "method": method, "radial": "pseudo_huber" if method == "hsc" else ""},
            **{"gamma": 2.0 if method == "focal" else NAN, "outliers": 0.0 if method == "dsvdd" else ALL},
            **{"outlier_classes": NAN, "seed": seed, "value": value + place + 0.2 * seed},
            **variant,
        }
        for method, value in VALUES.items()
        for place, name in enumerate(classes)
        for seed in (0, 1)
    ]


def frame(*runs: list) -> pd.DataFrame:
    """As ``evaluate`` returns it, but without the bootstrap."""
    return pd.concat([summarise(pd.DataFrame(rows)) for rows in runs], ignore_index=True)


@pytest.fixture(scope="module")
def summary() -> pd.DataFrame:
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


def make(number: str) -> Callable[[pd.DataFrame, pd.DataFrame, list[str]], Table]:
    return getattr(exposure, f"table{number}")


def test_table1(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts, of: Of) -> None:
    table = exposure.table1(summary, paper, SETUP)
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
    tidy = make(number)(summary, paper, SETUP).tidy
    heads = tidy[tidy["network"] == "head"]
    assert dataset in set(heads["dataset"]) and heads["mean"].notna().all()
    assert heads[["published", "difference"]].isna().all(axis=None)


def test_every_published_number_is_there_once(summary: pd.DataFrame, paper: pd.DataFrame) -> None:
    for number in NUMBERS:
        tidy = make(number)(summary, paper, SETUP).tidy
        shown, printed = tidy["published"].dropna(), paper[paper["table"] == number]["value"]
        assert sorted(shown) == sorted(printed), number


@pytest.mark.parametrize(
    ("number", "task", "networks"),
    [
        *(("7", "one_vs_rest", {"lenet"}), ("8", "one_vs_rest", {"lenet"})),
        *(("9", "one_vs_rest", {"head", "cbam_resnet18"}), ("13", "leave_one_out", {"head"})),
        *(("14", "leave_one_out", {"lenet"}), ("15", "defect", {"lenet", "head", "cbam_resnet18"})),
    ],
)
def test_runs_stand_in_the_table_of_their_task_and_network(
    summary: pd.DataFrame, paper: pd.DataFrame, number: str, task: str, networks: set[str]
) -> None:
    tidy = make(number)(summary, paper, SETUP).tidy
    measured = tidy[tidy["mean"].notna()]
    assert set(measured["task"]) == {task} and set(measured["network"]) == networks
    wanted = summary[(summary["task"] == task) & summary["network"].isin(networks)]
    assert len(measured) == len(wanted) > 0


def test_table7_has_means_alone_and_table8_deviations(
    summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts, of: Of
) -> None:
    means, both = (make(number)(summary, paper, SETUP) for number in ("7", "8"))
    cat = ("CIFAR10", "LeNet (32 px)", "Tiny ImageNet", "cat")
    average = (*cat[:3], "Average")
    assert of(texts(means)[cat], "HSC") == ["91.1", "89.8", "+1.3"]
    assert of(texts(both)[cat], "HSC") == ["91.1 ± 0.1", "89.8 ± 0.27", "+1.3"]
    assert texts(means)[cat]["SVDD* (published)"] == "50.1" and "SVDD* (published)" not in both.wide
    assert not any("±" in text for row in means.wide.to_numpy() for text in row)
    assert of(texts(both)[average], "HSC") == ["90.6 ± 0.1", "95.9", "-5.3"]  # 2.68 is a spread over classes


def test_deviations_over_classes_are_left_out(summary: pd.DataFrame, paper: pd.DataFrame) -> None:
    for number in ("8", "9", "13", "14", "15"):
        table = make(number)(summary, paper, SETUP)
        averages = table.tidy["class"] == MEAN
        known = table.tidy["published"].notna()
        assert table.tidy.loc[averages & known, "published_std"].isna().all() and (averages & known).any()
        assert table.tidy.loc[~averages & known, "published_std"].notna().all()
        assert exposure.DEVIATIONS in table.notes


def test_table14_has_deep_svdd_and_clip(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts, of: Of) -> None:
    table = exposure.table14(summary, paper, SETUP)
    cell = texts(table)["CIFAR10, leave one out", "LeNet (32 px)", "photo crops", "airplane"]
    assert of(cell, "Deep SVDD")[::2] == ["60.1 ± 0.1", "-2.2"] and cell["Deep SVDD (published)"].startswith("62.3 ± ")
    assert of(cell, "CLIP") == ["", "96.2 ± 0.00", ""]
    clip = table.tidy[table.tidy["method"] == "clip"]
    assert (clip["network"] == "clip").all() and exposure.OTHER_NETWORKS in table.notes


def clip_run(
    dataset: str, task: str, backbone: str, classes: list[str], methods: dict[str, float], pool: str = ""
) -> list:
    fixed = {"dataset": dataset, "task": task, "network": "clip", "backbone": backbone, "pool": pool, "radial": ""}
    fixed |= {"metric": "image_auroc", "filter": "none", "magnitude": 0, "augmented": "no"}
    return [
        {**fixed, "class": name, "method": method, "gamma": NAN, "outlier_classes": NAN}
        | {"outliers": ALL if pool else 0.0, "seed": seed, "value": value + place + 0.2 * seed}
        for method, value in methods.items()
        for place, name in enumerate(classes)
        for seed in (0, 1)
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
) -> None:
    zero_shot = frame(clip_run(dataset, task, "vit_b_32", classes, ZERO_SHOT))
    table = make(number)(pd.concat([summary, zero_shot], ignore_index=True), paper, SETUP)
    [row] = [cell for key, cell in texts(table).items() if key[1] == run_of and key[-1] == classes[0]]
    printed = paper[(paper["table"] == number) & (paper["class"] == classes[0]) & (paper["method"] == "CLIP")]
    assert row["CLIP (here)"] == "70.1 ± 0.1" and row["CLIP, float16 (here)"] == "69.1 ± 0.1"
    assert row["CLIP (published)"].startswith(f"{printed['value'].item():.1f} ± ")
    assert row["CLIP difference"] == f"{70.1 - printed['value'].item():+.1f}"
    assert "CLIP, float16 (published)" not in row and tables_clip.TIES in table.notes
    assert sorted(table.tidy["published"].dropna()) == sorted(paper[paper["table"] == number]["value"])


def test_the_miniature_has_columns_of_its_own(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    """Even on a data set of the paper; on others it stands with the first network, whatever outliers it was shown."""
    runs = [
        frame(run("digits_left", "leave_one_out", "lenet", ["0", "1"])),
        frame(clip_run("digits_left", "leave_one_out", "mini_clip", ["0", "1"], {"clip": 70.0})),
        frame(clip_run("digits_left", "leave_one_out", "mini_clip", ["0", "1"], {"bce_cl": 80.0}, "high_digits")),
        frame(clip_run("cifar10_leave_one_out", "leave_one_out", "mini_clip", ["airplane"], {"clip": 75.0})),
        frame(clip_run("only_clip", "leave_one_out", "mini_clip", ["0", "1"], {"clip": 76.0})),
    ]
    table = exposure.table14(pd.concat([summary, *runs], ignore_index=True), paper, SETUP)
    cell = texts(table)
    digit = cell["digits_left", "LeNet (32 px)", "photo crops", "0"]
    assert digit["Miniature CLIP (here)"] == "70.1 ± 0.1" and digit["Miniature BCE-CL (here)"] == "80.1 ± 0.1"
    assert digit["CLIP (published)"] == DASH and digit["HSC (here)"] == "90.1 ± 0.1"
    airplane = cell["CIFAR10, leave one out", "LeNet (32 px)", "photo crops", "airplane"]
    assert airplane["Miniature CLIP (here)"] == "75.1 ± 0.1" and airplane["CLIP (published)"] == "96.2 ± 0.00"
    assert not any(name in airplane for name in ("Miniature CLIP (published)", "Miniature CLIP difference"))
    assert cell["only_clip", DASH, DASH, "1"]["Miniature CLIP (here)"] == "77.1 ± 0.1"
    assert "CLIP difference" not in airplane and "CLIP (here)" not in airplane
    assert tables_clip.SMALL_CLIP in table.notes and tables_clip.TIES not in table.notes


def test_classes_come_in_their_order_and_the_average_last(
    summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts
) -> None:
    rows = list(texts(exposure.table9(summary, paper, SETUP)))
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


def test_table6(paper: pd.DataFrame) -> None:
    hsc = [row for row in run("cifar10", "one_vs_rest", "lenet", ["cat", "dog"]) if row["method"] == "hsc"]
    measured = [
        {**row, "radial": radial, "augmented": augmented, "value": row["value"] + (augmented == "yes")}
        for radial in ("pseudo_huber", "norm1")
        for augmented in ("yes", "no")
        for row in hsc
    ]
    table = exposure.table6(frame(measured), paper, SETUP)
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
    text = to_csv(exposure.table14(summary, paper, SETUP).tidy)
    header, first = text.splitlines()[:2]
    assert header == ",".join(
        [
            *COLUMNS,
            *("published_std", "task", "network", "backbone", "pool", "outliers", "outlier_classes"),
            *("filter", "magnitude", "radial", "gamma", "augmented"),
        ]
    )
    assert first == (
        "cifar10_leave_one_out,airplane,dsvdd,image_auroc,60.1000,0.1414,2,,,62.3000,-2.2000,8.9000,"
        "leave_one_out,lenet,,photos,0,,none,0,,,yes"
    )
    assert ",photos,all,,none,0,,2,yes" in text and ",photos,all,,none,0,pseudo_huber,,yes" in text


@pytest.mark.parametrize(
    ("value", "text"), [(ALL, "all"), (0.0, "0"), (8, "8"), (1281167.0, "1281167"), (0.5, "0.5"), (np.float32(4), "4")]
)
def test_settings_as_text(value: float, text: str) -> None:
    assert labels.number(value) == text


@pytest.mark.parametrize("number", NUMBERS)
def test_the_paper_alone_still_makes_its_table(summary: pd.DataFrame, paper: pd.DataFrame, number: str) -> None:
    for nothing in (exposure.NOTHING, summary[summary["dataset"] == "nothing"]):
        table = make(number)(nothing, paper, SETUP)
        assert len(table.tidy) == (paper["table"] == number).sum() and table.tidy["mean"].isna().all()
        assert not table.wide.empty and "Outliers" not in table.wide.index.names
        assert "published" in html(table) and "here" not in [row[-1] for row in table.wide.index]


@pytest.mark.parametrize("number", NUMBERS)
def test_notes_say_how_it_was_run(summary: pd.DataFrame, paper: pd.DataFrame, number: str) -> None:
    table = make(number)(summary, paper, SETUP)
    assert {exposure.OUTLIERS, exposure.SET_UP, *SETUP, exposure.LAST} <= set(table.notes)
    heads = (table.tidy["network"] == "head").any()
    assert any("features (lite0)" in note for note in table.notes) == heads == (number in ("1", "9", "13", "15", "6"))


@pytest.mark.parametrize("number", NUMBERS)
def test_tables_are_the_same_from_categories_and_parquet(
    summary: pd.DataFrame, paper: pd.DataFrame, number: str, tmp_path: Path
) -> None:
    summary = summary if number != "6" else summary[summary["dataset"] == "cifar10"]
    texts = summary.columns[[not pd.api.types.is_numeric_dtype(summary[name]) for name in summary]]
    summary.astype(dict.fromkeys(texts, "category")).to_parquet(tmp_path / "summary.parquet")
    first, again = (
        make(number)(given, paper, SETUP) for given in (summary, pd.read_parquet(tmp_path / "summary.parquet"))
    )
    for text in (html, markdown, lambda table: to_csv(table.tidy)):
        assert text(first) == text(again)

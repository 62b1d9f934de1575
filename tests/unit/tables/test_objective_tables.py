"""Paper 1's tables from a small synthetic summary: every cell known beforehand."""

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from oneclass import published
from oneclass.tables.cells import DASH, SOURCES
from oneclass.tables.objective import Finetuned, Reference, table1, table4, table_s1, table_s2, table_s3, table_s5
from oneclass.tables.render import Table, html, markdown
from oneclass.tables.tidy import COLUMNS, to_csv

Texts = Callable[[Table], dict[tuple[str, ...], dict[str, str]]]
REFERENCE = Reference("lite0", 1.0)
NAN = float("nan")


def row(dataset: str, method: str, mean: float, std: float = NAN, **variant: object) -> list[dict[str, object]]:
    """A class and the average over classes."""
    setting = {"backbone": "lite0", "projector": "conv1x1", "center": "normal", "norm": 1.0, **variant}
    fixed = {"dataset": dataset, "method": method, **setting, "metric": "image_auroc", "std": std, "seeds": 5}
    interval = {"ci_low": mean - 1, "ci_high": mean + 1}
    return [{**fixed, "class": name, "mean": mean, **interval} for name in ("one", "mean")]


@pytest.fixture(scope="module")
def summary() -> pd.DataFrame:
    none = {"projector": None, "center": None}
    rows: list[list[dict[str, object]]] = []
    for dataset, base in (("elpv", 90.0), ("cifar10", 93.0)):
        rows += [
            row(dataset, "ours", base, 0.25),
            row(dataset, "ours", base - 5, 0.5, norm=8.0),
            row(dataset, "ours", base + 0.05, 0.25, center="ones"),
            row(dataset, "ours", base + 1, 0.25, projector="linear"),
            row(dataset, "ours", base - 2, 0.25, backbone="resnet18"),
            row(dataset, "ours_moments", base + 0.5),
            row(dataset, "ours_closed_form", base + 2, **none),
            row(dataset, "ours_closed_form", base - 3, **none, norm=8.0),
            row(dataset, "knn", base - 10, **none, norm=NAN),
        ]
    frame = pd.DataFrame(itertools.chain(*rows))
    cosine = frame.assign(metric="cosine", mean=0.5)
    return pd.concat([frame, cosine], ignore_index=True)


@pytest.fixture(scope="module")
def paper() -> pd.DataFrame:
    return published.load("objective")


def test_table1(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = table1(summary, paper, REFERENCE, 1280)
    cell = texts(table)
    assert table.wide.index.get_level_values(0).tolist() == [
        *("ELPV", "CIFAR10", "Fashion-MNIST", "CIFAR100", "CatsVsDogs", "MVTec AD"),
        "Trainable parameters [millions]",
    ]
    assert table.wide.columns.tolist() == [
        *("Ours (here)", "Ours (published)", "Ours difference", "Ours, second moments (here)"),
        *("Ours, closed form (here)", "kNN (here)"),
        *(f"{name} (published)" for name in ("DSVDD", "PANDA", "MS", "IGD", "MRot")),
    ]
    assert list(cell[("CIFAR10",)].values())[:6] == ["93.0 ± 0.2", "93.9", "-0.9", "93.5", "95.0", "83.0"]
    assert list(cell[("CIFAR10",)].values())[6:] == ["64.8", "96.2", "97.2", "91.3", "90.1"]
    assert list(cell[("ELPV",)].values())[:3] == ["90.0 ± 0.2", DASH, DASH]
    assert cell[("MVTec AD",)]["Ours (published)"] == "99.0" and cell[("MVTec AD",)]["Ours (here)"] == DASH
    parameters = cell[("Trainable parameters [millions]",)]
    assert [parameters[f"Ours{kind}"] for kind in (" (here)", " (published)")] == ["1.6", "3.7"]
    assert [parameters[name] for name in ("Ours, closed form (here)", "kNN (here)")] == ["0.0", "0.0"]


def test_table1_with_fine_tuned_networks(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    variant = {"projector": None, "center": None, "norm": NAN, "network": "finetuned", "gamma": NAN, "pool": ""}
    methods = {"panda": 95.0, "mean_shifted": 96.0, "knn": 90.0, "panda_ewc": 94.0}
    rows = [row("cifar10", method, mean, 0.5, **variant) for method, mean in methods.items()]
    rows.append(row("cifar10", "panda", 50.0, **{**variant, "backbone": "resnet18"}))
    measured = Finetuned(pd.DataFrame(itertools.chain(*rows)), 2_600_000, "how they are trained")
    table, before = (table1(summary, paper, REFERENCE, 1280, finetuned) for finetuned in (measured, None))
    cell = texts(table)
    cifar10 = cell[("CIFAR10",)]
    assert [cifar10[f"PANDA{kind}"] for kind in (" (here)", " (published)", " difference")] == [
        "95.0 ± 0.5",
        "96.2",
        "-1.2",
    ]
    assert [cifar10[f"MS{kind}"] for kind in (" (here)", " (published)", " difference")] == [
        "96.0 ± 0.5",
        "97.2",
        "-1.2",
    ]
    parameters = cell[("Trainable parameters [millions]",)]
    assert [parameters[f"MS{kind}"] for kind in (" (here)", " (published)")] == ["2.6", "55.6"]
    assert table.notes == [*before.notes, "how they are trained"]
    others = [name for name in table.wide.columns if not name.startswith(("PANDA", "MS"))]
    pd.testing.assert_frame_equal(table.wide[others], before.wide[others])
    assert list(table.tidy.columns) == list(before.tidy.columns)


def test_table1_tidy(summary: pd.DataFrame, paper: pd.DataFrame) -> None:
    tidy = table1(summary, paper, REFERENCE, 1280).tidy
    assert list(tidy.columns) == [*COLUMNS, "backbone", "projector", "center", "norm"]
    assert not tidy.duplicated(["dataset", "class", "method", "metric"]).any()
    ours = tidy[(tidy["dataset"] == "cifar10") & (tidy["method"] == "ours")].set_index("class")
    assert ours.loc["mean", "difference"] == pytest.approx(93.0 - 93.9)
    assert [ours.loc["mean", name] for name in ("std", "seeds", "ci_low", "ci_high")] == [0.25, 5, 92, 94]
    assert np.isnan(ours.loc["one", "published"])
    counts = tidy[tidy["metric"] == "trainable_parameters"].set_index("method")["mean"]
    assert counts["ours"] == counts["ours_moments"] == pytest.approx((1280**2 + 1280) / 1e6)


def test_table4(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = table4(summary, paper, REFERENCE)
    cell = texts(table)
    assert cell[("N(0, 1)", "Ours")]["CIFAR10 (here)"] == "93.00 ± 0.25"
    assert cell[("N(0, 1)", "Ours")]["CIFAR10 difference"] == "-0.93"
    assert cell[("All ones", "Ours")]["CIFAR10 difference"] == "-0.81"
    assert cell[("Feature mean", "Ours")] == {
        **dict.fromkeys(table.wide.columns, DASH),
        "CIFAR10 (published)": "93.88",
        "MVTec AD (published)": "98.97",
    }
    assert cell[("any", "Ours, closed form")]["ELPV (here)"] == "92.00"
    assert "center" in table.tidy


def test_table_s2(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    cell = texts(table_s2(summary, paper, REFERENCE))
    assert cell[("lite0", "Ours")]["ELPV (here)"] == "90.0 ± 0.2"
    assert [cell[("resnet18", "Ours")][f"CIFAR10{end}"] for end in (" (here)", " (published)", " difference")] == [
        *("91.0 ± 0.2", "88.6", "+2.4")
    ]
    assert cell[("wide_resnet50_2", "Ours")]["MVTec AD (published)"] == "99.0"


def test_table_s3(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    cell = texts(table_s3(summary, paper, REFERENCE))
    assert cell[("1×1 convolution", "Ours")]["CIFAR10 difference"] == "-0.9"
    assert cell[("Linear", "Ours")]["CIFAR10 (here)"] == "94.0 ± 0.2"
    assert cell[("Linear", "Ours")]["MVTec AD (published)"] == "97.3"
    assert cell[("none", "Ours, closed form")]["ELPV (here)"] == "92.0"


def test_table_s5(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = table_s5(summary, paper, REFERENCE)
    cell = texts(table)
    assert table.wide.columns.tolist() == [f"norm {norm}" for norm in (1, 4, 8, 16, 32)]
    rows = {source: list(cell[("CIFAR10", "Image AUROC (%)", "Ours", source)].values()) for source in SOURCES}
    assert rows == {
        "here": ["93.0 ± 0.2", DASH, "88.0 ± 0.5", DASH, DASH],
        "published": ["93.9", "94.0", "94.1", "93.8", "91.3"],
        "difference": ["-0.9", DASH, "-6.1", DASH, DASH],
    }
    assert cell[("ELPV", "Image AUROC (%)", "Ours, closed form", "here")]["norm 8"] == "87.0"
    image = ("ELPV", "Image AUROC (%)")
    assert (*image, "kNN", "here") not in cell and (*image, "Ours", "published") not in cell
    assert cell[("ELPV", "Cosine", "Ours", "here")]["norm 1"].startswith("0.50")
    assert "MVTec AD" not in table.wide.index.get_level_values(0)  # Table S6 has it


def test_table_s1(paper: pd.DataFrame, texts: Texts) -> None:
    sizes = pd.DataFrame(
        {
            "dataset": ["elpv", "cifar10"],
            "categories": [2, 10],
            "train": [1000, 500],
            "test_normal": [300, 40],
            "test_anomalous": [200, 0],
            "min_size": [300, 32],
            "max_size": [310, 32],
        }
    )
    table = table_s1(sizes, paper)
    cell = texts(table)
    assert list(table.tidy.columns) == COLUMNS
    assert [cell[("ELPV",)][f"{name} (here)"] for name in ("Train", "Test, normal", "Test, anomalous", "Test")] == [
        *("1000", "300", "200", "500")
    ]
    assert cell[("CIFAR10",)]["Train (published)"] == "50000" and cell[("CIFAR10",)]["Train (here)"] == "500"
    assert [cell[("VisA",)][f"Image size, {end} (published)"] for end in ("min", "max")] == ["960", "1562"]


@pytest.mark.parametrize("make", [table4, table_s2, table_s3, table_s5])
def test_tables_are_the_same_each_time_and_survive_parquet(
    make: object, summary: pd.DataFrame, paper: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("metrics") / "summary.parquet"
    summary.to_parquet(path)
    first, again = (make(frame, paper, REFERENCE) for frame in (summary, pd.read_parquet(path)))
    for text in (html, markdown, lambda table: to_csv(table.tidy)):
        assert text(first) == text(again)


def test_paper_alone_still_makes_its_table(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = table4(summary[summary["dataset"] == "nothing"], paper, REFERENCE)
    assert texts(table)[("N(0, 1)", "Ours")] == {"CIFAR10 (published)": "93.93", "MVTec AD (published)": "99.00"}

"""Tables of Protocols B and C, and those that show them below Protocol A, from a small synthetic summary."""

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from oneclass import published
from oneclass.tables.cells import DASH
from oneclass.tables.objective import Reference, table2, table3, table4, table_s2, table_s3, table_s4, table_s6
from oneclass.tables.render import Table, html, markdown
from oneclass.tables.tidy import COLUMNS, to_csv

Texts = Callable[[Table], dict[tuple[str, ...], dict[str, str]]]
POOLED, MULTISCALE = Reference("resnet152", 1.0), Reference("lite0", 1.0)
NAN = float("nan")
IMAGE, PIXEL, AUPRO, IMAGE_AP, PIXEL_AP = ("image_auroc", "pixel_auroc", "pixel_aupro", "image_ap", "pixel_ap")
METRICS = {IMAGE: 0.0, PIXEL: 1.0, AUPRO: -10.0, IMAGE_AP: 2.0, PIXEL_AP: -40.0}  # and how far from the image AUROC
CLASSES = {"elpv": ["mono"], "elpv_drawn": ["mono"], "mvtec_ad": ["transistor", "bottle"]}
FIXED = {"projector": None, "center": None}


def rows(dataset: str, method: str, mean: float, **variant: object) -> list[dict[str, object]]:
    """Every metric of each category, one more point for the second, and the average."""
    setting = {"backbone": "lite0", "projector": "conv1x1", "center": "normal", "norm": 1.0}
    setting |= {"centring": "none", "protocol": "B", **variant}
    found: list[dict[str, object]] = []
    for metric, offset in METRICS.items():
        if dataset == "elpv" and metric.startswith("pixel"):
            continue  # no masks
        values = {name: mean + offset + k for k, name in enumerate(CLASSES[dataset])}
        values["mean"] = float(np.mean(list(values.values())))
        interval = {"ci_low": mean - 1, "ci_high": mean + 1} if metric == IMAGE else {"ci_low": NAN, "ci_high": NAN}
        shared = {
            "dataset": dataset,
            "method": method,
            "metric": metric,
            "std": 0.25,
            "seeds": 2,
            **setting,
            **interval,
        }
        found += [{**shared, "class": name, "mean": value} for name, value in values.items()]
    return found


@pytest.fixture(scope="module")
def summary() -> pd.DataFrame:
    parts = []
    for dataset, base in (("elpv", 90.0), ("elpv_drawn", 80.0), ("mvtec_ad", 95.0)):
        parts += [
            rows(dataset, "ours", base),
            rows(dataset, "ours", base - 5, norm=8.0),
            rows(dataset, "ours", base + 0.1, center="ones"),
            rows(dataset, "ours", base - 1, centring="position"),
            rows(dataset, "ours", base - 8, backbone="resnet18"),
            rows(dataset, "ours", base - 2, projector="linear"),
            rows(dataset, "ours_closed_form", base + 2, **FIXED),
            rows(dataset, "ours_closed_form", base - 7, **FIXED, norm=8.0),
            rows(dataset, "ours_closed_form", base + 3, **FIXED, centring="position"),
            rows(dataset, "padim", base + 1, **FIXED, norm=NAN),
            rows(dataset, "patchcore", base - 3, **FIXED, norm=NAN),
            rows(dataset, "ours", base - 4, protocol="C"),
            rows(dataset, "ours", base - 6, protocol="C", norm=8.0),
            rows(dataset, "ours_closed_form", base, **FIXED, protocol="C"),
        ]
    return pd.DataFrame(itertools.chain(*parts))


@pytest.fixture(scope="module")
def both(summary: pd.DataFrame) -> pd.DataFrame:
    """With rows of Protocol A, which has no column for protocol and centring."""
    pooled = []
    for backbone, projector, center in [
        ("resnet152", "conv1x1", "normal"),
        ("resnet152", "conv1x1", "ones"),
        ("resnet152", "linear", "normal"),
        ("resnet18", "conv1x1", "normal"),
    ]:
        setting = {"backbone": backbone, "projector": projector, "center": center}
        for dataset in ("elpv", "mvtec_ad"):
            pooled += rows(dataset, "ours", 70.0, **setting)
    frame = pd.DataFrame(pooled)
    frame = frame[frame["metric"] == IMAGE].drop(columns=["protocol", "centring"])
    return pd.concat([frame, summary], ignore_index=True)


@pytest.fixture(scope="module")
def paper() -> pd.DataFrame:
    return published.load("objective")


def three(cell: dict[str, str], heading: str) -> list[str]:
    return [cell[f"{heading}{end}"] for end in (" (here)", " (published)", " difference")]


def test_table2(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = table2(summary, paper, MULTISCALE)
    cell = texts(table)
    assert list(dict.fromkeys(table.wide.index.get_level_values(0))) == [
        *("Image AUROC (%)", "Pixel AUROC (%)", "Pixel AUPRO (%)", "Image AP (%)", "Pixel AP (%)")
    ]
    ours = ["Ours", "Ours, position-centred", "Ours, closed form", "Ours, closed form, position-centred"]
    assert [method for metric, method in cell if metric == "Image AUROC (%)"] == [
        *(*ours, "PaDiM", "PatchCore"),
        *("IGD", "CFA", "DRAEM", "FastFlow", "STPM", "Patch SVDD"),
    ]
    assert [method for metric, method in cell if metric == "Pixel AUPRO (%)"] == [*ours, "PaDiM", "PatchCore"]
    assert table.wide.columns.tolist() == [
        *("ELPV (here)", "ELPV, drawn defects (here)"),
        *("MVTec AD (here)", "MVTec AD (published)", "MVTec AD difference", "MPDD (published)", "VisA (published)"),
    ]
    assert three(cell[("Image AUROC (%)", "Ours")], "MVTec AD") == ["95.5 ± 0.2", "99.0", "-3.5"]
    assert three(cell[("Pixel AUROC (%)", "Ours")], "MVTec AD") == ["96.5 ± 0.2", "98.2", "-1.7"]
    assert three(cell[("Image AUROC (%)", "PaDiM")], "MVTec AD") == ["96.5 ± 0.2", "90.8", "+5.7"]
    centred = cell[("Image AUROC (%)", "Ours, closed form, position-centred")]
    assert three(centred, "MVTec AD") == ["98.5 ± 0.2", DASH, DASH]
    assert cell[("Pixel AUROC (%)", "STPM")]["MPDD (published)"] == "98.1"
    assert cell[("Pixel AP (%)", "Ours")] == {
        **dict.fromkeys(table.wide.columns, DASH),
        "ELPV, drawn defects (here)": "40.0 ± 0.2",
        "MVTec AD (here)": "55.5 ± 0.2",
    }
    assert cell[("Pixel AUROC (%)", "Ours")]["ELPV (here)"] == DASH


def test_table2_tidy(summary: pd.DataFrame, paper: pd.DataFrame) -> None:
    tidy = table2(summary, paper, MULTISCALE).tidy
    assert list(tidy.columns) == [*COLUMNS, "backbone", "projector", "center", "norm", "centring", "protocol"]
    assert set(tidy["metric"]) == set(METRICS) and set(tidy["protocol"]) == {"B"}
    assert not tidy.duplicated(["dataset", "class", "method", "metric", "centring"]).any()
    found = tidy[(tidy["class"] == "mean") & (tidy["dataset"] == "mvtec_ad") & (tidy["metric"] == IMAGE)]
    ours = found[found["method"] == "ours"].set_index("centring")
    assert ours.loc["none", "published"] == 99.0 and np.isnan(ours.loc["position", "published"])
    assert {"transistor", "bottle", "mono"} <= set(tidy["class"])


def test_table3_is_of_protocol_c(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = table3(summary, paper, MULTISCALE)
    cell = texts(table)
    assert three(cell[("Image AUROC (%)", "Ours")], "MVTec AD") == ["91.5 ± 0.2", "93.4", "-1.9"]
    assert cell[("Pixel AUROC (%)", "Ours")]["VisA (published)"] == "98.1"
    assert cell[("Image AUROC (%)", "Ours, closed form")]["ELPV (here)"] == "90.0 ± 0.2"
    assert {method for _, method in cell} == {"Ours", "Ours, closed form"}
    assert set(table.tidy["protocol"]) == {"C"}
    assert "Protocol C: multi-scale features, backbone lite0, norm 1" in markdown(table)


def test_table_s4(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = table_s4(summary, paper, MULTISCALE)
    cell = texts(table)
    image = [names[1:] for names in cell if names[0] == "Image AUROC (%)"]
    assert image[:5] == [
        *(("ELPV", "mono"), ("ELPV", "Average"), ("ELPV, drawn defects", "mono"), ("ELPV, drawn defects", "Average")),
        ("MVTec AD", "transistor"),
    ]
    assert image[-1] == ("MVTec AD", "Average") and len(image) == 4 + 16
    transistor = cell[("Image AUROC (%)", "MVTec AD", "transistor")]
    assert three(transistor, "Ours") == ["95.0 ± 0.2", "99.3", "-4.3"]
    assert three(transistor, "PaDiM") == ["96.0 ± 0.2", "94.1", "+1.9"]
    assert transistor["Ours, position-centred (here)"] == "94.0 ± 0.2"
    assert transistor["IGD (published)"] == "90.5"
    assert cell[("Image AUROC (%)", "MVTec AD", "zipper")]["Ours (here)"] == DASH
    pixel = [names[1:] for names in cell if names[0] == "Pixel AUROC (%)"]
    assert ("ELPV", "mono") not in pixel and pixel[-1] == ("MVTec AD", "Average") and len(pixel) == 5
    assert cell[("Pixel AUROC (%)", "MVTec AD", "bottle")]["Ours (here)"] == "97.0 ± 0.2"


def test_table_s6(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = table_s6(summary, paper, MULTISCALE)
    cell = texts(table)
    assert table.wide.columns.tolist() == ["norm 1", "norm 2", "norm 4", "norm 8"]
    image = ("MVTec AD", "Image AUROC (%)")
    assert list(cell[(*image, "Ours", "here")].values()) == ["95.5 ± 0.2", DASH, DASH, "90.5 ± 0.2"]
    assert list(cell[(*image, "Ours", "published")].values()) == ["99.0", "99.0", "97.2", "89.2"]
    assert list(cell[(*image, "Ours", "difference")].values()) == ["-3.5", DASH, DASH, "+1.3"]
    assert cell[("MVTec AD", "Pixel AUROC (%)", "Ours, closed form", "here")]["norm 8"] == "89.5 ± 0.2"
    assert {names[2] for names in cell} == {"Ours", "Ours, closed form"}


def test_table4_with_both_protocols(both: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = table4(both, paper, POOLED, MULTISCALE)
    cell = texts(table)
    assert table.wide.index.names == ["Protocol", "Metric", "Centre", "Method"]
    pooled, multiscale = ("A, pooled", "Image AUROC (%)"), ("B, multi-scale", "Image AUROC (%)")
    assert three(cell[(*pooled, "N(0, 1)", "Ours")], "MVTec AD") == ["70.50 ± 0.25", DASH, DASH]
    assert three(cell[(*multiscale, "N(0, 1)", "Ours")], "MVTec AD") == ["95.50 ± 0.25", "99.00", "-3.50"]
    assert three(cell[(*multiscale, "All ones", "Ours")], "MVTec AD") == ["95.60 ± 0.25", "98.93", "-3.33"]
    assert cell[(*pooled, "U(0, 1)", "Ours")]["CIFAR10 (published)"] == "93.91"
    pixel = ("B, multi-scale", "Pixel AUROC (%)")
    assert cell[(*pixel, "any", "Ours, closed form")]["MVTec AD (here)"] == "98.50 ± 0.25"
    assert list(dict.fromkeys(names[:2] for names in cell)) == [pooled, multiscale, pixel]
    assert set(table.tidy["centring"].dropna()) == {"none"}
    notes = markdown(table)
    assert "Here: pooled features, backbone resnet152" in notes
    assert "Protocol B: multi-scale features, backbone lite0" in notes


def test_table_s2_with_both_protocols(both: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    cell = texts(table_s2(both, paper, POOLED, MULTISCALE))
    pooled, multiscale = ("A, pooled", "Image AUROC (%)"), ("B, multi-scale", "Image AUROC (%)")
    assert three(cell[(*pooled, "resnet18", "Ours")], "MVTec AD") == ["70.5 ± 0.2", "78.49", "-8.0"]
    assert three(cell[(*pooled, "resnet152", "Ours")], "MVTec AD")[1:] == ["97.7", "-27.2"]
    assert cell[(*multiscale, "resnet18", "Ours")]["MVTec AD (here)"] == "87.5 ± 0.2"
    assert cell[(*multiscale, "wide_resnet50_2", "Ours")]["MVTec AD (published)"] == "99.0"
    assert cell[("B, multi-scale", "Pixel AUROC (%)", "lite0", "Ours")]["ELPV, drawn defects (here)"] == "81.0 ± 0.2"


def test_table_s3_with_both_protocols(both: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    cell = texts(table_s3(both, paper, POOLED, MULTISCALE))
    multiscale = ("B, multi-scale", "Image AUROC (%)")
    assert three(cell[(*multiscale, "Linear", "Ours")], "MVTec AD") == ["93.5 ± 0.2", "97.3", "-3.8"]
    assert cell[("A, pooled", "Image AUROC (%)", "Linear", "Ours")]["CIFAR10 (published)"] == "93.9"


@pytest.mark.parametrize("make", [table4, table_s2, table_s3])
def test_protocol_a_alone_under_a_configuration_with_both(
    make: object, both: pd.DataFrame, paper: pd.DataFrame
) -> None:
    alone = both[both["protocol"].isna()].drop(columns=["protocol", "centring"])
    table = make(alone, paper, POOLED, MULTISCALE)
    measured = table.tidy[table.tidy["mean"].notna()]
    assert set(measured["protocol"]) == {"A"} and (measured["mean"].isin([70, 70.5, 71])).all()


@pytest.mark.parametrize("make", [table2, table3, table_s4, table_s6])
def test_tables_are_the_same_each_time_and_survive_parquet(
    make: object, summary: pd.DataFrame, paper: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("metrics") / "summary.parquet"
    summary.to_parquet(path)
    first, again = (make(frame, paper, MULTISCALE) for frame in (summary, pd.read_parquet(path)))
    for text in (html, markdown, lambda table: to_csv(table.tidy)):
        assert text(first) == text(again)

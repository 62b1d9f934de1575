"""Tables of Protocols B and C, and those that show them below Protocol A, from a small synthetic summary."""

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from oneclass import published
from oneclass.tables import defects, objective
from oneclass.tables.cells import DASH
from oneclass.tables.render import Table
from oneclass.tables.tidy import COLUMNS

Texts = Callable[[Table], dict[tuple[str, ...], dict[str, str]]]
Conform = Callable[..., pd.DataFrame]
POOLED = {"backbone": "resnet152", "center_norm": 1.0, "protocol": "A"}
MULTISCALE = {"backbone": "lite0", "center_norm": 1.0, "protocol": "B"}
PROJECTOR, CLOSED_FORM = "Projector (Adam)", "Closed form"
NAN = float("nan")
IMAGE, PIXEL, AUPRO, IMAGE_AP, PIXEL_AP = ("image_auroc", "pixel_auroc", "pixel_aupro", "image_ap", "pixel_ap")
METRICS = {IMAGE: 0.0, PIXEL: 1.0, AUPRO: -10.0, IMAGE_AP: 2.0, PIXEL_AP: -40.0}  # and how far from the image AUROC
CLASSES = {"elpv": ["mono"], "elpv_drawn": ["mono"], "mvtec_ad": ["transistor", "bottle"]}
FIXED = {"projector": None, "center": None}


def rows(dataset: str, method: str, mean: float, **variant: object) -> list[dict[str, object]]:
    """Every metric of each category, one more point for the second, and the average."""
    setting = {"backbone": "lite0", "projector": "conv1x1", "center": "gaussian", "center_norm": 1.0}
    setting |= {"centering": "none", "protocol": "B", **variant}
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
            "repetitions": 2,
            **setting,
            **interval,
        }
        found += [{**shared, "class": name, "mean": value} for name, value in values.items()]
    return found


@pytest.fixture(scope="module")
def summary(conform: Conform) -> pd.DataFrame:
    parts = []
    for dataset, base in (("elpv", 90.0), ("elpv_drawn", 80.0), ("mvtec_ad", 95.0)):
        parts += [
            rows(dataset, "projector", base),
            rows(dataset, "projector", base - 5, center_norm=8.0),
            rows(dataset, "projector", base + 0.1, center="ones"),
            rows(dataset, "projector", base - 1, centering="position"),
            rows(dataset, "projector", base - 8, backbone="resnet18"),
            rows(dataset, "projector", base - 2, projector="linear"),
            rows(dataset, "closed_form", base + 2, **FIXED),
            rows(dataset, "closed_form", base - 7, **FIXED, center_norm=8.0),
            rows(dataset, "closed_form", base + 3, **FIXED, centering="position"),
            rows(dataset, "padim", base + 1, **FIXED, center_norm=NAN),
            rows(dataset, "patchcore", base - 3, **FIXED, center_norm=NAN),
            rows(dataset, "projector", base - 4, protocol="C"),
            rows(dataset, "projector", base - 6, protocol="C", center_norm=8.0),
            rows(dataset, "closed_form", base, **FIXED, protocol="C"),
        ]
    return conform(pd.DataFrame(itertools.chain(*parts)))


@pytest.fixture(scope="module")
def both(summary: pd.DataFrame, conform: Conform) -> pd.DataFrame:
    """With rows of Protocol A."""
    pooled = []
    for backbone, projector, center in [
        ("resnet152", "conv1x1", "gaussian"),
        ("resnet152", "conv1x1", "ones"),
        ("resnet152", "linear", "gaussian"),
        ("resnet18", "conv1x1", "gaussian"),
    ]:
        setting = {"backbone": backbone, "projector": projector, "center": center, "protocol": "A"}
        for dataset in ("elpv", "mvtec_ad"):
            pooled += rows(dataset, "projector", 70.0, **setting)
    frame = pd.DataFrame(pooled)
    return pd.concat([conform(frame[frame["metric"] == IMAGE]), summary], ignore_index=True)


@pytest.fixture(scope="module")
def paper() -> pd.DataFrame:
    return published.load("objective")


def three(cell: dict[str, str], heading: str) -> list[str]:
    return [cell[f"{heading}{end}"] for end in (" (here)", " (published)", " difference")]


def test_table2(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = defects.methods(summary, paper, "2", [MULTISCALE], "B")
    cell = texts(table)
    assert list(dict.fromkeys(table.wide.index.get_level_values(0))) == [
        *("Image AUROC (%)", "Pixel AUROC (%)", "Pixel AUPRO (%)", "Image AP (%)", "Pixel AP (%)")
    ]
    ours = [f"{name}{centred}" for name in (PROJECTOR, CLOSED_FORM) for centred in ("", ", position-centred")]
    assert [method for metric, method in cell if metric == "Image AUROC (%)"] == [
        *(*ours, "CFA", "DRAEM", "Patch SVDD", "FastFlow", "STPM", "PaDiM", "PatchCore"),
        "IGD",
    ]
    assert [method for metric, method in cell if metric == "Pixel AUPRO (%)"] == [*ours, "PaDiM", "PatchCore"]
    assert table.wide.columns.tolist() == [
        *("ELPV (here)", "ELPV, drawn defects (here)"),
        *("MVTec AD (here)", "MVTec AD (published)", "MVTec AD difference", "MPDD (published)", "VisA (published)"),
    ]
    assert three(cell[("Image AUROC (%)", PROJECTOR)], "MVTec AD") == ["95.5 ± 0.2", "99.0", "-3.5"]
    assert three(cell[("Pixel AUROC (%)", PROJECTOR)], "MVTec AD") == ["96.5 ± 0.2", "98.2", "-1.7"]
    assert three(cell[("Image AUROC (%)", "PaDiM")], "MVTec AD") == ["96.5 ± 0.2", "90.8", "+5.7"]
    centred = cell[("Image AUROC (%)", f"{CLOSED_FORM}, position-centred")]
    assert three(centred, "MVTec AD") == ["98.5 ± 0.2", DASH, DASH]
    assert cell[("Pixel AUROC (%)", "STPM")]["MPDD (published)"] == "98.1"
    assert cell[("Pixel AP (%)", PROJECTOR)] == {
        **dict.fromkeys(table.wide.columns, DASH),
        "ELPV, drawn defects (here)": "40.0 ± 0.2",
        "MVTec AD (here)": "55.5 ± 0.2",
    }
    assert cell[("Pixel AUROC (%)", PROJECTOR)]["ELPV (here)"] == DASH


def test_table2_tidy(summary: pd.DataFrame, paper: pd.DataFrame) -> None:
    tidy = defects.methods(summary, paper, "2", [MULTISCALE], "B").tidy
    assert list(tidy.columns) == [*COLUMNS, "backbone", "projector", "center", "center_norm", "centering", "protocol"]
    assert set(tidy["metric"]) == set(METRICS) and set(tidy["protocol"]) == {"B"}
    assert not tidy.duplicated(["dataset", "class", "method", "metric", "centering"]).any()
    found = tidy[(tidy["class"] == "mean") & (tidy["dataset"] == "mvtec_ad") & (tidy["metric"] == IMAGE)]
    ours = found[found["method"] == "projector"].set_index("centering")
    assert ours.loc["none", "published"] == 99.0 and np.isnan(ours.loc["position", "published"])
    assert {"transistor", "bottle", "mono"} <= set(tidy["class"])


def test_table3_is_of_protocol_c(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = defects.methods(summary, paper, "3", [MULTISCALE], "C")
    cell = texts(table)
    assert three(cell[("Image AUROC (%)", PROJECTOR)], "MVTec AD") == ["91.5 ± 0.2", "93.4", "-1.9"]
    assert cell[("Pixel AUROC (%)", PROJECTOR)]["VisA (published)"] == "98.1"
    assert cell[("Image AUROC (%)", CLOSED_FORM)]["ELPV (here)"] == "90.0 ± 0.2"
    assert {method for _, method in cell} == {PROJECTOR, CLOSED_FORM}
    assert set(table.tidy["protocol"]) == {"C"}
    assert "Protocol C: multi-scale features, backbone lite0, norm 1" in "\n".join(table.notes)


def test_table_s4(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = defects.categories(summary, paper, "S4", [MULTISCALE])
    cell = texts(table)
    image = [names[1:] for names in cell if names[0] == "Image AUROC (%)"]
    assert image[:3] == [("ELPV", "mono"), ("ELPV, drawn defects", "mono"), ("MVTec AD", "transistor")]
    assert image[-1] == ("MVTec AD", "Average") and len(image) == 2 + 16
    transistor = cell[("Image AUROC (%)", "MVTec AD", "transistor")]
    assert three(transistor, PROJECTOR) == ["95.0 ± 0.2", "99.3", "-4.3"]
    assert three(transistor, "PaDiM") == ["96.0 ± 0.2", "94.1", "+1.9"]
    assert transistor[f"{PROJECTOR}, position-centred (here)"] == "94.0 ± 0.2"
    assert transistor["IGD (published)"] == "90.5"
    assert cell[("Image AUROC (%)", "MVTec AD", "zipper")][f"{PROJECTOR} (here)"] == DASH
    pixel = [names[1:] for names in cell if names[0] == "Pixel AUROC (%)"]
    assert ("ELPV", "mono") not in pixel and pixel[-1] == ("MVTec AD", "Average") and len(pixel) == 4
    assert cell[("Pixel AUROC (%)", "MVTec AD", "bottle")][f"{PROJECTOR} (here)"] == "97.0 ± 0.2"


def test_table_s6(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = defects.norms(summary, paper, "S6", [MULTISCALE])
    cell = texts(table)
    assert table.wide.columns.tolist() == ["norm 1", "norm 2", "norm 4", "norm 8"]
    image = ("MVTec AD", "Image AUROC (%)")
    assert list(cell[(*image, PROJECTOR, "here")].values()) == ["95.5 ± 0.2", DASH, DASH, "90.5 ± 0.2"]
    assert list(cell[(*image, PROJECTOR, "published")].values()) == ["99.0", "99.0", "97.2", "89.2"]
    assert list(cell[(*image, PROJECTOR, "difference")].values()) == ["-3.5", DASH, DASH, "+1.3"]
    assert cell[("MVTec AD", "Pixel AUROC (%)", CLOSED_FORM, "here")]["norm 8"] == "89.5 ± 0.2"
    assert {names[2] for names in cell} == {PROJECTOR, CLOSED_FORM}


def test_table4_with_both_protocols(both: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = objective.centers(both, paper, "4", [POOLED, MULTISCALE])
    cell = texts(table)
    assert table.wide.index.names == ["Protocol", "Metric", "Centre", "Method"]
    pooled, multiscale = ("A, pooled", "Image AUROC (%)"), ("B, multi-scale", "Image AUROC (%)")
    assert three(cell[(*pooled, "N(0, 1)", PROJECTOR)], "MVTec AD") == ["70.50 ± 0.25", DASH, DASH]
    assert three(cell[(*multiscale, "N(0, 1)", PROJECTOR)], "MVTec AD") == ["95.50 ± 0.25", "99.00", "-3.50"]
    assert three(cell[(*multiscale, "All ones", PROJECTOR)], "MVTec AD") == ["95.60 ± 0.25", "98.93", "-3.33"]
    assert cell[(*pooled, "U(0, 1)", PROJECTOR)]["CIFAR10 (published)"] == "93.91"
    pixel = ("B, multi-scale", "Pixel AUROC (%)")
    assert cell[(*pixel, "any", CLOSED_FORM)]["MVTec AD (here)"] == "98.50 ± 0.25"
    assert list(dict.fromkeys(names[:2] for names in cell)) == [pooled, multiscale, pixel]
    assert set(table.tidy["centering"].dropna()) == {"none"}
    notes = "\n".join(table.notes)
    assert "Protocol A: pooled features, backbone resnet152" in notes
    assert "Protocol B: multi-scale features, backbone lite0" in notes


def test_table_s2_with_both_protocols(both: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    cell = texts(objective.backbones(both, paper, "S2", [POOLED, MULTISCALE]))
    pooled, multiscale = ("A, pooled", "Image AUROC (%)"), ("B, multi-scale", "Image AUROC (%)")
    assert three(cell[(*pooled, "resnet18", PROJECTOR)], "MVTec AD") == ["70.5 ± 0.2", "78.49", "-8.0"]
    assert three(cell[(*pooled, "resnet152", PROJECTOR)], "MVTec AD")[1:] == ["97.7", "-27.2"]
    assert cell[(*multiscale, "resnet18", PROJECTOR)]["MVTec AD (here)"] == "87.5 ± 0.2"
    assert cell[(*multiscale, "wide_resnet50_2", PROJECTOR)]["MVTec AD (published)"] == "99.0"
    assert cell[("B, multi-scale", "Pixel AUROC (%)", "lite0", PROJECTOR)]["ELPV, drawn defects (here)"] == "81.0 ± 0.2"


def test_table_s3_with_both_protocols(both: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    cell = texts(objective.projectors(both, paper, "S3", [POOLED, MULTISCALE]))
    multiscale = ("B, multi-scale", "Image AUROC (%)")
    assert three(cell[(*multiscale, "Linear", PROJECTOR)], "MVTec AD") == ["93.5 ± 0.2", "97.3", "-3.8"]
    assert cell[("A, pooled", "Image AUROC (%)", "Linear", PROJECTOR)]["CIFAR10 (published)"] == "93.9"


@pytest.mark.parametrize(("function", "number"), [("centers", "4"), ("backbones", "S2"), ("projectors", "S3")])
def test_protocol_a_alone_under_a_configuration_with_both(
    function: str, number: str, both: pd.DataFrame, paper: pd.DataFrame
) -> None:
    table = getattr(objective, function)(both[both["protocol"] == "A"], paper, number, [POOLED, MULTISCALE])
    measured = table.tidy[table.tidy["mean"].notna()]
    assert set(measured["protocol"]) == {"A"} and (measured["mean"].isin([70, 70.5, 71])).all()


@pytest.mark.parametrize(
    ("function", "number", "further"),
    [
        ("methods", "2", {"protocol": "B"}),
        ("methods", "3", {"protocol": "C"}),
        *(("categories", "S4", {}), ("norms", "S6", {})),
    ],
)
def test_tables_are_the_same_from_files(
    function: str,
    number: str,
    further: dict[str, object],
    summary: pd.DataFrame,
    paper: pd.DataFrame,
    require_same_from_files: Callable[..., None],
) -> None:
    settings = {"settings": [MULTISCALE], **further}
    table = getattr(defects, function)(summary, paper, number, **settings)
    require_same_from_files(table, f"tables.defects:{function}", "objective", number, {"summary": summary}, **settings)

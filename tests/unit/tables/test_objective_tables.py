"""Paper 1's tables from a small synthetic summary: every cell known beforehand."""

import itertools
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

from oneclass import parquet, published
from oneclass.data.index import Index
from oneclass.data.record import COLUMNS as RECORD
from oneclass.tables import objective
from oneclass.tables.cells import DASH, SOURCES
from oneclass.tables.render import Table
from oneclass.tables.tidy import COLUMNS

Texts = Callable[[Table], dict[tuple[str, ...], dict[str, str]]]
Conform = Callable[..., pd.DataFrame]
SETTINGS = [{"backbone": "lite0", "center_norm": 1.0, "protocol": "A"}]
NAN = float("nan")
PROJECTOR, FULL_BATCH, CLOSED_FORM = "Projector (Adam)", "Projector (full batch)", "Closed form"


def row(dataset: str, method: str, mean: float, std: float = NAN, **variant: object) -> list[dict[str, object]]:
    """A class and the average over classes."""
    setting = {
        "backbone": "lite0",
        "projector": "conv1x1",
        "center": "gaussian",
        "center_norm": 1.0,
        "centering": "none",
    }
    setting |= {"protocol": "A", **variant}
    fixed = {"dataset": dataset, "method": method, **setting, "metric": "image_auroc", "std": std, "repetitions": 5}
    interval = {"ci_low": mean - 1, "ci_high": mean + 1}
    return [{**fixed, "class": name, "mean": mean, **interval} for name in ("one", "mean")]


@pytest.fixture(scope="module")
def summary(conform: Conform) -> pd.DataFrame:
    none = {"projector": None, "center": None}
    rows: list[list[dict[str, object]]] = []
    for dataset, base in (("elpv", 90.0), ("cifar10", 93.0)):
        rows += [
            row(dataset, "projector", base, 0.25),
            row(dataset, "projector", base - 5, 0.5, center_norm=8.0),
            row(dataset, "projector", base + 0.05, 0.25, center="ones"),
            row(dataset, "projector", base + 1, 0.25, projector="linear"),
            row(dataset, "projector", base - 2, 0.25, backbone="resnet18"),
            row(dataset, "full_batch", base + 0.5),
            row(dataset, "closed_form", base + 2, **none),
            row(dataset, "closed_form", base - 3, **none, center_norm=8.0),
            row(dataset, "knn", base - 10, **none, center_norm=NAN),
        ]
    return conform(pd.DataFrame(itertools.chain(*rows)))


@pytest.fixture(scope="module")
def history(conform: Conform) -> pd.DataFrame:
    """How alike the images of two classes are, 0.2 apart, in two repetitions, 0.1 apart; and AUROC, not to be shown."""
    fixed = {"method": "projector", "backbone": "lite0", "center": "gaussian", "centering": "none", "protocol": "A"}
    rows = [
        {**fixed, "dataset": dataset, "class": name, "center_norm": norm, "repetition": repetition, "step": step}
        | {"metric": metric, "value": 0.4 + norm / 100 + place / 5 + repetition / 10}
        for dataset in ("elpv", "cifar10")
        for place, name in enumerate(["one", "two"])
        for norm in (1.0, 8.0)
        for repetition in (0, 1)
        for metric, step in (("cosine", NAN), ("image_auroc", 1.0), ("image_auroc", 2.0))
    ]
    return conform(pd.DataFrame(rows), "history")


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A store of features of dimension 1280."""
    path = tmp_path_factory.mktemp("features") / "none.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("pooled", (2, 1280), "float32")
    return [path]


@pytest.fixture(scope="module")
def paper() -> pd.DataFrame:
    return published.load("objective")


def table1(summary: pd.DataFrame, features: list[Path], paper: pd.DataFrame, **fine_tuned: list) -> Table:
    return objective.methods(summary, features, paper, "1", SETTINGS, **{"training": [], **fine_tuned})


def test_table1(summary: pd.DataFrame, features: list[Path], paper: pd.DataFrame, texts: Texts) -> None:
    table = table1(summary, features, paper)
    cell = texts(table)
    assert table.wide.index.get_level_values(0).tolist() == [
        *("ELPV", "CIFAR10", "Fashion-MNIST", "CIFAR100", "CatsVsDogs", "MVTec AD"),
        "Trainable parameters [millions]",
    ]
    assert table.wide.columns.tolist() == [
        *(f"{PROJECTOR} {source}" for source in ("(here)", "(published)", "difference")),
        *(f"{FULL_BATCH} (here)", f"{CLOSED_FORM} (here)", "kNN (here)"),
        *(f"{name} (published)" for name in ("Deep SVDD (Ruff et al.)", "PANDA", "MS", "IGD", "GT+ (MRot)")),
    ]
    assert list(cell[("CIFAR10",)].values())[:6] == ["93.0 ± 0.2", "93.9", "-0.9", "93.5", "95.0", "83.0"]
    assert list(cell[("CIFAR10",)].values())[6:] == ["64.8", "96.2", "97.2", "91.3", "90.1"]
    assert list(cell[("ELPV",)].values())[:3] == ["90.0 ± 0.2", DASH, DASH]
    mvtec = cell[("MVTec AD",)]
    assert mvtec[f"{PROJECTOR} (published)"] == "99.0" and mvtec[f"{PROJECTOR} (here)"] == DASH
    parameters = cell[("Trainable parameters [millions]",)]
    assert [parameters[f"{PROJECTOR}{kind}"] for kind in (" (here)", " (published)")] == ["1.6", "3.7"]
    assert [parameters[f"{name} (here)"] for name in (FULL_BATCH, CLOSED_FORM, "kNN")] == ["1.6", "0.0", "0.0"]


def test_table1_with_fine_tuned_networks(
    summary: pd.DataFrame,
    features: list[Path],
    paper: pd.DataFrame,
    texts: Texts,
    conform: Conform,
    tmp_path: Path,
    require_same_from_files: Callable[..., None],
) -> None:
    variant = {"projector": None, "center": None, "center_norm": NAN, "network": "finetuned", "pool": "photos"}
    variant |= {"protocol": None, "centering": None, "task": "one_vs_rest", "outlier_count": 0.0, "augmented": "no"}
    methods = {"panda": 95.0, "mean_shifted": 96.0, "knn": 90.0, "panda_ewc": 94.0}
    rows = [row("cifar10", method, mean, 0.5, **variant) for method, mean in methods.items()]
    rows.append(row("cifar10", "panda", 50.0, **{**variant, "backbone": "resnet18"}))
    both = pd.concat([summary, conform(pd.DataFrame(itertools.chain(*rows)))], ignore_index=True)
    size = tmp_path / "size.parquet"
    parquet.write(pa.table({"trainable_parameters": [2_600_000]}), {}, size)
    tuned = {"training": ["how they are trained"], "sizes": [size]}
    table, before = table1(both, features, paper, **tuned), table1(summary, features, paper)
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
    files = {"features": features, "sizes": [size]}
    settings = {"settings": SETTINGS, "training": tuned["training"]}
    require_same_from_files(
        table, "tables.objective:methods", "objective", "1", {"summary": both}, files=files, **settings
    )


def test_table1_tidy(summary: pd.DataFrame, features: list[Path], paper: pd.DataFrame) -> None:
    tidy = table1(summary, features, paper).tidy
    variants = ["backbone", "projector", "center", "center_norm", "centering", "protocol"]
    assert list(tidy.columns) == [*COLUMNS, *variants]
    assert not tidy.duplicated(["dataset", "class", "method", "metric"]).any()
    ours = tidy[(tidy["dataset"] == "cifar10") & (tidy["method"] == "projector")].set_index("class")
    assert ours.loc["mean", "difference"] == pytest.approx(93.0 - 93.9)
    assert [ours.loc["mean", name] for name in ("std", "repetitions", "ci_low", "ci_high")] == [0.25, 5, 92, 94]
    assert np.isnan(ours.loc["one", "published"])
    counts = tidy[tidy["metric"] == "trainable_parameters"].set_index("method")["mean"]
    assert counts["projector"] == counts["full_batch"] == pytest.approx((1280**2 + 1280) / 1e6)


def test_table4(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = objective.centers(summary, paper, "4", SETTINGS)
    cell = texts(table)
    assert table.wide.index.names == ["Centre", "Method"]
    assert cell[("N(0, 1)", PROJECTOR)]["CIFAR10 (here)"] == "93.00 ± 0.25"
    assert cell[("N(0, 1)", PROJECTOR)]["CIFAR10 difference"] == "-0.93"
    assert cell[("All ones", PROJECTOR)]["CIFAR10 difference"] == "-0.81"
    assert cell[("Feature mean", PROJECTOR)] == {
        **dict.fromkeys(table.wide.columns, DASH),
        "CIFAR10 (published)": "93.88",
        "MVTec AD (published)": "98.97",
    }
    assert cell[("any", CLOSED_FORM)]["ELPV (here)"] == "92.00"
    assert "center" in table.tidy


def test_table_s2(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    cell = texts(objective.backbones(summary, paper, "S2", SETTINGS))
    assert cell[("lite0", PROJECTOR)]["ELPV (here)"] == "90.0 ± 0.2"
    resnet18 = cell[("resnet18", PROJECTOR)]
    assert [resnet18[f"CIFAR10{end}"] for end in (" (here)", " (published)", " difference")] == [
        *("91.0 ± 0.2", "88.6", "+2.4")
    ]
    assert cell[("wide_resnet50_2", PROJECTOR)]["MVTec AD (published)"] == "99.0"


def test_table_s3(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    cell = texts(objective.projectors(summary, paper, "S3", SETTINGS))
    assert cell[("1×1 convolution", PROJECTOR)]["CIFAR10 difference"] == "-0.9"
    assert cell[("Linear", PROJECTOR)]["CIFAR10 (here)"] == "94.0 ± 0.2"
    assert cell[("Linear", PROJECTOR)]["MVTec AD (published)"] == "97.3"
    assert cell[("none", CLOSED_FORM)]["ELPV (here)"] == "92.0"


def test_table_s5(summary: pd.DataFrame, history: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = objective.norms(summary, history, paper, "S5", SETTINGS)
    cell = texts(table)
    assert table.wide.columns.tolist() == [f"norm {norm}" for norm in (1, 4, 8, 16, 32)]
    rows = {source: list(cell[("CIFAR10", "Image AUROC (%)", PROJECTOR, source)].values()) for source in SOURCES}
    assert rows == {
        "here": ["93.0 ± 0.2", DASH, "88.0 ± 0.5", DASH, DASH],
        "published": ["93.9", "94.0", "94.1", "93.8", "91.3"],
        "difference": ["-0.9", DASH, "-6.1", DASH, DASH],
    }
    assert cell[("ELPV", "Image AUROC (%)", CLOSED_FORM, "here")]["norm 8"] == "87.0"
    image = ("ELPV", "Image AUROC (%)")
    assert (*image, "kNN", "here") not in cell and (*image, PROJECTOR, "published") not in cell
    # 0.4, 0.1 as the two classes are 0.2 apart, half of the 0.1 between repetitions, and a hundredth of the norm
    cosines = [f"{0.55 + norm / 100:.2f} ± 0.07" if norm in (1, 8) else DASH for norm in (1, 4, 8, 16, 32)]
    assert list(cell[("ELPV", "Cosine", PROJECTOR, "here")].values()) == cosines
    assert "MVTec AD" not in table.wide.index.get_level_values(0)  # Table S6 has it


def index(root: Path, name: str, rows: list[tuple[str, str, int, int]]) -> Index:
    """Of images by class, split, label and the pixels of their sides."""
    table = []
    for place, (class_name, split, label, side) in enumerate(rows):
        Image.new("L", (side, side + 10)).save(root / f"{name}{place}.png")
        row = {"id": str(place), "path": f"{name}{place}.png", "class_name": class_name, "split": split, "label": label}
        table.append({**row, "item": -1, "reader": "image", "mask": "", "defect": ""})
    return Index.create(pd.DataFrame(table)[list(RECORD)], name, root)


def test_table_s1(paper: pd.DataFrame, texts: Texts, tmp_path: Path) -> None:
    indexes = [
        index(tmp_path, "elpv", [("mono", "train", 0, 300)] * 3 + [("poly", "test", 0, 20), ("mono", "test", 1, 40)]),
        index(tmp_path, "cifar10", [("cat", "train", 0, 32), ("dog", "train", 0, 32), ("cat", "test", 0, 32)]),
    ]
    table = objective.datasets(indexes, paper, "S1", {"elpv": ["mono", "poly"], "cifar10": ["cat"]})
    cell = texts(table)
    assert list(table.tidy.columns) == COLUMNS
    names = ["Categories", "Train", "Test, normal", "Test, anomalous", "Test", "Image size, min", "Image size, max"]
    assert [cell[("ELPV",)][f"{name} (here)"] for name in names] == ["2", "3", "1", "1", "2", "20", "310"]
    assert cell[("CIFAR10",)]["Train (published)"] == "50000" and cell[("CIFAR10",)]["Train (here)"] == "2"
    assert cell[("CIFAR10",)]["Categories (here)"] == "1"
    assert [cell[("VisA",)][f"Image size, {end} (published)"] for end in ("min", "max")] == ["960", "1562"]


@pytest.mark.parametrize(
    ("function", "number", "kinds"),
    [
        *(("centers", "4", ["summary"]), ("backbones", "S2", ["summary"]), ("projectors", "S3", ["summary"])),
        ("norms", "S5", ["summary", "history"]),
    ],
)
def test_tables_are_the_same_from_files(
    function: str,
    number: str,
    kinds: list[str],
    summary: pd.DataFrame,
    history: pd.DataFrame,
    paper: pd.DataFrame,
    require_same_from_files: Callable[..., None],
) -> None:
    rows = {kind: frame for kind, frame in (("summary", summary), ("history", history)) if kind in kinds}
    table = getattr(objective, function)(**rows, published=paper, number=number, settings=SETTINGS)
    require_same_from_files(table, f"tables.objective:{function}", "objective", number, rows, settings=SETTINGS)


def test_paper_alone_still_makes_its_table(summary: pd.DataFrame, paper: pd.DataFrame, texts: Texts) -> None:
    table = objective.centers(summary[summary["dataset"] == "nothing"], paper, "4", SETTINGS)
    assert texts(table)[("N(0, 1)", PROJECTOR)] == {"CIFAR10 (published)": "93.93", "MVTec AD (published)": "99.00"}

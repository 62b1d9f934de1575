"""The tracked numbers of the papers: complete, unique, typed and consistent with each other."""

import pandas as pd
import pytest

from oneclass import published
from oneclass.errors import UserError

KEYS = ["paper", "table", "dataset", "class", "method", "metric", "backbone", "projector", "center", "norm", "protocol"]


@pytest.fixture(scope="module")
def objective() -> pd.DataFrame:
    return published.load("objective")


def pick(frame: pd.DataFrame, **wanted: object) -> float:
    for name, value in wanted.items():
        frame = frame[frame[name.rstrip("_")] == value]
    assert len(frame) == 1
    return float(frame["value"].iloc[0])


def test_every_number_of_every_table_is_there(objective: pd.DataFrame) -> None:
    counts = {"1": 34, "2": 46, "3": 6, "4": 8, "S1": 35, "S2": 6, "S3": 4, "S4": 128, "S5": 5, "S6": 4}
    assert objective["table"].value_counts().to_dict() == {**counts, "fig4": 2, "figS4": 4}


def test_columns_are_typed(objective: pd.DataFrame) -> None:
    assert list(objective.columns) == [*KEYS[:6], "value", "std", *KEYS[6:]]
    assert (objective[["value", "std", "norm"]].dtypes == "float64").all()
    assert objective["value"].notna().all()
    assert not objective.drop(columns=["value", "std", "norm"]).isna().any(axis=None)


def test_no_number_is_there_twice(objective: pd.DataFrame) -> None:
    assert not objective.duplicated(KEYS).any()


def test_spot_values(objective: pd.DataFrame) -> None:
    assert pick(objective, table="1", dataset="fashion_mnist", method="Ours") == 95.4
    assert pick(objective, table="1", dataset="cifar100", method="MS") == 96.4
    assert pick(objective, table="1", metric="trainable_parameters", method="IGD") == 28.7
    assert pick(objective, table="2", dataset="visa", method="PaDiM", metric="pixel_auroc") == 98.1
    assert pick(objective, table="3", dataset="mpdd", metric="image_auroc") == 84.5
    assert pick(objective, table="4", dataset="mvtec_ad", center="ones") == 98.93
    assert pick(objective, table="S1", dataset="visa", metric="max_size") == 1562
    assert pick(objective, table="S2", dataset="mvtec_ad", backbone="resnet18") == 78.49
    assert pick(objective, table="S3", dataset="mvtec_ad", projector="linear") == 97.3
    assert pick(objective, table="S4", class_="transistor", method="IGD") == 90.5
    assert pick(objective, table="S4", class_="metal_nut", method="DRAEM") == 99.4
    assert pick(objective, table="S5", norm=32.0) == 91.3
    assert pick(objective, table="S6", norm=8.0) == 89.2
    assert pick(objective, table="fig4", dataset="cifar10") == 0.19
    assert pick(objective, table="figS4", class_="grid", norm=8.0) == 75.2


def test_the_protocol_of_mvtec_ad_is_that_of_its_99(objective: pd.DataFrame) -> None:
    rows = objective[(objective["dataset"] == "mvtec_ad") & objective["table"].isin(["4", "S2", "S3", "S6"])]
    assert (rows.loc[rows["value"].round(1) == 99.0, "protocol"] == "B").all()
    pooled = rows[rows["protocol"] == "A"]
    assert dict(zip(pooled["backbone"], pooled["value"], strict=True)) == {"resnet18": 78.49, "resnet152": 97.7}


def test_percentages_are_percentages(objective: pd.DataFrame) -> None:
    auroc = objective[objective["metric"].isin(["image_auroc", "pixel_auroc"])]
    assert auroc["value"].between(50, 100).all()


def test_averages_of_table_s4_are_those_of_its_classes(objective: pd.DataFrame) -> None:
    rows = objective[objective["table"] == "S4"]
    mean = rows["class"] == "mean"
    computed = rows[~mean].groupby("method")["value"].mean()
    printed = rows[mean].set_index("method")["value"]
    assert (rows[~mean].groupby("method").size() == 15).all()
    # The paper's own arithmetic: IGD's classes average 86.07, its table says 86.3. All others agree within rounding.
    assert computed["IGD"] == pytest.approx(86.07, abs=0.01) and printed["IGD"] == 86.3
    others = printed.index != "IGD"
    assert (computed[printed.index] - printed)[others].abs().max() <= 0.1


def test_tables_of_the_paper_agree_where_they_overlap(objective: pd.DataFrame) -> None:
    ours = objective[(objective["method"] == "Ours") & (objective["class"] == "mean") & (objective["norm"] == 1)]
    default = ours[(ours["center"] == "normal") & (ours["projector"] == "conv1x1") & (ours["protocol"] != "C")]
    default = default[(default["metric"] == "image_auroc") & (default["table"] != "S2")]
    for dataset, value in (("cifar10", 93.9), ("mvtec_ad", 99.0)):
        assert (default.loc[default["dataset"] == dataset, "value"].round(1) == value).all()
    two, s4 = (objective[(objective["table"] == table) & (objective["class"] == "mean")] for table in ("2", "S4"))
    shared = two[(two["dataset"] == "mvtec_ad") & (two["metric"] == "image_auroc")].merge(s4, on="method")
    differs = shared[shared["value_x"] != shared["value_y"]]
    # The paper contradicts itself on two methods between Table 2 and the averages of Table S4.
    assert dict(zip(differs["method"], differs["value_x"], strict=True)) == {"IGD": 93.4, "Patch SVDD": 92.1}


def test_unknown_paper_names_the_known() -> None:
    with pytest.raises(UserError, match=r"'objectiv'; there is: .*objective"):
        published.load("objectiv")

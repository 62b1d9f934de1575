"""What the pages of paper 1 show, under the configuration of the papers."""

from pathlib import Path

import pytest
import yaml

from oneclass import published
from oneclass.config import load
from oneclass.pages.plan import PagePlan, planned
from oneclass.plan.plan import Plan


@pytest.fixture(scope="module")
def pages() -> dict[str, PagePlan]:
    """Those of the papers' configuration, by name."""
    config = load(yaml.safe_load(Path("configs/paper.yaml").read_text(encoding="utf-8")))
    return {page.page.name: page for page in planned(Plan(config, Path("workflow_scripts")))}


def measured(page: PagePlan) -> set[tuple[str, ...]]:
    """The (protocol, data set, backbone, fit) that a table shows."""
    protocols = {"objective": "A", "localisation": "B"}
    parts = [Path(path).with_suffix("").parts for path in page.inputs["summary"]]
    return {(protocols[part[-5]], part[-4], part[-3], part[-1]) for part in parts}


@pytest.mark.parametrize(("number", "fit"), [("S2", "projector"), ("S3", "algorithm1")])
def test_what_the_paper_compares_is_measured_beside_it(pages: dict[str, PagePlan], number: str, fit: str) -> None:
    paper = published.load("objective")
    paper = paper[(paper["table"] == number) & paper["protocol"].notna()]
    backbones = paper["backbone"].fillna("wide_resnet50_2")
    printed = set(zip(paper["protocol"], paper["dataset"], backbones, [fit] * len(paper), strict=True))
    assert printed <= measured(pages[f"objective_table{number}"])


def test_figure_s1_shows_the_data_sets_of_table_s1(pages: dict[str, PagePlan]) -> None:
    indexes = pages["objective_figS1"].inputs["indexes"]
    assert indexes == pages["objective_tableS1"].inputs["indexes"]
    shown = [Path(path).stem for path in indexes]
    paper = published.load("objective")
    assert set(paper.loc[paper["table"] == "S1", "dataset"]) <= set(shown)
    assert list(pages["objective_figS1"].settings["settings"]["classes"]) == shown


def test_figure_s4_shows_the_classes_and_norms_of_the_paper(pages: dict[str, PagePlan]) -> None:
    settings = pages["objective_figS4"].settings["settings"]
    paper = published.load("objective")
    for protocol, rows in paper[paper["table"] == "figS4"].groupby("protocol"):
        assert settings["norms"][protocol] == rows["center_norm"].tolist()
        [(dataset, name)] = set(zip(rows["dataset"], rows["class"], strict=True))
        assert settings["classes"][protocol][dataset] == name

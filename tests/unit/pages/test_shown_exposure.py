"""Which runs the pages of paper 2 show, under the configuration of the papers."""

from pathlib import Path

import pytest
import yaml

from oneclass.config import load
from oneclass.filters import Filter
from oneclass.pages.plan import PagePlan, planned
from oneclass.plan.plan import Plan

CIFAR10, IMAGENET30 = ("cifar10", "lenet"), ("imagenet30", "cbam_resnet18")
LEFT_OUT = [("cifar10_leave_one_out", "lenet"), ("imagenet30_leave_one_out", "cbam_resnet18")]
MVTEC = ("mvtec_ad", "cbam_resnet18")
EVOLVED, AT_RANDOM = {"best", "worst"}, {"random"}
LENET, CBAM = {"lenet"}, {"cbam_resnet18"}
SMALL, LARGE = {"fashion_mnist", "cifar10", "cifar100"}, {"cats_vs_dogs"}  # on which baselines are run
BASELINES = {"table1": SMALL | LARGE, "table7": SMALL, "table8": SMALL, "table9": LARGE}


def plan_of(config: str) -> Plan:
    return Plan(load(yaml.safe_load(Path(config).read_text(encoding="utf-8"))), Path("workflow_scripts"))


@pytest.fixture(scope="module")
def pages() -> dict[str, PagePlan]:
    """Those of the papers' configuration, by name."""
    return {page.page.name: page for page in planned(plan_of("configs/paper.yaml"))}


@pytest.mark.parametrize(
    ("page", "sweep", "runs"),
    [
        *(("table1", "benchmark", [CIFAR10, IMAGENET30]), ("table6", "radial", [CIFAR10])),
        *(("table7", "benchmark", [CIFAR10]), ("table8", "benchmark", [CIFAR10])),
        *(("table9", "benchmark", [IMAGENET30]), ("table13", "benchmark", LEFT_OUT[1:])),
        *(("table14", "benchmark", LEFT_OUT[:1]), ("table15", "benchmark", [MVTEC])),
        *(("fig2", "counts", [CIFAR10, IMAGENET30]), ("fig3", "counts", LEFT_OUT), ("fig4", "counts", [MVTEC])),
        *(("fig6", "diversity", [CIFAR10]), ("fig17", "diversity", [CIFAR10])),
        *(("fig8", "frequencies", [CIFAR10]), ("fig9", "frequencies", [CIFAR10])),
        *(("fig10", "frequencies", [IMAGENET30]), ("fig11", "frequencies", [IMAGENET30])),
        *(("fig13", "gamma", [CIFAR10, IMAGENET30]), ("fig14", "counts", [IMAGENET30])),
        *(("fig15", "counts", [IMAGENET30]), ("fig16", "counts", [CIFAR10])),
    ],
)
def test_a_page_shows_the_runs_of_its_sweep_task_and_networks(
    pages: dict[str, PagePlan], page: str, sweep: str, runs: list[tuple[str, str]]
) -> None:
    paths = [Path(path) for path in pages[f"exposure_{page}"].inputs["summary"]]
    baselines = {path.parts[-2] for path in paths if "baselines" in path.parts}
    assert baselines == BASELINES.get(page, set())
    paths = [path for path in paths if "baselines" not in path.parts]
    trained = [path for path in paths if "clip" not in path.parts]
    assert [(path.parts[-3], path.stem) for path in trained] == runs
    assert {path.parts[-4] for path in trained} == {sweep}
    clip = {path.parts[-3] for path in paths if path not in trained}  # on the same data sets
    assert clip == ({dataset for dataset, _ in runs} if page in ("table13", "table14", "table15") else set())


@pytest.mark.parametrize(
    ("page", "networks", "kinds", "directions"),
    [
        *(("table3", LENET | CBAM, {"none"}, EVOLVED), ("table4", LENET | CBAM, {"none", "lpf", "hpf"}, EVOLVED)),
        ("table5", LENET | CBAM, {"none", "lpf", "hpf"}, EVOLVED | AT_RANDOM),
        *(("table16", LENET, {"none"}, EVOLVED), ("table17", LENET, {"lpf", "hpf"}, EVOLVED)),
        *(("table18", CBAM, {"none"}, EVOLVED), ("table19", CBAM, {"lpf", "hpf"}, EVOLVED)),
        ("search", LENET | CBAM, {"none", "lpf", "hpf"}, EVOLVED | AT_RANDOM),
        *(("fig5", LENET | CBAM, {"none"}, EVOLVED), ("fig7", LENET | CBAM, {"lpf", "hpf"}, EVOLVED)),
        ("fig12", LENET | CBAM, {"none", "lpf", "hpf"}, AT_RANDOM),
        *(("fig18", LENET, {"none"}, EVOLVED), ("fig19", LENET, {"lpf"}, EVOLVED), ("fig20", LENET, {"hpf"}, EVOLVED)),
        *(("fig21", CBAM, {"none"}, EVOLVED), ("fig22", CBAM, {"lpf"}, EVOLVED), ("fig23", CBAM, {"hpf"}, EVOLVED)),
    ],
)
def test_a_page_shows_the_searches_of_its_networks_filters_and_directions(
    pages: dict[str, PagePlan], page: str, networks: set[str], kinds: set[str], directions: set[str]
) -> None:
    paths = [Path(path) for path in pages[f"exposure_{page}"].inputs["searches"]]
    assert len(paths) == len(set(paths))
    assert {path.parts[-4] for path in paths} == networks
    assert {Filter.parse(path.parts[-3]).kind for path in paths} == kinds
    assert {path.stem.rpartition("_")[2] for path in paths} == directions
    assert {path.parts[-2] for path in paths} == {"hsc", "bce"}


@pytest.mark.parametrize(
    ("page", "datasets"),
    [
        ("table2", SMALL | LARGE | {"imagenet30", "mvtec_ad", *(name for name, _ in LEFT_OUT)}),
        *(("table10", SMALL), ("table11", SMALL), ("table12", LARGE | {"imagenet30"})),
    ],
)
def test_a_page_shows_pretrained_networks_on_its_data_sets(
    pages: dict[str, PagePlan], page: str, datasets: set[str]
) -> None:
    paths = [Path(path).parts for path in pages[f"exposure_{page}"].inputs["summary"]]
    assert {parts[parts.index("metrics") + 2] for parts in paths} == datasets
    pretrained = {parts[-1] for parts in paths if parts[parts.index("metrics") + 1] == "baselines"}
    assert pretrained <= {"igd.parquet", "adip.parquet"} and (page != "table2" or len(pretrained) == 2)
    assert {parts[parts.index("metrics") + 1] for parts in paths} <= {"clip", "transfer", "baselines"}


PAPERS = {"cifar10": ["ship", "cat"], "imagenet30": ["airliner", "dragonfly"]}


def test_what_a_page_is_told(pages: dict[str, PagePlan]) -> None:
    told = {name.removeprefix("exposure_"): page.settings["settings"] for name, page in pages.items()}
    assert {name: told[name]["number"] for name in ("fig2", "fig6", "fig13", "fig14", "fig16", "fig17")} == {
        **dict.fromkeys(["fig2", "fig14", "fig16"], "outlier_count"),
        **dict.fromkeys(["fig6", "fig17"], "outlier_class_count"),
        "fig13": "gamma",
    }
    assert [told[name].get("half") for name in ("fig14", "fig15", "fig16")] == ["first", "second", None]
    assert [told[f"fig{number}"]["kind"] for number in (8, 9, 10, 11)] == ["lpf", "hpf", "lpf", "hpf"]
    assert [told[f"fig{number}"]["classes"] for number in (5, 7, 12, 18, 23)] == [*[PAPERS] * 3, None, None]
    assert [told[f"table{number}"].get("deviations_in") for number in (7, 8, 10, 11)] == ["8", None, "11", None]


def test_what_a_configuration_lacks_has_no_page() -> None:
    """Of one-vs-rest on 32-pixel images, low-pass filters and a search on unfiltered images alone."""
    made = {page.page.name for page in planned(plan_of("configs/ci.yaml"))}
    names = {"table": (1, 3, 5, 7, 8, 9, 16), "fig": (1, 2, 5, 8, 12, 16, 18)}
    assert {f"exposure_{kind}{number}" for kind, numbers in names.items() for number in numbers} <= made
    lacking = {
        "table": (4, 6, 12, 13, 14, 15, 17, 18, 19),
        "fig": (3, 4, 6, 7, 9, 10, 11, 13, 14, 15, 17, *range(19, 24)),
    }
    assert made.isdisjoint(f"exposure_{kind}{number}" for kind, numbers in lacking.items() for number in numbers)

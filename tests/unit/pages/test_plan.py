"""Which pages a configuration makes, and what is said of those that it cannot make."""

import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from oneclass.config import Config, load
from oneclass.config.exposure import Exposure
from oneclass.errors import UserError
from oneclass.pages.catalogue import PAGES
from oneclass.pages.plan import planned, require
from oneclass.plan.plan import Plan

SECTIONS = ["objective", "localisation", "exposure", "clip", "transfer", "baselines"]
SWEEPS = [f"exposure.{name}" for name in ("benchmark", "radial", "counts", "diversity", "frequencies", "gamma")]


@cache
def plan(*missing: str) -> Plan:
    """The default configuration's, without the sections ``missing``."""
    values: Any = deepcopy(yaml.safe_load(Path("config.yaml").read_text(encoding="utf-8")))
    for key in missing:
        *above, last = key.split(".")
        place = values
        for part in above:
            place = place[part]
        del place[last]
    return Plan(load(values), Path("workflow_scripts"))


@pytest.mark.parametrize("section", ["localisation", "exposure", "clip", "transfer", *SWEEPS, "exposure.search"])
def test_a_page_that_goes_with_a_section_says_that_it_needs_it(section: str) -> None:
    left = {page.page.name for page in planned(plan(section))}
    gone = [page.page for page in planned(plan()) if page.page.name not in left]
    assert gone
    for page in gone:
        assert re.search(rf"\b{re.escape(section)}\b", page.shown.needs), page.name
    for page in PAGES:
        if page.shown.needs == section:
            assert page in gone


def test_the_default_configuration_makes_every_page() -> None:
    pages = [page.page for page in planned(plan())]
    assert pages == [*PAGES]
    numbered = [page.kind for page in pages if page.number]
    assert (numbered.count("tables"), numbered.count("figures")) == (29, 33), "of both papers"


def test_without_any_section_no_page_is_made_and_each_says_what_is_lacking() -> None:
    nothing = plan(*SECTIONS)
    assert planned(nothing) == []
    for page in PAGES:
        suffix = {"tables": "md", "figures": "png"}[page.kind]
        for asked in (page.name, f"results/{page.kind}/{page.name}.{suffix}"):
            with pytest.raises(UserError) as error:
                require(nothing, ["snakemake", "-n", asked])
            assert str(error.value) == f"{page.name} cannot be made: the configuration lacks {page.shown.needs}"


def test_the_keys_that_pages_need_are_keys_of_the_configuration() -> None:
    for page in PAGES:
        alternatives = [part.split(", with")[0] for part in page.shown.needs.split("; or ")]
        for key in [key for part in alternatives for key in part.split(" or ")]:
            kind: Any = Config
            for part in key.split("."):
                assert part in kind.model_fields, (page.name, key)
                annotation = kind.model_fields[part].annotation
                kind = getattr(annotation, "__args__", [annotation])[0]


@pytest.mark.parametrize("section", [*SWEEPS, "exposure.search"])
def test_a_section_s_description_lists_the_pages_that_need_it(section: str) -> None:
    described = Exposure.model_fields[section.split(".")[1]].description or ""
    listed = set()
    for kind, numbers in re.findall(r"(Table|Figure)s? ([\d, toand]+)", described):
        for first, last in re.findall(r"(\d+)(?: to (\d+))?", numbers):
            listed |= {f"{kind} {number}" for number in range(int(first), int(last or first) + 1)}
    pages = [page for page in PAGES if page.number and section in page.shown.needs]
    assert listed == {page.heading.partition(".")[0] for page in pages}


def test_what_can_be_made_may_be_asked_for() -> None:
    require(plan(), [*(page.page.name for page in planned(plan())), "results/tables/exposure_table1.md", "all", "-n"])


@pytest.mark.parametrize(
    ("page", "lacking"),
    [
        ("exposure_table6", "exposure.radial, with a run of task one_vs_rest"),
        ("exposure_fig22", "exposure.search, with a run of network cbam_resnet18 or head, filter lpf, direction best"),
        (
            "exposure_table14",
            "exposure.benchmark, with a run of task leave_one_out, network lenet; or clip, with a data set of task "
            "leave_one_out, at most 32 pixels a side",
        ),
    ],
)
def test_what_is_lacking_is_told_to_the_letter(page: str, lacking: str) -> None:
    with pytest.raises(UserError, match=f"^{page} cannot be made: the configuration lacks {re.escape(lacking)}"):
        require(plan("exposure", "clip"), [page])

"""The catalogue of pages: its sections, and what a list says of a page."""

from pathlib import Path

import yaml

from oneclass.config import load
from oneclass.pages.catalogue import PAGES
from oneclass.pages.plan import planned
from oneclass.plan.plan import Plan


def test_the_names_of_sections_sort_in_the_order_of_the_catalogue() -> None:
    names = list(dict.fromkeys(page.section.name for page in PAGES))
    assert names == sorted(names)
    assert len({page.section.number for page in PAGES}) == len(names)


def test_the_pages_of_a_section_follow_one_another() -> None:
    numbers = [page.section.number for page in PAGES]
    assert numbers == sorted(numbers)


def test_a_section_is_of_the_paper_of_its_pages() -> None:
    papers = {"objective": "1", "exposure": "2"}
    assert all(page.section.paper == papers[page.name.split("_")[0]] and page.section.about for page in PAGES)


def test_the_entry_of_a_page_is_plain_data() -> None:
    config = load(yaml.safe_load(Path("configs/ci.yaml").read_text(encoding="utf-8")))
    entries = [page.entry for page in planned(Plan(config, Path("workflow_scripts")))]
    assert yaml.safe_load(yaml.safe_dump(entries)) == entries
    [table4] = [entry for entry in entries if entry["name"] == "objective_table4"]
    assert table4["section"]["number"] == "1.2" and table4["section"]["paper"] == "1"
    assert (table4["kind"], table4["files"]) == ("tables", ["html", "csv", "md"])

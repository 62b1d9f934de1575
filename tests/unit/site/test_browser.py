"""The site in a real browser, from its file."""

from pathlib import Path
from typing import Any

import pytest

ROWS = "[...document.querySelectorAll('#table1 tbody tr:not(.group)')].map(row => row.cells[0].textContent)"
EVIL = "<img src=x onerror=document.title='run'>"


@pytest.fixture
def opened(browser: Any, site: Path) -> Any:
    browser.open(site.as_uri())
    return browser


def press(browser: Any, column: int) -> str:
    """Sort by a column; the order that is told to a screen reader."""
    browser.js(f"document.querySelectorAll('#table1 thead button')[{column}].click()")
    return str(browser.js(f"document.querySelectorAll('#table1 thead th')[{column}].ariaSort"))


def test_it_opens_without_an_error_and_asks_for_nothing_from_elsewhere(opened: Any, site: Path) -> None:
    loaded = "Promise.all([...document.images].map(image => { image.loading = 'eager'; return image.decode(); }))"
    opened.js(loaded)
    assert opened.js("[...document.images].every(image => image.naturalWidth === 400)")
    assert opened.js("document.title") == "Results: one-class anomaly detection"  # no name was run as a script
    assert opened.errors == []
    asked = [address for address in opened.requested if not address.startswith(("about:", site.parent.as_uri()))]
    assert asked == []


def test_a_table_sorts_by_number_and_back_with_its_average_last(opened: Any) -> None:
    before = opened.js(ROWS)
    assert before == ["b", "a", EVIL, "Average"]
    assert press(opened, 1) == "descending" and opened.js(ROWS) == ["a", "b", EVIL, "Average"]
    assert press(opened, 1) == "ascending" and opened.js(ROWS) == ["b", "a", EVIL, "Average"]
    assert press(opened, 2) == "descending" and opened.js(ROWS) == ["a", EVIL, "b", "Average"]  # 95.5 before 8.0
    assert press(opened, 0) == "ascending" and opened.js(ROWS) == [EVIL, "a", "b", "Average"]
    assert press(opened, 0) == "descending" and opened.js(ROWS) == ["b", "a", EVIL, "Average"]
    assert press(opened, 0) == "None" and opened.js(ROWS) == before
    assert opened.js("document.querySelector('#table1 tbody').rows[0].className") == "group"
    assert opened.errors == []


def test_the_papers_numbers_can_be_hidden(opened: Any) -> None:
    seen = "[...document.querySelectorAll('#table1 td .published')].filter(one => one.checkVisibility()).length"
    assert opened.js(seen) == 3
    opened.js("document.querySelector('#both').click()")
    assert opened.js(seen) == 0
    assert not opened.js("document.querySelector('#table1 tbody').rows[3].checkVisibility()")  # has no other number
    opened.js("document.querySelector('#both').click()")
    assert opened.js(seen) == 3


@pytest.mark.parametrize("width", [390, 1400])
def test_it_fits_a_telephone_and_a_screen_light_and_dark(browser: Any, site: Path, width: int) -> None:
    colours = set()
    for dark in (False, True):
        browser.look(width, dark=dark)
        browser.open(site.as_uri())
        assert browser.js("document.documentElement.scrollWidth") <= width
        colours.add(browser.js("getComputedStyle(document.body).backgroundColor"))
    assert colours == {"rgb(255, 255, 255)", "rgb(23, 23, 26)"}


def test_it_can_be_used_by_keyboard_and_screen_reader(opened: Any) -> None:
    opened.press("Tab")
    assert opened.js("document.activeElement.textContent") == "Skip to the content"
    nodes = opened.call("Accessibility.getFullAXTree")["nodes"]
    names = {
        (node["role"]["value"], node["name"]["value"].strip()) for node in nodes if node.get("name", {}).get("value")
    }
    assert {("navigation", "Contents"), ("button", "kNN"), ("image", f"Figures fig1 {EVIL}")} <= names
    assert ("checkbox", "Show the papers' numbers in tables, too") in names
    assert ("region", f"Table {EVIL}") in names


def test_printing_unfolds_what_is_folded(opened: Any) -> None:
    folded = "document.querySelectorAll('details:not([open])').length"
    before = opened.js(folded)
    opened.js("dispatchEvent(new Event('beforeprint'))")
    assert before > 0 and opened.js(folded) == 0
    opened.js("dispatchEvent(new Event('afterprint'))")
    assert opened.js(folded) == before
    assert opened.call("Page.printToPDF")["data"]

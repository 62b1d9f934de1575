"""The site and the report of the smallest run in a real browser."""

import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from oneclass.pages.catalogue import PAGES

LINKS = "[...document.querySelectorAll('a[href], img[src]')].map(one => one.href || one.src)"
LOAD = "Promise.all([...document.images].map(image => { image.loading = 'eager'; return image.decode(); }))"
LEAVES = (
    "[...document.querySelectorAll('nav *')].filter(one => !one.children.length).map(one => one.textContent.trim())"
)
PRESS = (
    "[...document.querySelectorAll('nav *')].find(one => !one.children.length && one.textContent.trim() === %s).click()"
)
ROWS = "[...document.querySelectorAll('nav table tbody tr')]"


def files(addresses: list[str]) -> set[Path]:
    """The files on this machine that are referred to."""
    return {Path(unquote(urlsplit(address).path)) for address in addresses if address.startswith("file:")}


def test_every_page_of_the_site_opens_and_every_link_leads_somewhere(browser: Any, finished: Path) -> None:
    results = finished / "results"
    seen: set[Path] = set()
    unseen = {results / "index.html"}
    while unseen:
        page = unseen.pop()
        seen.add(page)
        browser.open(page.as_uri())
        browser.js(LOAD)
        assert browser.js("document.title")
        linked = files(browser.js(LINKS))
        assert all(file.exists() and file.is_relative_to(results) for file in linked), page
        places = browser.js(LINKS + ".filter(one => one.startsWith(location.href.split('#')[0] + '#'))")
        for place in places:
            assert browser.js(f"document.getElementById({json.dumps(urlsplit(place).fragment)}) !== null"), place
        unseen |= {file for file in linked if file.suffix == ".html"} - seen
    assert browser.errors == []
    made = [page for page in PAGES if (results / page.kind / f"{page.name}.csv").is_file()]
    shown = {results / "tables" / f"{page.name}.html" for page in made if page.kind == "tables"}
    assert len(made) >= 40 and shown <= seen
    assert [address for address in browser.requested if not address.startswith(("file:", "data:", "about:"))] == []


@pytest.mark.parametrize("width", [390, 1400])
def test_the_site_of_a_run_is_as_wide_as_the_screen(browser: Any, finished: Path, width: int) -> None:
    browser.look(width)
    browser.open((finished / "results/index.html").as_uri())
    assert browser.js("document.documentElement.scrollWidth") <= width


def test_the_report_opens_with_its_sections_and_pages_in_order_and_their_captions(
    browser: Any, workflow: Any, finished: Path, tmp_path: Path
) -> None:
    workflow.run("--report", str(tmp_path / "report.zip"))
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        archive.extractall(tmp_path)
    [report] = tmp_path.rglob("report.html")
    browser.open(report.as_uri())
    made = [page for page in PAGES if (finished / f"results/{page.kind}/{page.name}.csv").is_file()]
    names = list(dict.fromkeys(page.section.name for page in made))
    browser.wait(f"{LEAVES}.includes({json.dumps(names[-1])})")
    assert [text for text in browser.js(LEAVES) if text in names] == names
    for name in names:
        pages = [page for page in made if page.section.name == name]
        browser.js(PRESS % json.dumps(name))
        browser.wait(f"{ROWS}.length > 0")
        shown = browser.js(f"{ROWS}.map(row => row.cells[0].textContent)")
        assert [text.partition(" ")[2] for text in shown] == [page.heading for page in pages]
        for number, page in enumerate(pages):
            browser.js(f"{ROWS}[{number}].querySelector('[iconname=information-circle]').click()")
            browser.wait(f"document.body.textContent.includes({json.dumps(page.caption.split()[-1].strip('*'))})")
            browser.js(PRESS % json.dumps(name))
            browser.wait(f"{ROWS}.length > 0")
        browser.js(f"{ROWS}[0].querySelector('[iconname=eye]').click()")
        browser.js(PRESS % json.dumps("Results"))
        browser.wait(f"{LEAVES}.includes({json.dumps(names[0])}) && {LEAVES}.includes({json.dumps(names[-1])})")
    assert len(names) > 8 and browser.errors == []

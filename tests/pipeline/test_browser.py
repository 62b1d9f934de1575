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
MENU = "[...document.querySelectorAll('nav button, nav a, nav li')].map(one => one.textContent.trim())"


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


def test_the_report_opens_with_its_sections_in_order(
    browser: Any, workflow: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow.run("--report", str(tmp_path / "report.zip"))
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        archive.extractall(tmp_path)
    [report] = tmp_path.rglob("report.html")
    browser.open(report.as_uri())
    names = list(dict.fromkeys(page.section.name for page in PAGES))
    browser.wait(f"document.body.textContent.includes({json.dumps(names[0])})")
    shown = [text for text in browser.js(MENU) if text in names]
    assert list(dict.fromkeys(shown)) == [name for name in names if name in shown] and len(set(shown)) > 8
    assert browser.errors == []

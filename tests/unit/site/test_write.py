"""The site of a run: its words and addresses, the same bytes each time."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from oneclass.site.contents import caption, picture, sections

EVIL = "<img src=x onerror=document.title='run'>"


def addresses(page: str) -> set[str]:
    """What a page refers to."""
    return set(re.findall(r'(?:href|src)="([^"]*)"', page))


def test_every_address_is_of_a_file_beside_it_a_place_in_it_or_a_paper(site: Path) -> None:
    text = site.read_text()
    found = addresses(text)
    assert {address for address in found if address.startswith("https:")} == {
        "https://arxiv.org/abs/2308.11898",
        "https://arxiv.org/abs/2205.11474",
    }
    places = {address[1:] for address in found if address.startswith("#")}
    identifiers = re.findall(r' id="([^"]*)"', text)
    assert places <= set(identifiers) and len(set(identifiers)) == len(identifiers)
    files = {address for address in found if not address.startswith(("https:", "#"))}
    assert {"configuration.yaml", "detector/cells/card.html", "figures/fig1.png", "logs/tables/table2.log"} <= files
    assert all((site.parent / file.split("#")[0]).is_file() and not file.startswith("/") for file in files)
    jobs = (site.parent / "jobs.html").read_text()
    assert all(f'id="{file.split("#")[1]}"' in jobs for file in files if file.startswith("jobs.html#"))


def test_names_are_escaped(site: Path) -> None:
    assert EVIL not in site.read_text()
    assert site.read_text().count("&lt;img") > 10


def test_the_same_files_give_the_same_bytes_anywhere(site: Path, make: Callable[..., Path], tmp_path: Path) -> None:
    before = site.read_bytes()
    moved = site.parent.rename(tmp_path / "moved")
    assert make(moved).read_bytes() == before
    assert str(tmp_path).encode() not in before


def test_the_configuration_is_beside_it(site: Path) -> None:
    assert yaml.safe_load((site.parent / "configuration.yaml").read_text()) == {"seed": 1, "label": EVIL}


def test_a_run_of_detectors_alone_has_a_site(make: Callable[..., Path]) -> None:
    text = make(pages=[], behind={}).read_text()
    assert 'href="detector/cells/card.html"' in text and 'id="paper-1"' not in text


def test_pages_are_in_the_sections_of_the_catalogue(results: Path, entry: Callable[..., dict[str, Any]]) -> None:
    found = sections([entry("fig1", "figures"), entry("table1", "tables"), entry("fig2", "figures", "2")], results)
    assert [(section.number, [page.name for page in section.pages]) for section in found] == [
        ("1.1", ["fig1", "table1"]),
        ("2.1", ["fig2"]),
    ]


def test_a_caption_is_escaped_and_its_emphasis_kept() -> None:
    assert caption("Of *every\nkind*, a < b.", "objective", {}) == "Of <em>every kind</em>, a &lt; b."


def test_a_picture_has_the_size_in_its_file(results: Path) -> None:
    shown = picture(results, "figures/fig1.svg")
    assert (shown.path, shown.width, shown.height) == ("figures/fig1.svg", 400, 200)


def test_a_picture_without_a_size_is_refused(results: Path) -> None:
    (results / "figures" / "bad.svg").write_text("<svg></svg>")
    with pytest.raises(ValueError, match=r"bad\.svg: no SVG with a width"):
        picture(results, "figures/bad.svg")

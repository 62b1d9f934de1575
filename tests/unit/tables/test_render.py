"""Files of a table: self-contained, escaped, whole, the same bytes each time."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from oneclass.tables.cells import Best
from oneclass.tables.render import Table, fragment, html, markdown, render

TITLE = "Table <1>"


@pytest.fixture
def table() -> Table:
    index = pd.MultiIndex.from_tuples([("<b>", "here"), ("a|b", "published")], names=["Data & set", "Value"])
    wide = pd.DataFrame(
        [[Best("1.0 ± 0.1"), "2.0"], ["3.0", "–"]], index=index, columns=["norm 1", "MS (published)"], dtype=object
    )
    tidy = pd.DataFrame(
        {"dataset": ["x"], "class": ["mean"], "method": ["projector"], "metric": ["image_auroc"], "mean": [1.0]}
    )
    return Table("Caption & more.", tidy, wide, ["First <note>.", "Second."])


class Cells(HTMLParser):
    """Tags with their attributes, and the text of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parse(page: str) -> Cells:
    parser = Cells()
    parser.feed(page)
    return parser


def test_html_escapes_everything(table: Table) -> None:
    page = parse(html(table, TITLE))
    assert {tag for tag, _ in page.tags}.isdisjoint({"b", "note", "1"})
    for text in ("Table <1>", "Caption & more.", "<b>", "Data & set", "First <note>."):
        assert text in page.text


def test_html_needs_nothing_but_itself(table: Table) -> None:
    page = parse(html(table, TITLE))
    assert {"script", "link", "img", "iframe"}.isdisjoint(tag for tag, _ in page.tags)
    assert not any({"src", "href"} & set(attributes) for _, attributes in page.tags)
    assert "url(" not in html(table, TITLE) and "@import" not in html(table, TITLE)
    assert "prefers-color-scheme: dark" in html(table, TITLE) and "viewport" in html(table, TITLE)


def test_every_number_says_where_it_is_from_to_eye_and_ear(table: Table) -> None:
    page = html(table, TITLE)
    body = re.sub(r"\s+", " ", page.split("<tbody>")[1].split("</tbody>")[0])
    assert re.findall(r'<div class="(\w+)">(.*?)</div>', body) == [
        ("here", "<strong>1.0 ± 0.1</strong>"),
        ("published", '2.0<span class="unseen"> published</span>'),
        ("published", '3.0<span class="unseen"> published</span>'),
    ]
    cells = [attributes["data-label"] for tag, attributes in parse(page).tags if tag == "td"]
    assert cells == ["norm 1", "MS", "norm 1", "MS"]
    for text in ("measured by this run (here)", "printed in the paper (published)", "bold: the best of several"):
        assert text in page
    assert "here − published" not in page


def test_a_table_can_be_scrolled_by_keyboard_and_has_a_name(table: Table) -> None:
    [region] = [attributes for _, attributes in parse(html(table, TITLE)).tags if "role" in attributes]
    assert region["role"] == "region" and region["tabindex"] == "0" and region["aria-label"] == TITLE


def test_a_fragment_is_the_page_below_its_title_with_folded_notes(table: Table) -> None:
    part = fragment(html(table, TITLE))
    assert part.strip().startswith("<p>Caption &amp; more.</p>") and part.strip().endswith("</details>")
    assert "<details>" in part and "<table>" in part and "<h1>" not in part and "<main>" not in part


def test_markdown(table: Table) -> None:
    assert markdown(table, TITLE) == (
        "## Table <1>\n\nCaption & more.\n\n"
        "| Data & set | Value | norm 1 | MS (published) |\n"
        "| --- | --- | ---: | ---: |\n"
        "| <b> | here | **1.0 ± 0.1** | 2.0 |\n"
        "| a\\|b | published | 3.0 | – |\n\n"
        "- First <note>.\n- Second.\n"
    )


def test_render_writes_three_whole_files_with_stable_bytes(table: Table, tmp_path: Path) -> None:
    stem = tmp_path / "tables" / "objective_table1.v2"
    render(table, TITLE, stem)
    first = {path.name: path.read_bytes() for path in stem.parent.iterdir()}
    render(table, TITLE, stem)
    assert {path.name: path.read_bytes() for path in stem.parent.iterdir()} == first
    assert sorted(first) == [f"objective_table1.v2.{suffix}" for suffix in ("csv", "html", "md")]
    assert first["objective_table1.v2.csv"].startswith(b"dataset,class,method,metric,mean,std,repetitions,")

"""Files of a table: self-contained, escaped, whole, the same bytes each time."""

from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from oneclass.tables.render import Table, html, markdown, render

TITLE = "Table <1>"


@pytest.fixture
def table() -> Table:
    index = pd.MultiIndex.from_tuples([("<b>", "here"), ("a|b", "published")], names=["Data & set", "Value"])
    wide = pd.DataFrame([["1.0 ± 0.1", "2.0"], ["3.0", "–"]], index=index, columns=["norm 1", "MS (published)"])
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


def test_every_number_says_where_it_is_from(table: Table) -> None:
    kinds = [(a["class"], a["data-label"]) for tag, a in parse(html(table, TITLE)).tags if tag == "td"]
    assert kinds == [
        ("here", "norm 1"),
        ("published", "MS (published)"),
        ("published", "norm 1"),
        ("published", "MS (published)"),
    ]


def test_markdown(table: Table) -> None:
    assert markdown(table, TITLE) == (
        "## Table <1>\n\nCaption & more.\n\n"
        "| Data & set | Value | norm 1 | MS (published) |\n"
        "| --- | --- | ---: | ---: |\n"
        "| <b> | here | 1.0 ± 0.1 | 2.0 |\n"
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

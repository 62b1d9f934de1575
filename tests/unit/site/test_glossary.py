"""The glossary, and the links of captions to it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from oneclass.pages.catalogue import PAGES
from oneclass.site.contents import caption
from oneclass.site.glossary import NAMES, TERMS, anchor, explained


def test_every_name_has_a_term_and_every_term_a_place_of_its_own() -> None:
    assert set(NAMES.values()) <= set(TERMS) and len({anchor(term) for term in TERMS}) == len(TERMS)
    assert list(TERMS) == sorted(TERMS, key=lambda term: re.sub(r"[^a-z0-9 ]", "", term.lower()))


def test_every_name_is_in_some_caption() -> None:
    texts = " ".join(caption(page.caption, page.name.split("_")[0], {}) for page in PAGES)
    assert {f'href="#{anchor(term)}"' for term in NAMES.values()} <= set(re.findall(r'href="[^"]*"', texts))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("By MS. MS again.", 'By <a href="#term-ms">MS</a>. MS again.'),
        ("Items, forms", "Items, forms"),
        ("Feasible <em>MS</em>", '<a href="#term-feasible">Feasible</a> <em><a href="#term-ms">MS</a></em>'),
        (
            '<a href="#x">MS and <em>epoch</em></a>, MS',
            '<a href="#x">MS and <em>epoch</em></a>, <a href="#term-ms">MS</a>',
        ),
        ('<p title="MS">', '<p title="MS">'),
        ("See docs/closed_form.md.", 'See <a href="#term-docs">docs/closed_form.md</a>.'),
    ],
)
def test_the_first_of_a_name_is_linked_outside_of_links(html: str, expected: str) -> None:
    assert explained(html) == expected


def test_the_site_has_every_term(make: Callable[..., Path]) -> None:
    text = make().read_text()
    assert all(f'id="{anchor(term)}"' in text for term in TERMS) and 'href="#glossary"' in text

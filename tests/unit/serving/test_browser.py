"""The page in a real browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from oneclass.detector.scorer import Scorer

EVIL = "<img src=x onerror=document.title='run'>.png"


@pytest.fixture
def files(tmp_path: Path, picture: Callable[..., bytes]) -> list[Path]:
    """An anomalous picture, two normal ones, one of them with a hostile name, and none at all."""
    contents = {"bad.png": picture(1, True), EVIL: picture(2), "good.tif": picture(3, kind="TIFF"), "text.png": b"text"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return [tmp_path / name for name in contents]


def rows(browser: Any) -> list[tuple[str, str, str]]:
    """Each result: its name, its class and what is said."""
    found = browser.js(
        "[...document.querySelectorAll('#results li')].map(item => "
        "[item.querySelector('h2').textContent, item.className, item.querySelector('p').textContent])"
    )
    return [tuple(row) for row in found]


def test_pictures_are_chosen_dropped_and_judged(
    browser: Any, service: Callable[..., Any], scorer: Scorer, files: list[Path]
) -> None:
    address, *_ = service()
    browser.open(address + "/")
    browser.wait("document.title === 'Detector plates <b>'")
    assert "what is bright is anomalous" in browser.js("document.querySelector('#summary').textContent")

    browser.choose(*files)
    browser.wait("document.querySelector('#status').textContent === '1 anomalous, 2 normal, 1 not scored'")
    scores = {file.name: f"{scorer.score(Image.open(file)).score:#.4g}" for file in files[:3]}
    kinds = {"bad.png": "anomalous", EVIL: "normal", "good.tif": "normal"}
    found = {name: (kind, said) for name, kind, said in rows(browser)}
    for name, kind in kinds.items():
        assert found[name] == (kind, f"{kind.capitalize()}: score {scores[name]}, threshold 0.5000")
    assert found["text.png"][0] == "failed" and "not a picture" in found["text.png"][1]

    images = browser.js("[...document.images].map(image => [image.alt, image.naturalWidth])")
    assert sorted(images) == sorted([f"Anomaly map over {name}", 80] for name in kinds)
    assert browser.js("document.title") == "Detector plates <b>"  # the hostile name is shown, and not run
    assert browser.js("document.querySelectorAll('h1 b').length") == 0

    browser.js("document.querySelector('#clear').click()")
    assert rows(browser) == [] and browser.js("document.querySelector('#status').textContent") == ""
    content = list(files[0].read_bytes())
    browser.js(
        f"const moved = new DataTransfer(); moved.items.add(new File([new Uint8Array({content})], 'dropped.png')); "
        "document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: moved, bubbles: true, cancelable: true}))"
    )
    browser.wait("document.querySelector('#status').textContent === '1 anomalous, 0 normal'")
    assert rows(browser)[0][:2] == ("dropped.png", "anomalous")
    assert [url for url in browser.requested if not url.startswith((address, "data:", "about:"))] == []


def test_the_page_can_be_used_by_keyboard_screen_reader_and_telephone(
    browser: Any, service: Callable[..., Any], files: list[Path]
) -> None:
    address, *_ = service()
    browser.look(390)
    browser.open(address + "/")
    browser.choose(*files)
    browser.wait("!document.querySelector('#status').textContent.includes('waiting') && document.images.length === 3")
    reached = []
    for _ in range(3):
        browser.press("Tab")
        reached.append(browser.js("document.activeElement.id || document.activeElement.textContent"))
    assert reached == ["pictures", "clear", "The detector for programs"]
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    names = {(node["role"]["value"], node["name"]["value"]) for node in nodes if node.get("name", {}).get("value")}
    assert ("list", "Results") in names and ("image", "Anomaly map over bad.png") in names
    assert any(role == "button" and name.startswith("Drop pictures here") for role, name in names)
    assert any(node["role"]["value"] == "status" for node in nodes)
    for path in ("/", "/docs"):
        browser.open(address + path)
        assert browser.js("document.documentElement.scrollWidth") <= 390
    light = browser.js("getComputedStyle(document.body).backgroundColor")
    browser.look(390, dark=True)
    dark = browser.js("getComputedStyle(document.body).backgroundColor")
    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(23, 23, 26)")


def test_another_site_s_page_gets_nothing(browser: Any, service: Callable[..., Any], files: list[Path]) -> None:
    address, *_ = service()
    other, *_ = service()
    browser.call("Page.setBypassCSP", enabled=True)
    browser.open(other + "/docs")  # the same machine, another origin
    browser.statuses.clear()
    body = f"new Uint8Array({list(files[0].read_bytes())})"
    sent = f"fetch('{address}/score', {{method: 'POST', mode: 'no-cors', body: {body}}})"
    assert browser.js(f"{sent}.then(() => 'an answer', () => 'nothing')") == "nothing"
    browser.js("0")  # reads what is left to read
    assert browser.statuses == [403]

"""The page in a real browser: Chromium, driven by its DevTools protocol over a pair of pipes."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from oneclass.detector.scorer import Scorer

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, which is not on the PATH")
EVIL = "<img src=x onerror=document.title='run'>.png"


class Browser:
    """A page of Chromium without a window, and the addresses that it asked for."""

    def __init__(self, profile: Path) -> None:
        theirs, self._write = os.pipe()
        self._read, back = os.pipe()
        flags = "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --remote-debugging-pipe"
        command = f'exec "$0" {flags} --user-data-dir="$1" about:blank 3<&{theirs} 4>&{back}'
        self.process = subprocess.Popen(
            ["bash", "-c", command, str(CHROMIUM), str(profile)],
            pass_fds=(theirs, back),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(back)
        self._buffer, self._number, self._session = b"", 0, ""
        self.requested: list[str] = []
        self.statuses: list[int] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "DOM", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """The result of a command of the protocol."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def _message(self) -> Any:
        while b"\0" not in self._buffer:
            got = os.read(self._read, 2**16)
            assert got, "Chromium has ended"
            self._buffer += got
        line, self._buffer = self._buffer.split(b"\0", 1)
        message = json.loads(line)
        if message.get("method") == "Network.requestWillBeSent":
            self.requested.append(message["params"]["request"]["url"])
        if message.get("method") == "Network.responseReceivedExtraInfo":  # those, too, that the page is not shown
            self.statuses.append(message["params"]["statusCode"])
        return message

    def js(self, expression: str) -> Any:
        """The value of a JavaScript expression, or what it promises."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def wait(self, condition: str) -> None:
        until = time.monotonic() + 60
        while not self.js(condition):
            assert time.monotonic() < until, self.js("document.body.innerText")
            time.sleep(0.05)

    def open(self, address: str) -> None:
        self.call("Page.navigate", url=address)
        self.wait(f"location.href.startsWith({json.dumps(address)}) && document.readyState === 'complete'")

    def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=9)

    def choose(self, *files: Path) -> None:
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector="#pictures")["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._write)
        os.close(self._read)


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def files(tmp_path: Path, picture: Callable[..., bytes]) -> list[Path]:
    """An anomalous picture, two normal ones, one of them with a hostile name, and none at all."""
    contents = {"bad.png": picture(1, True), EVIL: picture(2), "good.tif": picture(3, kind="TIFF"), "text.png": b"text"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return [tmp_path / name for name in contents]


def rows(browser: Browser) -> list[tuple[str, str, str]]:
    """Each result: its name, its class and what is said."""
    found = browser.js(
        "[...document.querySelectorAll('#results li')].map(item => "
        "[item.querySelector('h2').textContent, item.className, item.querySelector('p').textContent])"
    )
    return [tuple(row) for row in found]


def test_pictures_are_chosen_dropped_and_judged(
    browser: Browser, service: Callable[..., Any], scorer: Scorer, files: list[Path]
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
    browser: Browser, service: Callable[..., Any], files: list[Path]
) -> None:
    address, *_ = service()
    browser.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)
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
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    dark = browser.js("getComputedStyle(document.body).backgroundColor")
    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(23, 23, 26)")


def test_another_site_s_page_gets_nothing(browser: Browser, service: Callable[..., Any], files: list[Path]) -> None:
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

"""What the service answers, request by request."""

import base64
import io
import math
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from oneclass.data import images
from oneclass.detector.overlay import overlay
from oneclass.detector.scorer import Scorer
from oneclass.scoring.regions import regions
from oneclass.serving import app as module
from oneclass.serving.app import Limits, create
from oneclass.serving.pictures import read

LIMITS = Limits(megabytes=1, megapixels=0.5, seconds=20, requests=4)
HERE = "http://127.0.0.1:8000"
Make = Callable[..., bytes]


@pytest.fixture
def client(scorer: Scorer) -> Iterator[TestClient]:
    with TestClient(create(scorer, {"name": "plates", "summary": "All is well."}, LIMITS, 2), base_url=HERE) as client:
        yield client


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_picture_that_is_the_body_gets_the_scorer_s_score(client: TestClient, scorer: Scorer, picture: Make) -> None:
    content = picture(anomalous=True)
    answer = client.post("/score", content=content)
    expected = scorer.score(opened(content))
    [found] = answer.json()["pictures"]
    assert answer.status_code == 200 and expected.anomalous
    assert answer.json()["threshold"] == scorer.threshold
    assert (found["score"], found["anomalous"], found["overlay"]) == (expected.score, True, None)
    assert (found["name"], found["page"], found["width"], found["height"]) == (None, None, 80, 50)


@pytest.mark.parametrize("content_type", ["image/png", "application/x-www-form-urlencoded", "text/plain"])
def test_the_content_decides_and_not_its_declared_type(client: TestClient, picture: Make, content_type: str) -> None:
    assert client.post("/score", content=picture(), headers={"content-type": content_type}).status_code == 200


def test_files_of_a_form_are_answered_in_their_order(client: TestClient, scorer: Scorer, picture: Make) -> None:
    contents = [picture(seed, seed == 1) for seed in range(5)]
    answer = client.post("/score", files=[("file", (f"{seed}.png", each)) for seed, each in enumerate(contents)])
    found = [(each["name"], each["score"], each["anomalous"]) for each in answer.json()["pictures"]]
    scores = [scorer.score(opened(each)) for each in contents]
    assert found == [(f"{seed}.png", each.score, seed == 1) for seed, each in enumerate(scores)]


def test_the_overlay_is_that_of_scoring(client: TestClient, scorer: Scorer, picture: Make) -> None:
    content = picture(anomalous=True)
    [found] = client.post("/score?overlay=1", content=content).json()["pictures"]
    known = opened(content)
    expected = overlay(known, scorer.score(known).map, scorer.normal_level, scorer.threshold, scorer.share)
    assert np.array_equal(np.asarray(opened(base64.b64decode(found["overlay"]))), np.asarray(expected))


def test_regions_are_those_of_scoring(client: TestClient, scorer: Scorer, picture: Make) -> None:
    content = picture(anomalous=True)
    [found] = client.post("/score", content=content).json()["pictures"]
    assert found["regions"] == regions(scorer.score(opened(content)).map, scorer.threshold, (80, 50), 1.0)
    [box] = [region["box"] for region in found["regions"]]
    assert np.abs(np.array(box) - [10, 10, 40, 40]).max() <= 3


def kinds() -> dict[str, Image.Image]:
    """Pictures as cameras, programs and people save them, by the names of files."""
    pixels = np.random.default_rng(0).integers(0, 256, (50, 80, 4), dtype=np.uint8)
    colour, grey = Image.fromarray(pixels[..., :3]), Image.fromarray(pixels[..., 0])
    turned = colour.copy()
    turned.getexif()[0x0112] = 6
    return {
        "rgb.png": colour,
        "alpha.png": Image.fromarray(pixels),
        "palette.png": colour.convert("P"),
        "grey.bmp": grey,
        "bit.tif": grey.convert("1"),
        "deep.png": Image.fromarray(pixels[..., 0].astype(np.uint16) * 16),
        "cmyk.jpg": colour.convert("CMYK"),
        "turned.jpg": turned,
        "alpha.webp": Image.fromarray(pixels),
    }


@pytest.mark.parametrize("name", kinds())
def test_a_picture_is_decoded_as_in_scoring(client: TestClient, scorer: Scorer, tmp_path: Path, name: str) -> None:
    image = kinds()[name]
    image.save(tmp_path / name, exif=image.getexif())
    loaded = images.load(tmp_path, name)
    [found] = client.post("/score", content=(tmp_path / name).read_bytes()).json()["pictures"]
    assert (found["score"], found["width"], found["height"]) == (scorer.score(loaded).score, *loaded.size)
    assert loaded.size == ((50, 80) if name == "turned.jpg" else (80, 50))


def pages(count: int, size: tuple[int, int] = (80, 50), kind: str = "TIFF") -> bytes:
    shades = [Image.new("L", size, 10 * number % 250) for number in range(count)]
    buffer = io.BytesIO()
    shades[0].save(buffer, kind, save_all=True, append_images=shades[1:])
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["TIFF", "GIF"])
def test_each_page_is_answered(client: TestClient, kind: str) -> None:
    found = client.post("/score", content=pages(25, kind=kind)).json()["pictures"]
    assert [page["page"] for page in found] == list(range(1, 26))
    assert [page["anomalous"] for page in found] == [number > 12 for number in range(25)]


def test_pages_count_together(client: TestClient) -> None:
    assert client.post("/score", content=pages(2, (500, 500))).status_code == 200
    answer = client.post("/score", content=pages(3, (500, 500)))
    assert (answer.status_code, answer.json()["detail"]) == (413, "0.75 megapixels; the most is 0.5")
    answer = client.post("/score", content=pages(101, (1, 1)))
    assert (answer.status_code, answer.json()["detail"]) == (413, "101 pages are more than 100")


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises so many pixels, and that has none of them."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"")


def eps() -> bytes:
    """What Pillow would hand to another program."""
    return b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n"


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"", 422, "no picture"),
        (b"hello", 415, "not a picture (.avif .bmp"),
        (eps(), 415, "not a picture"),
        (bomb(1000, 501), 413, "0.501 megapixels; the most is 0.5"),
        (bomb(60000, 60000), 413, "pixels"),
        (bomb(1000, 500), 422, "cannot be read as an image"),
        (b"\0" * 1_000_001, 413, "more than 1 MB"),
    ],
)
def test_what_cannot_be_scored_is_refused_with_the_reason(
    client: TestClient, content: bytes, status: int, reason: str
) -> None:
    for answer in (client.post("/score", content=content), client.post("/score", content=iter([content]))):
        assert (answer.status_code, reason in answer.json()["detail"]) == (status, True), answer.text


def test_a_truncated_picture_is_damaged(client: TestClient, picture: Make) -> None:
    for kind in ("PNG", "JPEG", "BMP", "TIFF", "WEBP"):
        content = picture(size=(200, 200), kind=kind)
        assert client.post("/score", content=content).status_code == 200
        answer = client.post("/score", content=content[: len(content) // 2])
        assert answer.status_code in (415, 422), kind


def test_all_unreadable_files_are_named(client: TestClient, picture: Make) -> None:
    contents = {"a.png": picture(), "b.png": b"no picture", "c.png": picture()[:300]}
    answer = client.post("/score", files=[("file", each) for each in contents.items()])
    assert answer.status_code == 415
    assert [part.split(":")[0] for part in answer.json()["detail"].split("; ")] == ["b.png", "c.png"]


def test_a_form_that_is_not_of_files_is_refused(client: TestClient, picture: Make) -> None:
    with_text = client.post("/score", data={"a": "b"}, files={"file": ("a.png", picture())})
    torn = client.post("/score", content=b"--x", headers={"content-type": "multipart/form-data"})
    assert (with_text.status_code, torn.status_code) == (400, 400)


def test_a_detector_whose_numbers_are_none_is_an_error(
    client: TestClient, scorer: Scorer, picture: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def run(self, *_: object) -> Any:
            return [np.full((1, 32, 32), np.nan, np.float32)], np.array([np.nan], np.float32)

    monkeypatch.setattr(scorer, "session", Broken())
    answer = client.post("/score", content=picture())
    assert answer.status_code == 500 and "may be damaged" in answer.json()["detail"]


def test_what_a_page_needs_to_know(client: TestClient, scorer: Scorer) -> None:
    about = client.get("/detector").json()
    assert (about["name"], about["summary"], about["threshold"]) == ("plates", "All is well.", scorer.threshold)
    assert (about["most_megabytes"], about["most_megapixels"], about["most_seconds"]) == (1, 0.5, 20)
    assert client.get("/health").json() == {"status": "ok", "requests": 0, "most_requests": 4}


def test_without_a_card_there_is_no_name(scorer: Scorer) -> None:
    about = TestClient(create(scorer, {}, LIMITS, 1), base_url=HERE).get("/detector").json()
    assert about["name"] is about["summary"] is None


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Pictures are judged only after this is set."""
    go, judge = threading.Event(), module.judge

    def waiting(*arguments: Any) -> Any:
        go.wait()
        return judge(*arguments)

    monkeypatch.setattr(module, "judge", waiting)
    return go


def test_a_full_queue_says_to_come_again(client: TestClient, picture: Make, slow: threading.Event) -> None:
    answers: list[int] = []
    senders = [
        threading.Thread(target=lambda: answers.append(client.post("/score", content=picture()).status_code))
        for _ in range(LIMITS.requests)
    ]
    for sender in senders:
        sender.start()
    while client.get("/health").json()["requests"] < LIMITS.requests:  # answered all the while
        pass
    refused = client.post("/score", content=picture())
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    slow.set()
    for sender in senders:
        sender.join()
    assert answers == [200] * LIMITS.requests
    assert client.post("/score", content=picture()).status_code == 200


def test_what_takes_too_long_is_given_up(scorer: Scorer, picture: Make, slow: threading.Event) -> None:
    limits = Limits(megabytes=1, megapixels=1, seconds=0.2, requests=1)
    with TestClient(create(scorer, {}, limits, 1), base_url=HERE) as client:
        answers = [client.post("/score", content=picture()) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [503, 503]  # and its place was free again
        assert "not done within 0.2 seconds" in answers[1].json()["detail"]
        slow.set()


def test_other_addresses_and_methods(client: TestClient) -> None:
    assert client.get("/score").status_code == 405
    assert client.get("/nothing").status_code == 404
    assert client.get("/static/../app.py").status_code == 404


def test_the_page_for_programmers_says_all_that_there_is(client: TestClient) -> None:
    page = client.get("/docs").text
    described = client.get("/openapi.json").json()
    assert set(described["paths"]) == {"/score", "/health", "/detector"}
    assert all(f" {path}</code>" in page for path in described["paths"])
    for status in described["paths"]["/score"]["post"]["responses"]:
        assert f"<code>{status}</code>" in page
    assert "list of Picture" in page and "string or null" in page


def test_a_grey_picture_with_12_bits_is_scored_as_the_detector_was_fitted() -> None:
    deep, file = np.arange(4096, dtype=np.uint16).reshape(64, 64), io.BytesIO()
    Image.fromarray(deep).save(file, "PNG")
    for white, brightest in ((4095, 255), (65535, 16)):
        [(_, picture)] = read(file, math.inf, white)
        assert np.asarray(picture).max() == brightest
